# SPDX-License-Identifier: Apache-2.0
"""A primary gives way to its standby under load, behind one name, as with RDS and CloudNativePG, or in a list of hosts, as with Patroni.
Replication is synchronous: what was answered 2xx has to be there afterwards."""

from __future__ import annotations

import copy
import time

import pytest

from harness.client import Api, wait_until
from harness.database_load import Load, written_everywhere
from harness.forwarder import Forwarder
from harness.postgres import Postgres, Standby
from harness.processes import free_port
from harness.service import Service

pytestmark = [pytest.mark.mode("distributed"), pytest.mark.no_pooler("its two servers have none")]

WRITES_RESUME_SECONDS = 8
CLOSED_SECONDS = 10


class Pair:
    """A primary with its standby, and a user-service and a notification-service that know both, or one name."""

    def __init__(self, stack, by_name: bool) -> None:
        self.primary = Postgres(stack.session)
        self.primary.start()
        self.standby = Standby(stack.session, self.primary, ("127.0.0.2", self.primary.port))
        self.standby.start()
        self.name = Forwarder(self.primary) if by_name else None
        self.stack = copy.copy(stack)
        self.stack.services = {}
        self.stack.user_port, self.stack.notification_port = free_port(), free_port()
        urls = self.stack.service_urls
        self.stack.user_url, self.stack.notification_url = urls["user_url"], urls["notification_url"]
        database = {
            "DB_HOST": self.name.host if self.name else f"{self.primary.host},{self.standby.host}",
            "DB_PORT": str((self.name or self.primary).port),
            "DB_PASSWORD_FILE": stack.secret_file("failover-password", self.primary.password),
            "JWKS_URL": f"{self.stack.user_url}/.well-known/jwks.json",
        }
        ports = {"user-service": self.stack.user_port, "notification-service": self.stack.notification_port}
        for name, service in stack.services.items():
            env = service.env | database | {"HTTP_PORT": str(ports[name]), "PUBLIC_BASE_URL": self.stack.user_url}
            made = Service(stack.session, service.program, env, [ports[name]])
            made.run("migrate")
            made.start()
            self.stack.services[name] = made

    def switch_over(self) -> None:
        """As planned: for a while the name leads to the old primary, which is a standby now."""
        self.primary.stop()
        self.standby.promote()
        self.primary.follow(self.standby)
        Postgres.start(self.primary)

    def fail_over(self) -> None:
        """The primary dies."""
        self.primary.kill()
        self.standby.promote()

    def fence(self) -> None:
        """The primary is told to only read and lives on, its sessions with it."""
        self.primary.fence(True)
        self.primary.run_sql("alter system reset synchronous_standby_names", "postgres")
        self.standby.promote()

    def close(self) -> None:
        if self.name:
            self.name.close()
        for service in self.stack.services.values():
            if service.running:
                service.stop()
        for server in (self.primary, self.standby):
            server.kill()


@pytest.fixture(params=["name", "list"])
def pair(repaired, request):
    for service in repaired.services.values():
        assert service.stop() == 0  # they consume the same queue
    made = Pair(repaired, request.param == "name")
    yield made
    made.close()


@pytest.mark.parametrize("change", [Pair.switch_over, Pair.fail_over, Pair.fence], ids=["switched_over", "failed_over", "fenced"])
def test_a_standby_takes_over_under_load_and_nothing_is_lost(pair, change, capfd):
    api = Api(pair.stack)
    owner = api.new_account()
    with Load(pair.stack, owner) as load:
        wait_until(lambda: len(load.registered) > 20 and len(load.signed_in) > 20, 20, "writes")
        began = time.monotonic()
        change(pair)
        moved = time.monotonic()
        if pair.name:
            pair.name.target = pair.standby
        wait_until(lambda: written_everywhere(pair.stack), WRITES_RESUME_SECONDS, "writes on every core")
        resumed = time.monotonic()
        if pair.primary.running:
            wait_until(lambda: not pair.primary.sessions(), CLOSED_SECONDS, "the end of all connections to the demoted one")
        wait_until(lambda: api.user.get("/health").json()["status"] == "healthy", 15, "health")
        assert set(load.reads) <= {200, 503}, str(load)
        accepted, seen = len(load.registered), len(load.reads)
        wait_until(lambda: len(load.registered) > accepted + 20, 20, "writes afterwards")
        assert set(load.reads[seen:]) == {200}
    with capfd.disabled():
        print(
            f"\n{change.__name__}: {moved - began:.1f} s until the standby was told, writes {resumed - moved:.1f} s later; {load}",
            flush=True,
        )
    assert set(load.writes) <= {200, 202, 503}, str(load)
    assert not load.unwaited
    assert load.slowest < 5
    expect_everything(pair, load, api)
    api.close()


def expect_everything(pair, load: Load, api: Api) -> None:
    """What was promised, at the new primary."""
    found = pair.standby.run_sql("select email from user_service.registrations").splitlines()
    assert set(load.registered) <= set(found)
    for token in load.signed_in:
        assert api.refresh(token).status_code == 200
    for email in load.registered:
        pair.stack.wait_for_mails(email, 1, 60)
