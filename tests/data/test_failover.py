# SPDX-License-Identifier: Apache-2.0
"""The primary's place is taken by its synchronous standby, under load: seconds without writes; nothing that was acknowledged is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from data.replicated_stack import ReplicatedStack
from harness.client import Api, wait_until
from harness.database_load import Load
from harness.patroni import Node, ReplicatedPostgres
from harness.postgres import ServerError

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Loss:
    name: str
    goal_seconds: float
    whom: Callable[[ReplicatedPostgres], Node]
    happen: Callable[[Node], None]


def primary(of: ReplicatedPostgres) -> Node:
    return of.primary


LOSSES = (
    Loss("PostgreSQL killed while its Patroni lives", 10, primary, Node.kill_postgres),
    Loss("switchover", 5, primary, lambda node: node.of.switch_over()),
    Loss("whole node killed", 30, primary, Node.kill),
    Loss("synchronous standby killed", 30, lambda of: of.synchronous_standby, Node.kill),
    # Its connections stay open, and nothing answers: then it wakes up, and believes to be the primary. With Patroni 3.0.2 and the API of
    # etcd 3 every second one was it again.
    *(Loss(f"whole node frozen, {number} of 3", 30, primary, Node.pause) for number in (1, 2, 3)),
)


@pytest.fixture(scope="module")
def stack():
    made = ReplicatedStack("dev")
    yield made
    made.close()


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name.replace(" ", "_").replace(",", ""))
def test_writes_go_on_and_none_is_lost(stack, loss, capfd):
    stack.repair()
    api = Api(stack)
    owner = api.new_account()
    with Load(stack, owner) as load:
        wait_until(lambda: len(load.registered) > 20, 20, "writes")
        lost = loss.whom(stack.cluster)
        loss.happen(lost)
        happened = time.monotonic()
        wait_until(lambda: load.acknowledged[-1] > happened + 2, 60, "writes afterwards")
        after = len(load.registered)
        wait_until(lambda: len(load.registered) > after + 20, 30, "many more")
    gap = load.longest_gap()
    with capfd.disabled():
        print(f"\n{loss.name}: {gap:.1f} s without writes (goal {loss.goal_seconds:.0f}); {load}", flush=True)
    assert set(load.writes) <= {200, 202, 503}, str(load)
    assert set(load.reads) <= {200, 503}, str(load)
    expect_no_write_at(lost)
    found = stack.cluster.run_sql("select email from user_service.registrations").splitlines()
    assert set(load.registered) <= set(found)
    assert gap <= loss.goal_seconds
    for token in load.signed_in[-20:]:
        assert api.refresh(token).status_code == 200
    api.close()


def expect_no_write_at(node: Node) -> None:
    """Also when it comes back: it is a standby then, or what it writes is not acknowledged."""
    if node.process.poll() is None and node.state().get("state") is None:
        node.resume()
    node.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and node.state().get("role") != "replica":
        with pytest.raises(ServerError):
            node.run_sql("set statement_timeout = 500; insert into user_service.idempotency_keys values ('r', 'k', 'f', 1, 'b', now())")
    assert node.state()["role"] == "replica"
    with pytest.raises(ServerError, match="read-only"):
        node.run_sql("create table fenced ()")
