# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml with compose.prod.yml: TLS inside, one published port, replicas that share sessions, a rolling restart."""

from __future__ import annotations

import json
import ssl
import threading

import httpx
import pytest

from harness.client import new_email, new_password, wait_until
from harness.compose import DATA_SERVERS, Project
from harness.container import docker
from harness.mailpit import Mailpit
from harness.processes import Session
from harness.stack import ADMIN_EMAIL, MAIL_FROM

pytestmark = pytest.mark.timeout(600)
REPLICAS = 3
PACE_SECONDS = 0.05  # keeps below the gateway's rates


class Production:
    """The running project, three user-services in it; `call` goes through the gateway, `replica` past it."""

    def __init__(self, session: Session, *parts: str) -> None:
        trial = {
            "SMTP_HOST": "mailpit",
            "SMTP_PORT": "1025",
            "SMTP_TLS": "none",
            "SMTP_PLAINTEXT": "allowed",
            "COMPOSE_PROFILES": "mailpit",
        }
        files = ("docker-compose.yml", "compose.prod.yml", *parts)
        self.project = Project(session.directory, files, ADMIN_EMAIL=ADMIN_EMAIL, MAIL_FROM=MAIL_FROM, SERVICE_CPUS="0.5", **trial)
        self.replicas: list[str] = []

    def start(self) -> None:
        self.project.up()
        self.project.compose("up", "--detach", "--wait", "--scale", f"user-service={REPLICAS}")
        self.replicas = self.containers("user-service")

    def containers(self, name: str) -> list[str]:
        return self.project.compose("ps", "--quiet", name).split()

    def url(self, container: str, port: int) -> str:
        """Of a container's port on the network `app`, which this machine reaches although nothing is published."""
        networks = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container))
        return f"http://{networks[f'{self.project.name}_app']['IPAddress']}:{port}"

    def replica(self, container: str) -> httpx.Client:
        return httpx.Client(base_url=self.url(container, 8080), trust_env=False, timeout=30)

    def gateway(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.project.secrets / "tls" / "authority.pem")
        at = f"https://localhost:{self.project.ports['GATEWAY_TLS']}/users"
        return httpx.Client(base_url=at, verify=trusted, trust_env=False, timeout=30)

    def bearer(self, client: httpx.Client) -> dict[str, str]:
        password = (self.project.secrets / "admin_password").read_text().strip()
        answer = client.post("/api/v1/auth/login", json={"email": ADMIN_EMAIL, "password": password})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="module")
def production():
    with Session() as session:
        running = Production(session)
        try:
            running.start()
            yield running
        finally:
            running.project.close()


def test_nothing_but_the_gateways_tls_port_is_published(production):
    found = set()
    for container in production.project.compose("ps", "--quiet").split():
        for port, bindings in json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", container)).items():
            found |= {(port, binding["HostPort"]) for binding in bindings or []}
    assert found == {("8443/tcp", str(production.project.ports["GATEWAY_TLS"]))}


def test_the_data_servers_are_in_the_internal_network_alone(production):
    for name in DATA_SERVERS:
        networks = production.project.container(name).inspect()["NetworkSettings"]["Networks"]
        assert set(networks) == {f"{production.project.name}_data"}


def test_services_and_data_servers_speak_tls(production):
    sql = "SELECT DISTINCT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename LIKE '%service' ORDER BY 1"
    postgres, rabbitmq, redis = (production.project.container(name) for name in ("postgres", "rabbitmq", "redis"))
    assert postgres.execute("psql", "-XqAt", "-U", "micro_sayur", "-c", sql).split() == ["notification_service|t", "user_service|t"]
    connections = rabbitmq.execute("rabbitmqctl", "--quiet", "--formatter=json", "list_connections", "user", "ssl")
    assert {each["ssl"] for each in json.loads(connections)} == {True}
    ask = 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli %s -h redis ping'
    assert "PONG" in redis.execute("sh", "-c", ask % "--tls --cacert /run/secrets/authority.pem")
    plain = production.project.try_compose("exec", "--no-TTY", redis.name, "sh", "-c", ask % "")
    assert "PONG" not in plain.stdout, "no plain connection is served"


def test_a_plain_connection_to_the_database_is_refused(production):
    target = "host=postgres user=user_service dbname=micro_sayur password=any sslmode=disable"
    refused = production.project.try_compose("exec", "--no-TTY", "postgres", "psql", target, "-c", "SELECT 1")
    assert refused.returncode != 0
    assert "no pg_hba.conf entry" in refused.stderr


def test_a_session_is_valid_on_every_replica_and_its_end_too(production):
    clients = [production.replica(each) for each in production.replicas]
    assert len(clients) == REPLICAS
    bearer = production.bearer(clients[0])
    assert [client.get("/api/v1/profile", headers=bearer).status_code for client in clients] == [200] * REPLICAS
    assert clients[1].post("/api/v1/auth/logout", headers=bearer).status_code == 204
    for client in clients:
        wait_until(lambda c=client: c.get("/api/v1/profile", headers=bearer).status_code == 401, 1, "the end of the session")


def test_a_registration_through_the_gateway_is_mailed(production):
    address = new_email("production")
    with production.gateway() as client:
        answer = client.post("/api/v1/auth/register", json={"email": address, "password": new_password(), "name": "Siti Aminah"})
    assert answer.status_code == 202, answer.text
    mails = Mailpit(production.url(production.containers("mailpit")[0], 8025))
    wait_until(lambda: any(address in mail.recipients for mail in mails.mails), 30, "the mail")
    mails.close()


def test_a_rolling_restart_fails_no_request(production, capfd):
    answers, broken, over = [], [], threading.Event()

    def ask() -> None:
        with production.gateway() as client:
            bearer = production.bearer(client)
            while not over.wait(PACE_SECONDS):
                try:
                    answers.append(client.get("/api/v1/profile", headers=bearer).status_code)
                except httpx.TransportError as error:
                    broken.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for container in production.replicas:
            docker("restart", container)
            wait_until(lambda c=container: health(c) == "healthy", 60, "the restarted replica")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    with capfd.disabled():
        print(f"\nrolling restart of {REPLICAS}: {len(answers)} answers, {len(broken)} broken connections")
    assert len(answers) > 100
    assert broken == []
    assert set(answers) == {200}


def health(container: str) -> str:
    return docker("inspect", "--format", "{{.State.Health.Status}}", container).strip()
