# SPDX-License-Identifier: Apache-2.0
"""What is wrong is said in one clear line, `up` fails, and nothing is restarted over and over."""

from __future__ import annotations

import socket

import pytest

from harness.client import wait_until
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


def test_an_empty_secret_file(project):
    project.make_secrets()
    (project.secrets / "redis_password").write_text("")
    (project.secrets / "redis_password.conf").write_text("")
    done = project.try_compose("run", "--rm", "--no-deps", "--no-TTY", "user-service")
    assert done.returncode == 78
    assert "REDIS_PASSWORD_FILE" in done.stdout + done.stderr
    assert "empty" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("secret", "job_or_service"),
    [
        ("database_owner_password", "user-service-migrate"),
        ("user_service_database_password", "user-service"),
    ],
)
def test_a_wrong_database_password(project, secret, job_or_service):
    """The database keeps the passwords with which its volume was filled."""
    project.up()
    project.down()
    (project.secrets / secret).write_text("not the password\n")
    done = up(project)
    assert done.returncode != 0
    failed = project.container(job_or_service)
    assert "password authentication failed" in failed.log_text()
    wait_until(lambda: failed.inspect()["State"]["Status"] == "exited", 60, "the end of starting it again")
    assert failed.inspect()["State"]["ExitCode"] == 1
    assert restarts(project, job_or_service) <= 3


def test_a_wrong_broker_password_leaves_accounts_at_work(project):
    """RabbitMQ is reported, never gating: events wait in the outbox, and /health says what is wrong."""
    project.up()
    project.down()
    (project.secrets / "rabbitmq_password").write_text("not the password\n")
    up(project)
    service = project.container("user-service")
    assert service.running
    assert any("rabbitmq" in str(line).lower() or "broker" in str(line).lower() for line in service.log_lines() if line["level"] != "info")
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
