# SPDX-License-Identifier: Apache-2.0
"""Whether the time of an answer tells if an address has an account, or a registration that waits."""

import http.client
import itertools
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, new_email, new_password, source_address

pytestmark = pytest.mark.timeout(1800)

KNOWN = 150

# Below what one client may ask for, or fail at, in a quarter of an hour.
REQUESTS_OF_ONE_CLIENT = 90

# Of hashes that take 20 ms and more: enough that chance alone is beyond the bound once in 500 runs.
REQUESTS_WITH_A_HASH = 8_000
TRIES_OF_ONE_REGISTRATION = 4


def area_under_curve(ones: list[float], others: list[float]) -> float:
    """The chance that one of `ones` is larger than one of `others` (Mann-Whitney); 0.5 when the two cannot be told apart."""
    ranked = sorted([(value, True) for value in ones] + [(value, False) for value in others])
    ranks = sum(rank for rank, (_, is_one) in enumerate(ranked, 1) if is_one)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


class Clients:
    """Asks one after the other, from another address whenever one has had its share."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked = 0
        self.connection = None

    def time_of(self, path: str, body: dict, status: int) -> float:
        if self.asked % REQUESTS_OF_ONE_CLIENT == 0:
            self.close()
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, source_address=(source_address(), 0))
            self.connection.connect()
        self.asked += 1
        text = json.dumps(body)
        started = time.perf_counter()
        self.connection.request("POST", f"/api/v1/auth/{path}", text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        taken = time.perf_counter() - started
        assert answer.status == status
        return taken

    def close(self) -> None:
        if self.connection:
            self.connection.close()


def expect_alike(stack, path: str, requests: int, status: int, body_for) -> None:
    """`body_for(True)` is about an address of the kind that must not show; both bodies are of one length."""
    clients = Clients(stack.user_port)
    times: dict[bool, list[float]] = {True: [], False: []}
    order = [True, False] * (requests // 2)
    random.shuffle(order)
    for is_known in order:
        times[is_known].append(clients.time_of(path, body_for(is_known), status))
    clients.close()
    area = area_under_curve(times[True], times[False])
    print(f"{path}: AUC {area:.4f} over {requests} interleaved requests ({stack.mode})")
    assert abs(area - 0.5) <= 0.02


@pytest.fixture(scope="module")
def known(stack) -> list[str]:
    api = Api(stack)
    emails = [api.new_account(log_in=False).email for _ in range(KNOWN)]
    api.close()
    return emails


def test_forgot_password(stack, known):
    expect_alike(stack, "forgot-password", 20_000, 202, lambda is_known: {"email": random.choice(known) if is_known else new_email()})


def test_register(stack, known):
    turns = itertools.cycle(known)

    def body(is_known: bool) -> dict:
        return {"email": next(turns) if is_known else new_email(), "password": new_password(), "name": "Ani"}

    expect_alike(stack, "register", REQUESTS_WITH_A_HASH, 202, body)


@pytest.mark.parametrize(("path", "status"), [("resend-verification", 202), ("login", 401)])
def test_a_registration_that_waits(stack, path, status):
    def register(_) -> tuple[str, str]:
        email, password = new_email(), new_password()
        api = Api(stack)
        assert api.register(email, password).status_code == 202
        api.close()
        return email, password

    with ThreadPoolExecutor(2) as pool:
        waiting = list(pool.map(register, range(REQUESTS_WITH_A_HASH // 2 // TRIES_OF_ONE_REGISTRATION)))
    turns = itertools.cycle(waiting)

    def body(is_waiting: bool) -> dict:
        email, password = next(turns) if is_waiting else (new_email(), new_password())
        return {"email": email, "password": password}

    expect_alike(stack, path, REQUESTS_WITH_A_HASH, status, body)
