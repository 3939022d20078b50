# SPDX-License-Identifier: Apache-2.0
"""Questions whose answers are larger than they, and clients that do not read what they asked for."""

import json

import pytest

from harness.crowd import MIB, Crowd, many_files, resident_bytes
from harness.raw_http import exchange

LOGIN = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def login(body: bytes) -> bytes:
    return f"{LOGIN}Content-Length: {len(body)}\r\n\r\n".encode() + body


def unknown_fields(count: int, length: int) -> bytes:
    return json.dumps({f"{number:x}{'n' * length}": 0 for number in range(count)}, separators=(",", ":")).encode()


@pytest.mark.parametrize(("count", "length"), [(60, 1000), (60, 1), (5000, 1)])
def test_fields_that_are_not_known_are_answered_with_less_than_was_sent(victim, count, length):
    question = unknown_fields(count, length)
    answer = exchange(victim.user_port, login(question))
    print(f"{len(question)} bytes in, {len(answer.body)} bytes out")
    assert answer.status in (400, 422)
    assert len(answer.body) < 6000


REQUESTS = {
    "the largest document": b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
    "refused fields": login(unknown_fields(5000, 1)) * 8,
    "metrics": b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
}


@pytest.mark.parametrize("what", REQUESTS)
def test_two_hundred_slow_readers_stay_under_64_mib(victim, bystander, what):
    pid = victim.user_service.process.pid
    before = resident_bytes(pid)
    with many_files(), Crowd(victim.user_port) as crowd:
        crowd.ask(REQUESTS[what], 200)
        for _ in range(20):
            assert bystander.user.get("/ready").status_code == 200
        held = resident_bytes(pid)
    print(f"{what}: {before / MIB:.1f} MiB before, {held / MIB:.1f} MiB with 200 slow readers")
    assert held < 64 * MIB
