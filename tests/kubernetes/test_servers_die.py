# SPDX-License-Identifier: Apache-2.0
"""The pods of the data servers die while people register: how long until they are served again, and that nothing acknowledged is lost."""

from __future__ import annotations

import time

import pytest

from harness.client import wait_until
from harness.kubernetes_stack import DATA_SERVERS
from kill.rounds import Load, Reckoning, expect_nothing_lost, reckon

pytestmark = pytest.mark.timeout(600)
REGISTRATIONS = 5


@pytest.mark.parametrize("name", DATA_SERVERS)
def test_a_dying_server_loses_nothing_acknowledged(stack, say, name):
    result = Reckoning()
    pod = f"{name}-0"
    before = stack.namespace.get("pod", pod)["metadata"]["uid"]
    with Load(stack) as load:
        wait_until(lambda: len(load.accepted) >= REGISTRATIONS, 120, "registrations before")
        began = time.monotonic()
        # SIGKILL a second after SIGTERM; the name is free only when every process is gone, so that no two share a volume.
        stack.namespace.kubectl("delete", "pod", pod, "--grace-period=1", "--wait")
        result.faults[name] += 1
        wait_until(lambda: ready_again(stack, pod, before), 180, f"another {name}")
        another = time.monotonic() - began
        accepted = len(load.accepted)
        wait_until(lambda: len(load.accepted) > accepted, 120, f"a registration with {name} again")
        served = time.monotonic() - began
        wait_until(lambda: len(load.accepted) >= accepted + REGISTRATIONS, 120, "registrations after")
    reckon(stack, load, result)
    say(f"{name} killed: ready again after {another:.1f} s, registrations again after {served:.1f} s; {result}")
    expect_nothing_lost(result)


def ready_again(stack, pod: str, before: str) -> bool:
    found = stack.namespace.try_kubectl("get", "pod", pod, "--output=jsonpath={.metadata.uid} {.status.containerStatuses[0].ready}")
    uid, _, ready = found.stdout.partition(" ")
    return found.returncode == 0 and uid != before and ready == "true"
