# SPDX-License-Identifier: Apache-2.0
"""Slow and breaking connections between the services and each of their servers: time-outs hold, nothing hangs, nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
import time

import httpx
import pytest

from harness.client import Api, new_email, new_password, wait_until
from harness.compose import DATA_SERVERS
from harness.compose_stack import ComposeStack
from harness.processes import free_port
from kill.rounds import Load, Reckoning, expect_nothing_lost, reckon

pytestmark = pytest.mark.timeout(600)
SLOW = {"latency": 200, "jitter": 100}  # ms, each way
DEAD = {"latency": 60_000}
ANSWER_SECONDS = 15  # within which a request is answered, whatever a server does
REGISTRATIONS = 10


@pytest.fixture(scope="module")
def proxied():
    program = shutil.which("toxiproxy-server")
    if program is None:
        pytest.skip("toxiproxy-server is not installed")
    port = free_port()
    files = ("docker-compose.yml", "tests/deployments/toxiproxy.yml")
    running = ComposeStack(files, TOXIPROXY_SERVER=program, TOXIPROXY_PORT=str(port))
    running.toxics = f"http://127.0.0.1:{port}"
    yield running
    running.close()


@contextlib.contextmanager
def toxic(stack, server: str, kind: str, attributes: dict):
    """In force on the way back from `server`, for connections that are open too."""
    at = f"{stack.toxics}/proxies/{server}/toxics"
    # What is held back already is let out first: a minute, at most.
    with httpx.Client(trust_env=False, timeout=90) as control:
        control.post(at, json={"name": kind, "type": kind, "stream": "downstream", "attributes": attributes}).raise_for_status()
        try:
            yield
        finally:
            control.delete(f"{at}/{kind}").raise_for_status()


def recovered(api: Api) -> bool:
    return api.register(new_email(), new_password()).status_code == 202


@pytest.mark.parametrize("server", DATA_SERVERS)
def test_a_slow_server_slows_and_nothing_more(proxied, server):
    api = Api(proxied)
    with toxic(proxied, server, "latency", SLOW):
        made = api.new_account()
        assert api.profile(made.bearer).status_code == 200
        assert api.logout(made.bearer).status_code == 204
    api.close()


@pytest.mark.parametrize("server", DATA_SERVERS)
def test_a_server_that_answers_too_late_lets_no_request_hang(proxied, server):
    api, past_the_gateway = Api(proxied), Api(proxied, **proxied.service_urls)
    with toxic(proxied, server, "latency", DEAD):
        for _ in range(3):
            began = time.monotonic()
            answer = api.register(new_email(), new_password())
            assert time.monotonic() - began < ANSWER_SECONDS
            assert answer.status_code == (503 if server == "postgres" else 202), answer.text
        assert past_the_gateway.user.get("/health").status_code == 200
    wait_until(lambda: recovered(api), 60, f"registrations with {server} again")
    api.settle()
    past_the_gateway.close()
    api.close()


@pytest.mark.parametrize("server", DATA_SERVERS)
def test_nothing_acknowledged_is_lost_when_connections_are_reset(proxied, server, capfd):
    result = Reckoning()
    with Load(proxied) as load:
        for _ in range(3):
            accepted, attempts = len(load.accepted), load.attempts
            with toxic(proxied, server, "reset_peer", {"timeout": 300}):
                result.faults[server] += 1
                wait_until(lambda n=attempts: load.attempts >= n + REGISTRATIONS, 60, "attempts with resets")
            wait_until(lambda n=accepted: len(load.accepted) >= n + REGISTRATIONS, 60, "registrations without")
    reckon(proxied, load, result)
    with capfd.disabled():
        print(f"\n{result}")
    expect_nothing_lost(result)
