# SPDX-License-Identifier: Apache-2.0
"""One client that wants all of the processor's time for hashes: others' logins are at most twice as slow."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.client import source_address

GREEDY_CONNECTIONS = 170
LOGINS = 25

# The service, the greedy client, this test and the database share two cores: what the client itself takes of them is allowed for.
SHARED_CORES = 1.5


def login_time(api, made) -> float:
    times = []
    for _ in range(LOGINS):
        started = time.perf_counter()
        assert api.login(made.email, made.password, made.tokens["device_token"]).status_code == 200
        times.append(time.perf_counter() - started)
    return statistics.median(times)


class Greedy:
    def __init__(self, port: int, path: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("greedy.py")), str(port), source_address(), str(GREEDY_CONNECTIONS), path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answers = ""

    def __enter__(self):
        assert self._process.stdout.readline() == "begun\n"
        return self

    def __exit__(self, *_) -> None:
        self.answers, _ = self._process.communicate("", timeout=30)


@pytest.mark.parametrize("path", ["/api/v1/auth/resend-verification", "/api/v1/auth/register"])
def test_a_greedy_client_slows_others_at_most_to_half(victim, bystander, path):
    made = bystander.new_account()
    quiet = login_time(bystander, made)
    with Greedy(victim.user_port, path) as greedy:
        beside = login_time(bystander, made)
    print(f"login {1000 * quiet:.0f} ms alone, {1000 * beside:.0f} ms beside {GREEDY_CONNECTIONS} connections to {path}: {greedy.answers}")
    assert beside < 2 * SHARED_CORES * quiet, f"{beside / quiet:.1f} times as slow"
