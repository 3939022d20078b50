# SPDX-License-Identifier: Apache-2.0
"""compose.replicas.yml: standbys come to a database that is there, take over when it is lost, and can be left; with a PgBouncer in front
of each, with backups, and with TLS."""

from __future__ import annotations

import json
import time

import pytest

from deployments.test_backup import backups, restore, wait_archived
from deployments.test_production import Production
from harness.client import Account, Api, wait_until
from harness.compose_stack import ComposeStack
from harness.container import Container, docker
from harness.processes import Session
from kill.rounds import Load, Reckoning, expect_nothing_lost, reckon

pytestmark = pytest.mark.timeout(1200)

ALONE = ("docker-compose.yml",)
REPLICATED = (*ALONE, "compose.replicas.yml")
POOLED = (*REPLICATED, "compose.pooler.yml", "compose.replicas.pooler.yml")
KEPT = (*ALONE, "compose.backup.yml", "compose.replicas.yml", "compose.backup.replicas.yml")
NODES = ("postgres", "postgres-2", "postgres-3")
# A node is missed after 20 s. tests/data/test_failover.py holds the promised seconds; these leave room for what else this machine does.
MOST_SECONDS_WITHOUT_WRITES = {"killed": 40, "switchover": 15}


class ReplicatedCompose(ComposeStack):
    def roles(self) -> dict[str, str]:
        """Of each node, as those that run know it."""
        for name in NODES:
            listed = self.project.try_compose("exec", "--no-TTY", name, "patronictl", "list", "--format", "json")
            if listed.returncode == 0:
                return {each["Member"]: each["Role"] for each in json.loads(listed.stdout) if each["State"] == "running"}
        return {}

    def wait_complete(self) -> dict[str, str]:
        """Until there is a primary, and two standbys that follow it."""
        wait_until(lambda: sorted(self.roles().values()) == ["Leader", "Replica", "Sync Standby"], 120, "a primary with two standbys")
        return self.roles()

    @property
    def leader(self) -> Container:
        names = wait_until(lambda: [name for name, role in self.roles().items() if role == "Leader"], 60, "a primary")
        return self.project.container(names[0])

    def run_sql(self, statement: str) -> str:
        node = self.leader if "compose.replicas.yml" in self.project.environment["COMPOSE_FILE"] else self.servers["postgres"]
        return node.execute("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "micro_sayur", "-c", statement).strip()


@pytest.fixture(scope="module")
def world():
    """A stack that has had one database, and the account that was made on it."""
    running = ReplicatedCompose(ALONE)
    api = Api(running)
    made = api.new_account(name="Dewi Lestari")
    api.close()
    running.project.use(POOLED)
    running.project.up()
    yield running, made
    running.close()


def expect_signed_in(stack: ComposeStack, made: Account) -> None:
    api = Api(stack)
    assert api.profile(made.bearer).json()["name"] == made.name
    assert api.login(made.email, made.password).status_code == 200
    api.new_account()
    api.close()


def test_standbys_come_to_a_database_that_is_there(world):
    stack, made = world
    assert stack.wait_complete()["postgres"] == "Leader"
    expect_signed_in(stack, made)


def test_services_come_through_the_poolers(world):
    stack, _ = world
    addresses = {
        json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", stack.project.container(name).id))[
            f"{stack.project.name}_data"
        ]["IPAddress"]
        for name in ("pgbouncer", "pgbouncer-2", "pgbouncer-3")
    }
    asked = "select distinct host(client_addr) from pg_stat_activity where usename in ('user_service', 'notification_service')"
    seen = set(stack.run_sql(asked).splitlines())
    assert seen
    assert seen <= addresses


@pytest.mark.parametrize("loss", MOST_SECONDS_WITHOUT_WRITES)
def test_a_standby_takes_over(world, loss, capfd):
    stack, made = world
    stack.wait_complete()
    result, lost = Reckoning(), stack.leader
    with Load(stack) as load:
        wait_until(lambda: len(load.accepted) >= 5, 90, "registrations before")
        if loss == "killed":
            lost.kill()
        else:
            roles = stack.roles()
            candidate = next(name for name, role in roles.items() if role == "Sync Standby")
            lost.execute("patronictl", "switchover", "micro-sayur", "--leader", lost.name, "--candidate", candidate, "--force")
        result.faults[loss] += 1
        happened, accepted = time.monotonic(), len(load.accepted)
        wait_until(lambda: len(load.accepted) > accepted + 4, MOST_SECONDS_WITHOUT_WRITES[loss], "registrations afterwards")
        seconds = time.monotonic() - happened
    assert stack.leader.name != lost.name
    lost.ensure_running()
    assert stack.wait_complete()[lost.name] != "Leader"
    reckon(stack, load, result)
    with capfd.disabled():
        print(f"\n{loss}: registrations again after {seconds:.1f} s; {result}")
    expect_nothing_lost(result)
    expect_signed_in(stack, made)


def test_nobody_else_can_ask_for_a_switchover(world):
    """Services share a network with the nodes, and not with etcd."""
    stack, _ = world
    leader = stack.leader.name
    script = (
        "import urllib.request, urllib.error\n"
        f'body = b\'{{"leader": "{leader}"}}\'\n'
        "try: urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:8008/switchover', body), timeout=5)\n"
        "except urllib.error.HTTPError as fault: print(fault.code)"
    )
    assert stack.project.container(leader).execute("python3", "-c", script).strip() == "401"
    networks = stack.project.container("etcd").inspect()["NetworkSettings"]["Networks"]
    assert set(networks) == {f"{stack.project.name}_agreement"}


def test_no_password_is_in_the_environment(world):
    stack, _ = world
    for name in (*NODES, "pgbouncer"):
        container = stack.project.container(name)
        seen = container.execute("sh", "-c", "tr '\\0' '\\n' </proc/1/environ; env") + json.dumps(container.inspect()["Config"]["Env"])
        for secret in stack.project.secrets.glob("*_password"):
            assert secret.read_text().strip() not in seen, secret.name


def test_one_node_of_three_acknowledges_nothing_and_loses_nothing(world, capfd):
    """It takes the lead, but with whom would it agree?"""
    stack, made = world
    lost = [stack.project.container(name) for name, role in stack.wait_complete().items() if role != "Sync Standby"]
    result = Reckoning()
    with Load(stack) as load:
        wait_until(lambda: len(load.accepted) >= 5, 90, "registrations before")
        for node in lost:
            node.kill()
            result.faults[node.name] += 1
        wait_until(lambda: stack.leader.name not in {node.name for node in lost}, 60, "the one that is left leads")
        accepted, refused = len(load.accepted), len(load.refused)
        wait_until(lambda: len(load.refused) > refused + 20, 60, "refused registrations")
        assert len(load.accepted) == accepted
        assert Api(stack).profile(made.bearer).status_code == 200, "what only reads goes on"
        lost[0].ensure_running()
        wait_until(lambda: len(load.accepted) > accepted + 4, 120, "registrations with two of three")
    lost[1].ensure_running()
    stack.wait_complete()
    reckon(stack, load, result)
    with capfd.disabled():
        print(f"\ntwo of three nodes killed: {result}")
    expect_nothing_lost(result)


@pytest.mark.parametrize("leads", ["another", "the first"])
def test_standbys_are_left_without_losing_what_they_have(world, leads):
    stack, made = world
    stack.project.use(POOLED)
    stack.project.up()
    stack.wait_complete()
    if leads == "another" and stack.leader.name == "postgres":
        stack.leader.execute("patronictl", "switchover", "micro-sayur", "--leader", "postgres", "--force")
        wait_until(lambda: stack.leader.name != "postgres", 60, "another primary")
        stack.wait_complete()
    assert (stack.leader.name == "postgres") == (leads == "the first"), "after a stack was left, its first node leads the next one"
    api = Api(stack)
    late = api.new_account(name="Agus Salim")
    api.close()
    stack.project.use(ALONE)
    stack.project.up()
    expect_signed_in(stack, made)
    expect_signed_in(stack, late)
    assert stack.run_sql("select count(*) from pg_replication_slots") == "0"
    left = stack.project.compose("ps", "--all", "--services").split()
    assert not {"etcd", "postgres-2", "postgres-3", "pgbouncer"} & set(left)


def test_backups_follow_whoever_leads_and_standbys_begin_anew_after_a_restore(capfd):
    stack = ReplicatedCompose(KEPT)
    try:
        wait_until(lambda: all(backups(stack)), 180, "a backup in each repository")
        stack.wait_complete()
        api = Api(stack)
        before = api.new_account(name="Rina Wati")
        lost = stack.leader
        lost.kill()
        wait_until(lambda: stack.leader.name != lost.name, 60, "another primary")
        # Once more it answers 503 for a moment, when the others have found each other.
        wait_until(lambda: all(api.login(before.email, before.password).status_code == 200 for _ in range(30)), 90, "sign-ins")
        after = api.new_account(name="Budi Hartono")
        wait_archived(stack)
        for number in (1, 2):
            stack.project.compose("exec", "--no-TTY", "backup", "pgbackrest", f"--repo={number}", "--type=incr", "backup")
        lost.ensure_running()
        stack.wait_complete()
        began = time.monotonic()
        done = restore(stack, "--replace")
        assert done.returncode == 0, done.stdout + done.stderr
        roles = stack.wait_complete()
        with capfd.disabled():
            print(f"\nrestored, with two standbys: {time.monotonic() - began:.1f} s; {roles}")
        for made in (before, after):
            assert api.profile(made.bearer).status_code == 401, "its session ended"
            assert api.login(made.email, made.password).status_code == 200
        api.new_account()
        api.close()
        wait_archived(stack)
    finally:
        stack.close()


def test_in_production_nodes_and_poolers_speak_tls_alone(capfd):
    with Session() as session:
        production = Production(
            session,
            *("compose.replicas.yml", "compose.prod.replicas.yml", "compose.pooler.yml"),
            *("compose.prod.pooler.yml", "compose.replicas.pooler.yml", "compose.prod.replicas.pooler.yml"),
        )
        try:
            production.project.up()
            with production.gateway() as client:
                assert production.bearer(client)
            asked = (
                "select usename || ' ' || backend_type, ssl from pg_stat_activity join pg_stat_ssl using (pid)"
                " where client_addr is not null order by 1"
            )
            postgres = production.project.container("postgres")
            seen = postgres.execute("psql", "-XqAt", "-U", "micro_sayur", "-c", asked).splitlines()
            with capfd.disabled():
                print(f"\n{sorted(set(seen))}")
            assert {"micro_sayur walsender|t", "user_service client backend|t", "notification_service client backend|t"} <= set(seen)
            assert not [line for line in seen if line.endswith("|f")]
            for host in ("postgres", "pgbouncer", "pgbouncer-2"):
                plaintext = f"host={host} user=user_service dbname=micro_sayur sslmode=disable"
                refused = production.project.try_compose("exec", "--no-TTY", "postgres", "psql", plaintext, "-c", "select 1")
                assert refused.returncode != 0
                assert "password" not in refused.stderr, "it is refused before anybody sends one"
        finally:
            production.project.close()
