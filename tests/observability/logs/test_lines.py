# SPDX-License-Identifier: Apache-2.0
"""Which lines reach the store, under which names, and what becomes of those that cannot be read."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from harness.client import SECRETS, new_email, new_password, token_of, wait_until
from harness.server import ServerError
from observability.logs.chain import good_line, new_mark, same
from observability.logs.stores import FAILURES, LINES

REQUESTED_BY = {
    ("gateway", "request"),
    ("user-service", "request"),
    ("user-service", "event published"),
    ("notification-service", "event"),
    ("notification-service", "delivery attempt"),
}
pytestmark = pytest.mark.timeout(600)


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


def test_a_bad_line_stops_nothing_and_is_kept(chain, say):
    marks = {kind: new_mark() for kind in BAD}
    last = new_mark()
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
    marks = {address: new_mark() for address in [*ADDRESSES, *NO_ADDRESSES]}
    chain.write("addresses", [json.dumps({**good_line(mark), "client.ip": address}).encode() for address, mark in marks.items()])
    for address, mark in marks.items():
        good = LINES, {"term": {"request_id": mark}}
        bad = FAILURES, {"match_phrase": {"event.original": mark}}
        asked = good if address in ADDRESSES else bad
        wait_until(lambda asked=asked: chain.store.count(*asked) == 1, 30, f"{chain.name}: {address!r} in {asked[0]}")


def test_equal_lines_that_cannot_be_read_are_all_kept(chain):
    mark = new_mark()
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
    docker, containerd, halves, foreign, neighbour = (json.dumps(good_line(new_mark())) for _ in range(5))
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
