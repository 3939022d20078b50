# SPDX-License-Identifier: Apache-2.0
"""The running stack: how long it takes to be there, what its containers may do, who reaches whom."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from harness.compose import DATA_SERVERS, SERVICES
from harness.container import docker

HEALTHY_SECONDS = 60
LONG_RUNNING = (*SERVICES, *DATA_SERVERS, "mailpit")
JOBS = tuple(f"{name}-migrate" for name in SERVICES)


def container(stack, name: str) -> dict:
    return stack.project.container(name).inspect()


def test_from_nothing_to_healthy_in_a_minute(stack, capfd):
    with capfd.disabled():
        print(f"\nfrom nothing to healthy: {stack.seconds_to_healthy:.1f} s")
    assert stack.seconds_to_healthy <= HEALTHY_SECONDS


def test_up_again_changes_nothing(stack):
    before = {name: container(stack, name)["State"]["StartedAt"] for name in LONG_RUNNING}
    secrets = {file: file.read_bytes() for file in stack.project.secrets.rglob("*") if file.is_file()}
    stack.project.up()
    assert {name: container(stack, name)["State"]["StartedAt"] for name in LONG_RUNNING} == before
    assert {file: file.read_bytes() for file in stack.project.secrets.rglob("*") if file.is_file()} == secrets


def test_docker_compose_works_alone(stack):
    stack.project.compose("up", "--detach", "--wait")


def test_a_damaged_page_of_the_database_is_noticed(stack):
    assert stack.run_sql("show data_checksums") == "on"


@pytest.mark.parametrize("name", [*LONG_RUNNING, *JOBS])
def test_a_container_may_do_little(stack, name):
    found = container(stack, name)
    host = found["HostConfig"]
    assert found["Config"]["User"] not in ("", "0", "root")
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["ReadonlyRootfs"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not host["Privileged"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] > 0
    labels = "com.docker.compose.project,com.docker.compose.service"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"labels": labels, "max-file": "3", "max-size": "10m"}}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_limits_of_the_document(stack, name):
    host = container(stack, name)["HostConfig"]
    assert (host["Memory"], host["NanoCpus"]) == (256 * 1024 * 1024, 200_000_000)
    assert container(stack, name)["Config"]["StopTimeout"] > 5, "longer than the drain"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_the_processes_have_no_capabilities_and_a_user_of_their_own(stack, name):
    process = container(stack, name)["State"]["Pid"]
    status = Path(f"/proc/{process}/status").read_text()
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(lines["CapEff"], 16) == int(lines["CapBnd"], 16) == 0
    assert "0" not in lines["Uid"].split()
    assert lines["NoNewPrivs"] == "1"


@pytest.mark.parametrize("name", [*LONG_RUNNING, *JOBS])
def test_inspection_shows_no_secret(stack, name):
    shown = json.dumps(container(stack, name)) + docker("image", "inspect", container(stack, name)["Image"])
    for file in stack.project.secrets.rglob("*"):
        assert file.is_dir() or file.read_text().strip() not in shown
    variables = dict(entry.split("=", 1) for entry in container(stack, name)["Config"]["Env"])
    assert not [key for key in variables if "PASS" in key and not key.endswith("_FILE")]


def test_secrets_are_closed_to_others_on_this_machine(stack):
    assert stack.project.secrets.stat().st_mode & 0o777 == 0o700
    passwords = [file.read_text().strip() for file in stack.project.secrets.glob("*_password")]
    assert len(set(passwords)) == len(passwords) >= 8
    assert not {"password", "guest", "micro_sayur"} & set(passwords)


def test_the_data_network_has_no_way_out(stack):
    (network,) = json.loads(docker("network", "inspect", f"{stack.project.name}_data"))
    assert network["Internal"]
    members = {each["Name"].removeprefix(f"{stack.project.name}-").rsplit("-", 1)[0] for each in network["Containers"].values()}
    assert members == {*SERVICES, *DATA_SERVERS}
    (published,) = json.loads(docker("network", "inspect", f"{stack.project.name}_published"))
    assert published["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_ports_are_published_on_loopback_alone(stack):
    for name in LONG_RUNNING:
        for bindings in container(stack, name)["HostConfig"]["PortBindings"].values():
            assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}


def connect(stack, role: str, secret: str) -> psycopg.Connection:
    password = (stack.project.secrets / secret).read_text().strip()
    return psycopg.connect(
        host="127.0.0.1", port=stack.project.ports["POSTGRES"], dbname="micro_sayur", user=role, password=password, autocommit=True
    )


@pytest.mark.parametrize(
    ("role", "own", "foreign"),
    [
        ("user_service", "user_service.accounts", "notification_service.notifications"),
        ("notification_service", "notification_service.notifications", "user_service.accounts"),
    ],
)
def test_a_service_reaches_its_own_tables_alone(stack, role, own, foreign):
    with connect(stack, role, f"{role}_database_password") as connection:
        connection.execute(f"SELECT count(*) FROM {own}")
        for forbidden in (
            f"SELECT count(*) FROM {foreign}",
            f"DROP TABLE {own}",
            f"TRUNCATE {own}",
            f"CREATE TABLE {role}.mine (id int)",
            "CREATE TABLE public.mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE TEMPORARY TABLE mine (id int)",
            "SELECT pg_read_file('/run/secrets/postgres_password')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_the_owner_of_the_schemas_is_no_superuser(stack):
    found = stack.run_sql("SELECT rolname FROM pg_roles WHERE (rolsuper OR rolcreaterole OR rolcreatedb) AND rolname NOT LIKE 'pg\\_%'")
    assert found == "micro_sayur"
    owners = stack.run_sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('user_service', 'notification_service')")
    assert owners == "micro_sayur_owner"


def test_the_broker_knows_these_users_and_no_guest(stack):
    users = stack.servers["rabbitmq"].execute("rabbitmqctl", "--quiet", "list_users", "--formatter=json")
    assert sorted(user["user"] for user in json.loads(users)) == ["micro_sayur", "notification_service", "user_service"]


def test_redis_knows_these_users(stack):
    listed = stack.servers["redis"].execute("sh", "-c", 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ACL USERS')
    assert sorted(listed.split()) == ["default", "exporter", "notification_service", "user_service"]


def test_redis_wants_the_password(stack):
    refused = stack.project.try_compose("exec", "--no-TTY", "redis", "redis-cli", "ping")
    assert "NOAUTH" in refused.stdout + refused.stderr


def test_docker_compose_understands_both_files(stack):
    stack.project.compose("config", "--quiet")
    both = ("--file", "docker-compose.yml", "--file", "compose.prod.yml")
    refused = stack.project.try_compose(*both, "config", "--quiet")
    assert "SMTP_HOST" in refused.stderr, "a machine that serves others has a mail server of its own"
