# SPDX-License-Identifier: Apache-2.0
"""The job of the status page as it runs: beside a Prometheus that answers, refuses or talks nonsense, and with files that are broken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.status_page import FOLDER, expect_valid, history

import status_files as files  # isort: skip
import status_prometheus as prometheus  # isort: skip

NOW = 1_796_000_000
LEVELS = {"sign_in": 0, "registration": 1, "mails": 2}


def series(thing: str, level: object, at: float = NOW, **labels: str) -> dict:
    return {"metric": {"__name__": "status:level", "thing": thing, **labels}, "values": [[at - 15, "0"], [at, str(level)]]}


def answer(*result: dict, status: str = "success") -> dict:
    return {"status": status, "data": {"resultType": "matrix", "result": list(result)}}


def states(found: dict[str, prometheus.Reading]) -> dict[str, str]:
    return {name: each.state for name, each in found.items()}


def test_things_are_those_that_prometheus_records():
    wanted = yaml.safe_load((REPOSITORY / "deployments/observability/slo.yaml").read_text())["status"]["things"]
    assert tuple(each["name"] for each in wanted) == history.THINGS


def test_levels_are_states():
    found = prometheus.readings(answer(*(series(thing, level) for thing, level in LEVELS.items())), NOW)
    assert states(found) == {"sign_in": "operational", "registration": "degraded", "mails": "outage"}


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (series("sign_in", 0, NOW - 61), "its rule is evaluated no more"),
        (series("sign_in", 0, NOW + 61), "a clock is wrong"),
        (series("sign_in", "NaN"), "no number"),
        (series("sign_in", 3), "a level that nobody knows"),
        (series("sign_in", "0.5"), "between two"),
    ],
)
def test_what_is_stale_or_strange_is_not_known(one, why):
    assert states(prometheus.readings(answer(one, series("mails", 0)), NOW)) == {"mails": "operational"}, why


def test_things_that_are_absent_are_not_known_and_others_are():
    assert states(prometheus.readings(answer(series("mails", 1), series("something", 0)), NOW)) == {"mails": "degraded"}


def test_what_comes_from_the_future_hides_nothing():
    both = series("mails", 2) | {"values": [[NOW, "2"], [NOW + 50, "0"]]}
    assert states(prometheus.readings(answer(both), NOW)) == {"mails": "outage"}


def test_of_two_that_record_the_worse_counts():
    pair = [series("mails", 2, replica="a"), series("mails", 0, replica="b")]
    for order in (pair, pair[::-1]):
        assert states(prometheus.readings(answer(*order), NOW)) == {"mails": "outage"}


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        "up",
        {},
        {"status": "error"},
        {"status": "success"},
        answer({"metric": {}}),
        answer({"metric": {}, "values": []}),
        answer("x"),
    ],
)
def test_nonsense_is_no_answer(nonsense):
    with pytest.raises(prometheus.NoAnswer):
        prometheus.readings(nonsense, NOW)


class Prometheus:
    """Answers as `say` has it: a status and a body, made anew for each request."""

    def __init__(self) -> None:
        self.say = lambda: (200, json.dumps(answer(*(series(thing, level, time.time()) for thing, level in LEVELS.items()))))
        self.pause = 0.0  # between two bytes
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                code, body = outer.say()
                self.send_response(code)
                self.end_headers()
                for part in [body] if outer.pause == 0 else body:
                    self.wfile.write(part.encode())
                    time.sleep(outer.pause)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def source():
    made = Prometheus()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_an_answer_that_drips_is_given_up(source, monkeypatch):
    monkeypatch.setattr(prometheus, "TIMEOUT_SECONDS", 0.5)
    source.pause = 0.1
    began = time.monotonic()
    with pytest.raises(prometheus.NoAnswer):
        prometheus.ask(source.url)
    assert time.monotonic() - began < 5


class Running:
    def __init__(self, folder, url: str) -> None:
        self.folder = folder
        self.environment = os.environ | {"STATUS_FOLDER": str(folder), "PROMETHEUS_URL": url, "STATUS_INTERVAL_SECONDS": "1"}
        self.command = [sys.executable, str(FOLDER / "job" / "status_job.py")]
        self.output = folder / "said"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)

    def shown(self) -> dict:
        return expect_valid(json.loads((self.folder / "status.json").read_text()))

    def states(self) -> list[str] | None:
        try:
            return [thing["state"] for thing in self.shown()["things"]]
        except FileNotFoundError:
            return None

    def again(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([*self.command, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0, self.output.read_text()
        return self.output.read_text()


KNOWN, NOT_KNOWN = ["operational", "degraded", "outage"], ["unknown"] * 3


@pytest.fixture
def job(source, tmp_path):
    made: list[Running] = []

    def start() -> Running:
        made.append(Running(tmp_path, source.url))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.process.wait()


def test_it_writes_what_prometheus_says_and_says_when_it_does_not(job, source):
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    assert running.again("--healthy").returncode == 0
    works = source.say
    for fault in ((503, "{}"), (200, "no JSON"), (200, "[" * 100_000), (200, " " * (prometheus.LONGEST_ANSWER + 1)), (302, "")):
        source.say = lambda fault=fault: fault
        wait_until(lambda: running.states() == NOT_KNOWN, 60, f"not known: {fault[0]} {fault[1][:10]}")
        assert all(thing["known_at"] for thing in running.shown()["things"])
        source.say = works
        wait_until(lambda: running.states() == KNOWN, 60, "states again")
    said = running.stop()
    assert said.count("Prometheus answers again") >= 5
    assert not list(running.folder.glob("*.new"))


def test_it_goes_on_where_it_stopped(job, tmp_path):
    now = int(time.time())
    before = history.fold(history.empty(now - 130), now - 100, {"mails": history.Reading("outage", now - 100)}, 60)
    files.write(tmp_path / "history.json", history.to_document(before), 0o600)
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    running.stop()
    after = history.from_document(json.loads((tmp_path / "history.json").read_text()))
    assert after.since == before.since and after.checked_at > before.checked_at
    for day, seconds in before.things["mails"].days.items():
        assert after.things["mails"].days[day]["outage"] >= seconds["outage"] > 0


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\xff\xfe", b'{"version": 1, "since": 17', b"[" * 100_000, b" " * 1_100_000])
def test_a_broken_history_is_set_aside_and_said(job, tmp_path, content):
    (tmp_path / "history.json").write_bytes(content)
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    said = running.stop()
    (aside,) = tmp_path.glob("history.json.aside-*")
    assert aside.read_bytes() == content
    assert "history.json is broken" in said and aside.name in said


def test_what_is_set_aside_is_bounded_and_the_first_are_kept(tmp_path):
    path = tmp_path / "history.json"
    for number in range(files.MOST_ASIDE + 3):
        files.write(path, number, 0o600)
        assert (files.keep_aside(path, number) is None) is (number >= files.MOST_ASIDE)
    assert sorted(json.loads(each.read_text()) for each in tmp_path.glob("*.aside-*")) == list(range(files.MOST_ASIDE))


def test_a_file_that_was_not_written_over_is_not_set_aside_again(tmp_path):
    """As on a full disk, where each look finds it broken anew."""
    path = tmp_path / "history.json"
    files.write(path, 1, 0o600)
    assert {files.keep_aside(path, number).name for number in range(9)} == {"history.json.aside-0"}


def test_a_history_that_cannot_be_read_is_not_written_over(job, tmp_path):
    (tmp_path / "history.json").mkdir()
    running = job()
    wait_until(lambda: "nothing was written" in running.output.read_text(), 60, "a complaint")
    running.stop()
    assert (tmp_path / "history.json").is_dir() and not (tmp_path / "status.json").exists()


def test_a_clock_that_leaps_leaves_a_copy(job, tmp_path):
    then = int(time.time()) - 200 * history.DAY
    old = history.fold(history.empty(then - 1), then, {"mails": history.Reading("outage", then)}, 60)
    files.write(tmp_path / "history.json", history.to_document(old), 0o600)
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    running.stop()
    (aside,) = tmp_path.glob("history.json.aside-*")
    assert json.loads(aside.read_text()) == history.to_document(old)
    assert json.loads((tmp_path / "history.json").read_text())["things"]["mails"]["days"].keys() <= {
        history.day_of(int(time.time())).isoformat()
    }


def test_two_do_not_write_into_one_folder(job):
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    other = running.again()
    assert other.returncode == 1 and "another job" in other.stderr


def test_everybody_reads_the_page_and_nobody_the_history(job, tmp_path):
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    assert (tmp_path / "status.json").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "history.json").stat().st_mode & 0o777 == 0o600


def test_one_that_writes_no_more_is_not_healthy(job, tmp_path):
    running = job()
    wait_until(lambda: running.states() == KNOWN, 60, "states")
    running.stop()
    old = time.time() - 60
    os.utime(tmp_path / "status.json", (old, old))
    assert running.again("--healthy").returncode == 1
