# SPDX-License-Identifier: Apache-2.0
"""Limits of the HTTP boundary: sizes, slow clients, many clients."""

import contextlib
import json
import re
import selectors
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.client import new_email, new_password, source_address, wait_until
from harness.crowd import Crowd, many_files
from harness.raw_http import RawConnection, exchange

pytestmark = pytest.mark.past_the_gateway("its limits are its own; test_gateway_limits.py has them")

KIB = 1024
HEADER_SECONDS = 10
POST = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


@pytest.fixture(params=["user", "notification"])
def port(request, stack):
    return stack.user_port if request.param == "user" else stack.notification_port


@pytest.fixture
def limited(stack):
    """The port, and the beginning of a request that may have a body."""
    return stack.user_port


def test_a_body_within_the_limit_is_read(limited):
    body = b'{"email":"a@example.com","password":"' + b"x" * 1000 + b'"}'
    padded = body + b" " * (64 * KIB - len(body))
    answer = exchange(limited, f"{POST}Content-Length: {len(padded)}\r\n\r\n".encode() + padded)
    assert answer.status == 401


def test_a_body_beyond_the_limit_is_refused_before_it_is_sent(limited):
    with RawConnection(limited) as connection:
        connection.send(f"{POST}Content-Length: {64 * KIB + 1}\r\n\r\n")
        answer = connection.read_answer()
        assert (answer.status, answer.json()["code"]) == (413, "payload_too_large")
        assert connection.closed_by_server()


def test_a_client_that_sends_it_all_the_same_can_read_the_answer(limited):
    with RawConnection(limited) as connection:
        connection.send(f"{POST}Content-Length: {512 * KIB}\r\n\r\n".encode() + b"x" * 512 * KIB)
        assert connection.read_answer().status == 413


def test_a_chunked_body_beyond_the_limit_is_refused(limited):
    with RawConnection(limited) as connection:
        connection.send(f"{POST}Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        for _ in range(24):
            if not connection.try_send(chunk):
                break
        answer = connection.read_answer()
    assert (answer.status, answer.json()["code"]) == (413, "payload_too_large")


def test_a_chunk_of_absurd_size_is_refused(limited):
    with RawConnection(limited) as connection:
        connection.send(f"{POST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx")
        assert connection.read_answer().status in (400, 413)


def test_a_header_beyond_16_kib_is_refused(port):
    assert exchange(port, get("/ready", "X-Long: " + "x" * (15 * KIB))).status == 200
    for text in (
        get("/ready", "X-Long: " + "x" * (17 * KIB)),
        get("/ready", *[f"X-{n}: {n}" for n in range(2000)]),
        get("/" + "x" * 17 * KIB),
    ):
        with RawConnection(port) as connection:
            connection.send(text)
            answer = connection.read_answer()
            assert (answer.status, answer.json()["code"]) == (431, "header_too_large")


def test_a_header_that_never_ends_is_refused(port):
    with RawConnection(port) as connection:
        connection.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n")
        for number in range(3000):
            if not connection.try_send(f"X-{number}: {'x' * 60}\r\n".encode()):
                break
        answer = connection.read_answer()
    assert answer.status == 431


def trickle(port: int) -> tuple[int, str, float, bool]:
    """Sends a header byte by byte, for ever."""
    started = time.monotonic()
    with RawConnection(port, 0.5) as connection:
        connection.send("GET /ready HTTP/1.1\r\nX-Slow: ")
        while time.monotonic() - started < 2 * HEADER_SECONDS:
            connection.try_send(b"x")
            with contextlib.suppress(TimeoutError):
                answer = connection.read_answer()
                return answer.status, answer.json()["code"], time.monotonic() - started, connection.closed_by_server()
    raise AssertionError("a header may take for ever")


def test_slow_headers_time_out_with_408_and_are_closed(stack):
    """Both services at once: each waits out the header time-out of 10 s."""
    with ThreadPoolExecutor(2) as pool:
        for status, code, seconds, closed in pool.map(trickle, [stack.user_port, stack.notification_port]):
            assert (status, code) == (408, "request_timeout")
            assert HEADER_SECONDS - 1 < seconds < HEADER_SECONDS + 4
            assert closed


def test_a_thousand_idle_connections_do_no_harm(stack, api, account):
    """Of ten addresses: one alone may not have so many."""
    with many_files(), Crowd(stack.user_port) as users, Crowd(stack.notification_port) as notifications:
        for number in range(1100):
            users.join(f"127.20.0.{1 + number % 10}")
            notifications.join(f"127.20.0.{1 + number % 10}")
        half_open = users.sockets[:50] + notifications.sockets[:50]
        for each in half_open:
            each.sendall(b"GET /rea")
        slowest = 0.0
        for _ in range(30):
            started = time.monotonic()
            assert api.profile(account.bearer).status_code == 200
            assert api.notification.get("/ready").status_code == 200
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 0.5
        for each in half_open:
            each.sendall(b"dy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        for each in half_open:
            assert each.recv(12) == b"HTTP/1.1 200"


@pytest.mark.no_containers("Docker's proxy calls from one address, whoever calls it")
def test_one_address_gets_256_connections(stack):
    greedy = source_address()
    with many_files(), Crowd(stack.user_port) as crowd:
        for _ in range(300):
            crowd.join(greedy)
        wait_until(lambda: crowd.still_open() == 256, what="the end of all but 256 connections")
        assert exchange(stack.user_port, get("/ready")).status == 200
        text = httpx.get(f"{stack.user_url}/metrics", trust_env=False).text
    assert int(re.search(r'^sayur_http_connections_refused_total\{limit="client"\} (\d+)', text, re.MULTILINE)[1]) >= 44


def test_a_refusal_is_short_whatever_was_sent(limited):
    """At most 20 faults, and 64 characters of a name."""
    names = [f"{number}{'n' * 900}" for number in range(60)]
    for body, status in (
        (json.dumps(dict.fromkeys(names, 0)), 422),
        (json.dumps(dict.fromkeys(range(5000), 0)), 400),
        ('{"' + "n" * 30_000 + '":1,"' + "n" * 30_000 + '":2}', 400),
    ):
        answer = exchange(limited, f"{POST}Content-Length: {len(body)}\r\n\r\n{body}")
        assert answer.status == status
        assert len(answer.body) < 6000
        assert len(answer.json().get("errors", [])) in (0, 20)
        assert "n" * 65 not in answer.body.decode()


def test_a_client_that_reads_nothing_does_not_stop_the_others(stack, api):
    with RawConnection(stack.user_port, seconds=1) as connection:
        for _ in range(400):
            if not connection.try_send(get("/metrics") * 5):
                break
        started = time.monotonic()
        assert api.user.get("/health").status_code == 200
        assert time.monotonic() - started < 0.5


def test_a_client_that_vanishes_in_mid_request_is_forgotten(stack, api):
    for _ in range(50):
        gone = socket.create_connection(("127.0.0.1", stack.user_port), timeout=10)
        gone.sendall(f"{POST}Content-Length: 100\r\n\r\n".encode() + b'{"email":')
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        gone.close()
    assert api.user.get("/health").status_code == 200


@pytest.mark.no_containers("Docker's proxy calls from one address, whoever calls it")
def test_beyond_the_queue_of_hashes_logins_are_refused_at_once(stack, api):
    """Overload: what does not fit into the bounded queue gets 503 with Retry-After at once; what does is served."""
    connections = [RawConnection(stack.user_port, 30, source_address()) for _ in range(400)]
    waiting = selectors.DefaultSelector()
    for each in connections:
        body = json.dumps({"email": new_email(), "password": new_password()})
        each.send(f"{POST}Content-Length: {len(body)}\r\n\r\n{body}")
        waiting.register(each, selectors.EVENT_READ)
    sent = time.monotonic()
    statuses, last_refusal = Counter(), 0.0
    while waiting.get_map():
        for key, _ in waiting.select(30):
            waiting.unregister(key.fileobj)
            answer = key.fileobj.read_answer()
            statuses[answer.status] += 1
            if answer.status == 503:
                assert answer.json()["code"] == "overloaded"
                assert int(answer.headers["retry-after"]) >= 1
                last_refusal = time.monotonic() - sent
    for each in connections:
        each.close()
    assert statuses.keys() == {401, 503}, statuses
    assert statuses[401] >= 64
    assert last_refusal < 2
    assert api.login(new_email(), new_password()).status_code == 401
