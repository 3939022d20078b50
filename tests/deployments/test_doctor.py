# SPDX-License-Identifier: Apache-2.0
"""`./sayur doctor --stack`: every part of what runs, and what to do about one that does not."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from harness.client import wait_until
from harness.compose import DATA_SERVERS, SERVICES
from harness.packages import REPOSITORY


def doctor(stack, *options: str) -> tuple[int, str]:
    command = [REPOSITORY / "sayur", "doctor", "--stack", *options]
    environment = os.environ | stack.project.environment
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def parts(stack) -> dict[str, dict]:
    return {part["name"]: part for part in json.loads(doctor(stack, "--json")[1])}


def test_a_stack_in_which_nothing_is_wrong(repaired):
    wait_until(lambda: doctor(repaired)[0] == 0, 60, "a stack that is whole")
    found = parts(repaired)
    assert {*SERVICES, *DATA_SERVERS, "gateway", "mailpit", "user-service: redis", "notification-service: smtp"} <= found.keys()
    assert all(part["healthy"] and not part["advice"] for part in found.values())
    assert all(part["since"].startswith("20") for name, part in found.items() if ":" not in name)


@pytest.mark.parametrize(
    ("stopped", "felt", "runbook"),
    [("redis", "user-service: redis", "RedisDown"), ("mailpit", "notification-service: smtp", "MailsOverdue")],
)
def test_what_is_wrong_is_named_with_what_feels_it_and_a_runbook(repaired, stopped, felt, runbook):
    wait_until(lambda: doctor(repaired)[0] == 0, 60, "a stack that is whole")
    repaired.project.compose("stop", stopped)
    try:
        wait_until(lambda: not parts(repaired)[felt]["healthy"], 30, f"{felt} to be unhealthy")
        found = parts(repaired)
        for name in (stopped, felt):
            assert found[name]["advice"].endswith(f"docs/operations/runbooks/{runbook}.md"), found[name]
        code, text = doctor(repaired)
        assert code == 1
        assert [line.split()[1] for line in text.splitlines() if line.startswith("WRONG")].count(stopped) == 1
    finally:
        repaired.project.compose("start", stopped)


def test_nothing_runs(stack):
    command = [REPOSITORY / "sayur", "doctor", "--stack"]
    environment = os.environ | stack.project.environment | {"COMPOSE_PROJECT_NAME": "sayur-nothing"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "./sayur compose up" in done.stdout) == (1, True), done.stdout
