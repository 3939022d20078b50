# SPDX-License-Identifier: Apache-2.0
"""Data servers that go and come back: what was acknowledged is there, and so is everything after `down` and `up`."""

from __future__ import annotations

import pytest

from harness.client import Api, wait_until
from harness.compose import DATA_SERVERS
from kill.rounds import Load, Reckoning, expect_nothing_lost, reckon

pytestmark = pytest.mark.timeout(600)
REGISTRATIONS = 5


@pytest.mark.parametrize("name", DATA_SERVERS)
def test_nothing_acknowledged_is_lost_while_a_server_is_away(repaired, name, capfd):
    result = Reckoning()
    server = repaired.servers[name]
    with Load(repaired) as load:
        wait_until(lambda: len(load.accepted) >= REGISTRATIONS, 90, "registrations before")
        server.stop()
        result.faults[name] += 1
        attempts = load.attempts
        wait_until(lambda: load.attempts >= attempts + REGISTRATIONS, 90, f"attempts without {name}")
        server.start()
        accepted = len(load.accepted)
        wait_until(lambda: len(load.accepted) >= accepted + REGISTRATIONS, 90, f"registrations with {name} again")
    reckon(repaired, load, result)
    with capfd.disabled():
        print(f"\n{result}")
    expect_nothing_lost(result)


def test_data_survive_down_and_up(stack):
    api = Api(stack)
    made = api.new_account(name="Budi Santoso")
    stack.project.down()
    stack.project.up()
    assert api.profile(made.bearer).json()["name"] == "Budi Santoso", "the session lives on, and the key that signed its token"
    assert api.login(made.email, made.password).status_code == 200
    api.new_account()
    api.close()
