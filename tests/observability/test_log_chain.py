# SPDX-License-Identifier: Apache-2.0
"""The way of log lines, all of it real: both services, their servers and the gateway → a shipper → a store. Needs the lab's tools
(MICRO_SAYUR_LAB names their folder) and, for the shipper of containers, a program that FLUENT_BIT names."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from harness.client import SECRETS, Api, new_email, new_password, token_of, wait_until
from harness.log_lines import fault_of, faults
from harness.packages import REPOSITORY
from harness.processes import Session
from harness.server import ServerError
from harness.stack import DistributedStack
from observability.log_gateway import Gateway
from observability.log_load import Load, milliseconds
from observability.log_shippers import SHIPPERS
from observability.log_stores import FAILURES, LINES, Door, Store

SECONDS_AWAY = 60
REQUESTED_BY = {
    ("gateway", "request"),
    ("user-service", "request"),
    ("user-service", "event published"),
    ("notification-service", "event"),
    ("notification-service", "delivery attempt"),
}
WRITERS = {"gateway", "user-service", "notification-service"}
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def lab_tool():
    """The path of a tool of the lab."""
    install = Path(os.environ.get("MICRO_SAYUR_LAB", REPOSITORY.parent / "shared")) / "lab-tools/install"
    if not install.exists():
        pytest.skip(f"there is no {install}; MICRO_SAYUR_LAB names the folder that has lab-tools")
    return lambda name: subprocess.run([install, name], capture_output=True, text=True, check=True).stdout.split()[-1]


@pytest.fixture(scope="module")
def world(request, lab_tool):
    """Both services on their servers, and the gateway."""
    running = DistributedStack(request.config.getoption("--preset"))
    try:
        running.gateway = Gateway(running, lab_tool("envoy"))
        yield running
        assert faults(running.session.directory) == []
        assert [(line, wrong) for line in running.gateway.log.read_text().splitlines() if (wrong := fault_of(line))] == []
    finally:
        running.close()


def same(line: dict) -> str:
    """What is equal for a line in its file and in the store, where Fluent Bit gives it an id and more digits of its time."""
    own = {name: value for name, value in line.items() if name != "line_id"}
    return json.dumps({**own, "@timestamp": line["@timestamp"].rstrip("Z")[:26]}, sort_keys=True)


class Chain:
    """One shipper and one store behind it, which has what the world wrote from its beginning on."""

    def __init__(self, session: Session, world, shipper: str, program: str, engine: str, engine_program: str) -> None:
        self.world, self.name = world, f"{shipper} → {engine}"
        self.store = Store(session, engine, engine_program)
        self.door = Door(self.store)
        servers = {name: server.log for name, server in world.servers.items()}
        self.shipper = SHIPPERS[shipper](session, program, self.door.port, world.session.directory, servers)

    def write(self, name: str, lines: list[bytes]) -> None:
        """To a file of the test's own."""
        with (self.world.session.directory / f"made-{name}.log").open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))

    def written(self) -> set[str]:
        """The different lines of the services and the gateway, as far as they are whole, each as `same` has it."""
        files = [each for each in self.world.session.directory.glob("*.log") if not each.name.startswith("made-")]
        lines = {line for each in files for line in each.read_text().split("\n")[:-1] if line}
        return {same(json.loads(line)) for line in lines}

    def stored(self) -> list[str]:
        return [same(line) for line in self.store.documents(LINES) if line["service.name"] in WRITERS]

    def wait_for_all(self, seconds: float) -> tuple[int, int]:
        """Until the store has all that is written by now; returns how many lines that is, and how many of them it lacks."""
        written = self.written()
        with contextlib.suppress(AssertionError):
            wait_until(lambda: written <= set(self.stored()), seconds)
        stored = self.stored()
        assert len(stored) == len(set(stored)), f"{self.name} has a line twice"
        return len(written), len(written - set(stored))

    def close(self) -> None:
        self.shipper.close()
        self.door.close()
        self.store.close()


@pytest.fixture(scope="module", params=["rsyslog", "fluent-bit"])
def shipper(request, lab_tool):
    if request.param == "rsyslog":
        return request.param, lab_tool("rsyslogd")
    if not (program := os.environ.get("FLUENT_BIT")):
        pytest.skip("FLUENT_BIT names no program: this shipper was not executed")
    return request.param, program


@pytest.fixture(scope="module", params=["elasticsearch", "opensearch"])
def chain(request, world, shipper, lab_tool):
    with Session() as session, contextlib.closing(Chain(session, world, *shipper, request.param, lab_tool(request.param))) as made:
        assert made.wait_for_all(120)[1] == 0, made.shipper.said()[-2000:]  # what was written before there was a shipper
        yield made


@pytest.fixture
def say(capsys):
    def aloud(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return aloud


@pytest.fixture
def api(world):
    made = Api(world, user_url=f"{world.gateway.url}/users", notification_url=f"{world.gateway.url}/notifications")
    yield made
    made.close()


def test_one_registration_is_found_by_its_request_id(chain, world, api, say):
    request_id = f"chain-{uuid.uuid4().hex}"
    began = time.monotonic()
    assert api.register(new_email(), new_password(), headers={"X-Request-Id": request_id}).status_code == 202

    def found() -> list[dict]:
        lines = chain.store.search(LINES, {"term": {"request_id": request_id}})
        return lines if {(line["service.name"], line["message"]) for line in lines} >= REQUESTED_BY else []

    lines = wait_until(found, 10, f"{chain.name}: the lines of one request, of which there are {REQUESTED_BY}")
    say(f"{chain.name}: {len(lines)} lines of one registration after {time.monotonic() - began:.1f} s")
    times = [line["@timestamp"] for line in lines]
    assert [time[:26].rstrip("Z") for time in times] == sorted(time[:26].rstrip("Z") for time in times)
    assert lines[0]["service.name"] == "gateway"
    assert len({line["trace.id"] for line in lines}) == 1


def test_the_servers_lines_have_the_same_names(chain, world):
    world.servers["rabbitmq"].exchange(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ServerError):
        world.servers["postgres"].run_sql("select nonsense")
    for name, level in (("postgres", "error"), ("rabbitmq", "error"), ("redis", "info")):
        asked = {"bool": {"filter": [{"term": {"service.name": name}}, {"term": {"log.level": level}}]}}
        lines = wait_until(lambda asked=asked: chain.store.search(LINES, asked), 30, f"{chain.name}: a line of {name}")
        assert all(line["message"] and line["@timestamp"].startswith("20") for line in lines)


BAD = {
    "too long": lambda mark: json.dumps({**good_line(mark), "error.message": "x" * 300_000}).encode(),
    "no JSON": lambda mark: f"Traceback (most recent call last): {mark}".encode(),
    "cut": lambda mark: json.dumps(good_line(mark)).encode()[:-9],
    "bad UTF-8": lambda mark: json.dumps(good_line(mark)).encode().replace(b"a good one", b"a bad \xff\xc3\x28 one"),
    "another type": lambda mark: json.dumps({**good_line(mark), "http.response.status_code": "two hundred"}).encode(),
    "somebody else's": lambda mark: json.dumps({"level": "info", "msg": mark}).encode(),
    "no address": lambda mark: json.dumps({**good_line(mark), "client.ip": "x"}).encode(),
    "out of an integer's range": lambda mark: json.dumps({**good_line(mark), "http.response.status_code": 99999999999}).encode(),
    "out of a long one's range": lambda mark: json.dumps({**good_line(mark), "event.duration": 2**63}).encode(),
    "no such month": lambda mark: json.dumps({**good_line(mark), "@timestamp": "2026-99-01T00:00:00.000001Z"}).encode(),
    "before 1970": lambda mark: json.dumps({**good_line(mark), "@timestamp": "1969-12-31T23:59:59.000001Z"}).encode(),
    "too late for nanoseconds": lambda mark: json.dumps({**good_line(mark), "@timestamp": "2300-01-01T00:00:00.000001Z"}).encode(),
    "one of the store's own names": lambda mark: json.dumps({**good_line(mark), "_id": "x"}).encode(),
    "a name of dots": lambda mark: json.dumps({**good_line(mark), "of..dots": 1}).encode(),
    "an object": lambda mark: json.dumps({**good_line(mark), "request_id": {"of": "a request"}}).encode(),
}


def good_line(mark: str) -> dict:
    when = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.000001Z"
    return {"@timestamp": when, "log.level": "info", "service.name": "micro-sayur", "message": f"a good one: {mark}", "request_id": mark}


def test_a_bad_line_stops_nothing_and_is_kept(chain, say):
    marks = {kind: f"mark{uuid.uuid4().hex}" for kind in BAD}
    last = f"mark{uuid.uuid4().hex}"
    counted = chain.shipper.parse_failures()
    chain.write("bad", [*(make(marks[kind]) for kind, make in BAD.items()), json.dumps(good_line(last)).encode()])
    wait_until(lambda: chain.store.count(LINES, {"term": {"request_id": last}}) == 1, 30, f"{chain.name}: the good line after the bad ones")
    for kind, mark in marks.items():
        asked = {"match_phrase": {"event.original": mark}}
        (failure,) = wait_until(lambda asked=asked: chain.store.search(FAILURES, asked), 30, f"{chain.name}: the line {kind}")
        assert failure["event.kind"] == "pipeline_error"
        assert failure["error.message"]
        assert len(failure["event.original"]) <= 33_000
        assert chain.store.count(LINES, {"term": {"request_id": mark}}) == 0, kind
    wait_until(lambda: chain.shipper.parse_failures() >= counted + len(BAD), 30, f"{chain.name}: the shipper's own count")
    say(f"{chain.name}: {len(BAD)} of {len(BAD)} kinds of bad lines under parse_failure")


ADDRESSES = ["192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:192.0.2.1", "fe80::", "::1"]
NO_ADDRESSES = [
    *("", "-", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":::", "1:"),
    *(":1", "12345::", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "192.0.2.1:80", "[::1]", " ::1", "::g"),
]


def test_an_address_is_what_the_store_takes_for_one(chain):
    marks = {address: f"mark{uuid.uuid4().hex}" for address in [*ADDRESSES, *NO_ADDRESSES]}
    chain.write("addresses", [json.dumps({**good_line(mark), "client.ip": address}).encode() for address, mark in marks.items()])
    for address, mark in marks.items():
        good = LINES, {"term": {"request_id": mark}}
        bad = FAILURES, {"match_phrase": {"event.original": mark}}
        asked = good if address in ADDRESSES else bad
        wait_until(lambda asked=asked: chain.store.count(*asked) == 1, 30, f"{chain.name}: {address!r} in {asked[0]}")


def test_equal_lines_that_cannot_be_read_are_all_kept(chain):
    mark = f"mark{uuid.uuid4().hex}"
    chain.write("panic", [f"panic: {mark}".encode()] * 2)
    time.sleep(2)  # two batches that the shipper reads
    chain.write("panic", [f"panic: {mark}".encode()])
    asked = {"match_phrase": {"event.original": mark}}
    wait_until(lambda: chain.store.count(FAILURES, asked) == 3, 30, f"{chain.name}: the same line three times")


def docker_form(line: str, service: str, project: str = "micro-sayur") -> bytes:
    labels = {"com.docker.compose.project": project, "com.docker.compose.service": service}
    return json.dumps({"log": f"{line}\n", "stream": "stdout", "attrs": labels, "time": "2026-01-02T03:04:05.678901234Z"}).encode()


def test_containers_lines_lose_what_their_engine_wrote_around_them(chain, request):
    if "rsyslog" in request.node.name:
        pytest.skip("rsyslog is for servers of one's own, without containers")
    docker, containerd, halves, foreign, neighbour = (json.dumps(good_line(f"mark{uuid.uuid4().hex}")) for _ in range(5))
    others = [docker_form(foreign, "mailpit"), docker_form(neighbour, "redis", "somebody-elses")]
    chain.write("docker", [*others, docker_form(docker, "user-service")])
    around = "2026-01-02T03:04:05.678901234Z stdout"
    pieces = [f"{around} F {containerd}", f"{around} P {halves[:50]}", f"{around} F {halves[50:]}"]
    chain.write("containerd", [piece.encode() for piece in pieces])
    for line in (docker, containerd, halves):
        asked = {"term": {"request_id": json.loads(line)["request_id"]}}
        (found,) = wait_until(lambda asked=asked: chain.store.search(LINES, asked), 30, f"{chain.name}: {line}")
        assert same(found) == same(json.loads(line))
    for mark in (json.loads(line)["request_id"] for line in (foreign, neighbour)):
        assert chain.store.count(LINES, {"term": {"request_id": mark}}) == 0
        assert chain.store.count(FAILURES, {"match_phrase": {"event.original": mark}}) == 0


def test_a_store_that_is_away_costs_no_line(chain, world, say):
    before, lacking = chain.wait_for_all(60)
    assert lacking == 0, chain.shipper.said()[-2000:]
    created, known = chain.door.created, chain.door.known
    with Load(world) as load:
        wait_until(lambda: len(load.seconds) >= 200, 60, "200 requests")
        calm = load.take()
        chain.door.lose_an_answer()
        wait_until(lambda: chain.door.lost_answers, 30, "a batch whose answer is lost")
        chain.store.stop()
        load.take()
        time.sleep(SECONDS_AWAY)  # the fault itself: there is nothing to wait for
        away = load.take()
        chain.store.start()
        wait_until(lambda: chain.door.created > created, 120, f"{chain.name}: lines after the store is back")
    assert load.failed == []
    lines, lost = chain.wait_for_all(180)
    say(
        f"{chain.name}: store away for {SECONDS_AWAY} s: {lines - before} lines shipped, {lost} lost, "
        f"{chain.door.known - known} doubles that their id removed; "
        f"the services before: {milliseconds(calm)}; meanwhile: {milliseconds(away)}"
    )
    assert lost == 0
    assert chain.door.known > known, "the batch whose answer was lost has been sent twice"
    assert statistics.median(away) < 2 * statistics.median(calm) + 0.02


def test_a_shipper_that_is_killed_loses_no_line(chain, world, say):
    before, lacking = chain.wait_for_all(60)
    assert lacking == 0, chain.shipper.said()[-2000:]
    known = chain.door.known
    with Load(world) as load:
        wait_until(lambda: len(load.seconds) >= 100, 60, "100 requests")
        chain.shipper.kill()
        wait_until(lambda: len(load.seconds) >= 200, 60, "100 more")
        chain.shipper.start()
    lines, lost = chain.wait_for_all(120)
    doubles = chain.door.known - known
    say(f"{chain.name}: shipper killed: {lines - before} lines shipped, {lost} lost, {doubles} doubles that their id removed")
    assert lost == 0


def test_a_shipper_that_is_killed_with_lines_waiting_loses_none(chain, say):
    mark, wanted = f"mark{uuid.uuid4().hex}", 20_000
    lines = [json.dumps({**good_line(mark), "event.duration": number}).encode() for number in range(wanted)]
    chain.door.shut.set()
    for began in range(0, wanted, 4000):
        chain.write("waiting", lines[began : began + 4000])
        time.sleep(1)  # what the shipper reads meanwhile waits in it
    chain.shipper.kill()
    chain.shipper.start()
    chain.door.shut.clear()
    began = time.monotonic()
    with contextlib.suppress(AssertionError):
        wait_until(lambda: chain.store.count(LINES, {"term": {"request_id": mark}}) == wanted, 120)
    stored = chain.store.count(LINES, {"term": {"request_id": mark}})
    say(f"{chain.name}: killed with {wanted} lines waiting: {wanted - stored} lost; all there after {time.monotonic() - began:.0f} s")
    assert stored == wanted


def test_no_line_holds_a_secret_or_an_address(chain, world, api):
    made, token = api.new_registration()
    api.verify(token)
    api.must_log_in(made.email, made.password)
    api.login(made.email, new_password())
    api.forgot_password(made.email)
    api.reset_password(token_of(world.wait_for_mails(made.email, 2)[0]), new_password())
    copied = f'insert into accounts select (jsonb_populate_record(a, \'{{"id": "{uuid.uuid4()}"}}\')).* from accounts a limit 1'
    with pytest.raises(ServerError, match="duplicate key"):
        world.run_user_sql(copied)
    api.settle()
    assert "duplicate key" in world.servers["postgres"].log.read_text()
    assert chain.wait_for_all(60)[1] == 0
    wait_until(lambda: chain.store.count(LINES, {"match_phrase": {"message": "duplicate key"}}), 30, "the line of PostgreSQL")
    logs = [*world.session.directory.glob("*.log"), *(server.log for server in world.servers.values())]
    texts = {path.name: path.read_text(errors="replace") for path in logs} | {
        chain.name: json.dumps(chain.store.documents(f"{LINES}*"), ensure_ascii=False)
    }
    wanted = [*SECRETS.all(), *(server.password for server in world.servers.values()), "@example.com", "?token=", "Buka tautan", "$argon2"]
    assert len(wanted) > 10
    assert made.email.endswith("@example.com")
    assert {name: word for name, text in texts.items() for word in wanted if word in text} == {}
