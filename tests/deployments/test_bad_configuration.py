# SPDX-License-Identifier: Apache-2.0
"""What is wrong is said in one clear line, `up` fails, and nothing is restarted over and over."""

from __future__ import annotations

import socket

import httpx
import pytest

from harness.client import new_email, new_password, wait_until
from harness.compose import Project

pytestmark = pytest.mark.timeout(420)


@pytest.fixture
def project(folder):
    made = Project(folder)
    yield made
    made.close()


def up(project: Project):
    return project.try_compose("up", "--detach", "--wait", "--wait-timeout", "90")


def restarts(project: Project, name: str) -> int:
    return project.container(name).inspect()["RestartCount"]


def test_an_absent_secret_file(project):
    project.make_secrets()
    (project.secrets / "user_service_database_password").unlink()
    done = up(project)
    assert done.returncode != 0
    assert "user_service_database_password" in done.stderr


def test_what_does_not_come_up_is_named_with_its_last_lines_and_what_to_do(project):
    """By `./sayur compose up` itself."""
    project.environment["MAIL_FROM"] = "nobody"
    failed = project.try_up()
    assert failed.returncode != 0
    assert f"{project.name}-notification-service-1 did not come up" in failed.stderr
    assert "MAIL_FROM" in failed.stderr.partition("did not come up")[2]
    assert "what to do: its lines name every fault of the configuration" in failed.stderr
    assert f"{project.name}-gateway-1 was not started" in failed.stderr
    assert "user-service-1 did not come up" not in failed.stderr


def test_a_port_in_use_is_named_with_its_variable(project):
    with socket.create_server(("127.0.0.1", project.ports["MAILPIT"])):
        failed = project.try_up()
    assert failed.returncode != 0
    assert f"port {project.ports['MAILPIT']} of this machine is in use" in failed.stderr
    assert "MAILPIT_PORT=PORT chooses another" in failed.stderr


def test_a_service_is_scaled_behind_the_gateway(project):
    for name in ("USER_SERVICE", "NOTIFICATION_SERVICE"):  # as it is when nobody chooses a port
        del project.environment[f"{name}_PORT"]
    project.up()
    project.compose("up", "--detach", "--wait", "--scale", "user-service=3")
    assert len(project.compose("ps", "--quiet", "user-service").split()) == 3
    with httpx.Client(base_url=project.url("GATEWAY"), trust_env=False, timeout=20) as client:
        assert {client.get("/users/openapi.json").status_code for _ in range(9)} == {200}


def test_an_empty_secret_file(project):
    project.make_secrets()
    (project.secrets / "user_service_redis_password").write_text("")
    done = project.try_compose("run", "--rm", "--no-deps", "--no-TTY", "user-service")
    assert done.returncode == 78
    assert "REDIS_PASSWORD_FILE" in done.stdout + done.stderr
    assert "empty" in done.stdout + done.stderr


def change_secret(project: Project, name: str) -> str:
    """Puts another password in the file than the one with which the volume was filled; returns the old one."""
    project.up()
    project.down()
    file = project.secrets / name
    known = file.read_text()
    file.write_text("not the password\n")
    return known


def test_a_wrong_password_of_the_owner_ends_the_migration(project):
    change_secret(project, "database_owner_password")
    assert up(project).returncode != 0
    job = project.container("user-service-migrate")
    assert "password authentication failed" in job.log_text()
    assert job.inspect()["State"]["ExitCode"] == 1
    assert restarts(project, "user-service-migrate") == 0


def test_with_a_wrong_database_password_a_service_waits_for_the_right_one(project):
    known = change_secret(project, "user_service_database_password")
    assert up(project).returncode != 0
    service = project.container("user-service")
    assert "password authentication failed" in service.log_text()
    assert service.inspect()["State"]["Health"]["Status"] != "healthy"
    (project.secrets / "user_service_database_password").write_text(known)
    wait_until(lambda: service.inspect()["State"]["Health"]["Status"] == "healthy", 60, "the service's health")
    assert restarts(project, "user-service") == 0


def test_a_wrong_broker_password_leaves_accounts_at_work(project):
    """RabbitMQ is reported, never gating: events wait in the outbox, and /health says what is wrong."""
    project.up()
    project.down()
    (project.secrets / "user_service_rabbitmq_password").write_text("not the password\n")
    up(project)
    service = project.container("user-service")
    assert service.running
    assert any(
        "rabbitmq" in str(line).lower() or "broker" in str(line).lower() for line in service.log_lines() if line["log.level"] != "info"
    )
    with httpx.Client(base_url=project.url("USER_SERVICE"), trust_env=False, timeout=20) as client:
        body = {"email": new_email(), "password": new_password(), "name": "Siti Aminah"}
        assert client.post("/api/v1/auth/register", json=body).status_code == 202
        health = client.get("/health").json()
    assert (health["status"], health["services"]["rabbitmq"], health["services"]["database"]) == ("degraded", "unhealthy", "healthy")
    assert restarts(project, "user-service") == 0


def test_a_port_in_use(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", project.ports["USER_SERVICE"]))
        taken.listen()
        project.make_secrets()
        done = up(project)
    assert done.returncode != 0
    assert str(project.ports["USER_SERVICE"]) in done.stderr
    assert "address already in use" in done.stderr
    assert restarts(project, "user-service") == 0


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_reach_is_for_production_alone(project, address):
    project.environment["BIND_ADDRESS"] = address
    refused = project.try_up()
    assert refused.returncode == 64
    assert f"BIND_ADDRESS={address}" in refused.stderr
    assert "--production" in refused.stderr
    assert not project.secrets.exists(), "nothing was begun"


@pytest.mark.parametrize("line", ["BIND_ADDRESS=0.0.0.0", "export BIND_ADDRESS=0.0.0.0", "BIND_ADDRESS = '0.0.0.0'"])
def test_such_an_address_in_a_file_of_variables_is_seen_however_it_is_written(project, tmp_path, line):
    (tmp_path / "variables").write_text(line + "\n")
    project.environment["COMPOSE_ENV_FILES"] = str(tmp_path / "variables")
    refused = project.try_up()
    assert refused.returncode == 64
    assert "BIND_ADDRESS=0.0.0.0" in refused.stderr
