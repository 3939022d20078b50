# SPDX-License-Identifier: Apache-2.0
"""The component pooler beside the development overlay, in a namespace of its own: services come through PgBouncer, migrations past it."""

from __future__ import annotations

import httpx
import pytest

from harness.client import new_email, new_password, wait_until
from harness.kubernetes import Namespace
from kubernetes.development import namespace_with

pytestmark = pytest.mark.timeout(600)
# By the socket of the pod comes PgBouncer, by the network whoever goes past it.
SESSIONS = "select distinct usename, client_addr is null from pg_stat_activity where usename in ('user_service', 'notification_service')"


@pytest.fixture(scope="module")
def namespace(tmp_path_factory):
    with namespace_with("pooler", "edoburu/pgbouncer", tmp_path_factory.mktemp("pooler")) as made:
        yield made


def sessions(namespace: Namespace) -> set[str]:
    command = ["psql", "-XqAt", "-U", "micro_sayur", "-d", "micro_sayur", "-c", SESSIONS]
    return set(namespace.kubectl("exec", "postgres-0", "--container=postgres", "--", *command).split())


def register(namespace: Namespace) -> int:
    body = {"email": new_email(), "password": new_password(), "name": "Siti Aminah"}
    return httpx.post(
        f"http://{namespace.address('user-service')}/api/v1/auth/register", json=body, timeout=10, trust_env=False
    ).status_code


def test_services_come_through_the_pooler(namespace):
    assert register(namespace) == 202
    wait_until(lambda: sessions(namespace) == {"user_service|t", "notification_service|t"}, 60, "both services at PgBouncer")


def restarts(namespace: Namespace) -> int:
    states = namespace.get("pod", "postgres-0")["status"]["containerStatuses"]
    return next(each["restartCount"] for each in states if each["name"] == "pgbouncer")


def test_a_pooler_that_ends_is_started_again(namespace):
    namespace.kubectl("exec", "postgres-0", "--container=pgbouncer", "--", "sh", "-c", "kill -INT 1")
    wait_until(lambda: restarts(namespace) == 1, 60, "another PgBouncer")
    wait_until(lambda: register(namespace) == 202, 60, "registrations again")
