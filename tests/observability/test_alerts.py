# SPDX-License-Identifier: Apache-2.0
"""Alerts that really fire: something is broken in the running stack, Alertmanager has the alert, it is mended, and the alert is gone."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from harness.client import Api, new_email, new_password, wait_until
from observability.watched_stack import WatchedStack

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Incident:
    alert: str
    break_it: Callable[[WatchedStack], None]
    mend_it: Callable[[WatchedStack], None]


def register(stack: WatchedStack) -> None:
    api = Api(stack)
    api.register(new_email(), new_password())
    api.close()


def without_rabbitmq(stack: WatchedStack) -> None:
    stack.servers["rabbitmq"].stop()
    register(stack)


def without_mail_server(stack: WatchedStack) -> None:
    stack.project.compose("stop", "mailpit")
    register(stack)


def publish_poison(stack: WatchedStack) -> None:
    stack.publish("user.registered", "no event at all")


def rename_key(stack: WatchedStack, age_days: int) -> None:
    """Its name, a UUIDv7, says when it was made."""
    (key,) = stack.keys_directory.glob("*.pem")
    milliseconds = round((time.time() - age_days * 86400) * 1000)
    key.rename(key.with_stem(str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | uuid.UUID(key.stem).int & (1 << 62) - 1))))


def memory_of_rabbitmq(stack: WatchedStack, limit: str) -> None:
    stack.servers["rabbitmq"].execute("rabbitmqctl", "set_vm_memory_high_watermark", *limit.split())


def memory_of_redis(stack: WatchedStack, limit: str) -> None:
    password = (stack.project.secrets / "redis_password").read_text().strip()
    stack.servers["redis"].execute("sh", "-c", f"REDISCLI_AUTH={password} redis-cli config set maxmemory {limit}")


def short_certificate(stack: WatchedStack) -> None:
    folder = stack.project.secrets / "tls"
    for name in ("gateway.pem", "gateway.key"):
        (folder / name).rename(folder / f"{name}.kept")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder / "gateway.key"]
    command = ["openssl", "req", "-x509", *keys, "-days", "5", *subject, "-out", folder / "gateway.pem"]
    subprocess.run(list(map(str, command)), capture_output=True, check=True)
    for name in ("gateway.pem", "gateway.key"):
        (folder / name).chmod(0o644)
    stack.project.compose("up", "--detach", "--force-recreate", "--no-deps", "--wait", "gateway")


def long_certificate(stack: WatchedStack) -> None:
    folder = stack.project.secrets / "tls"
    for name in ("gateway.pem", "gateway.key"):
        (folder / f"{name}.kept").rename(folder / name)
    stack.project.compose("up", "--detach", "--force-recreate", "--no-deps", "--wait", "gateway")


def began_at(stack: WatchedStack) -> str | None:
    found = stack.ask('process_start_time_seconds{job="user-service"}')
    return found[0]["value"][1] if found else None


def restart_often(stack: WatchedStack) -> None:
    """Each as soon as Prometheus has seen the one before: all within the shortened window of half a minute."""
    for _ in range(3):
        before = began_at(stack)
        stack.project.compose("kill", "user-service")
        stack.project.compose("start", "user-service")
        wait_until(lambda seen=before: began_at(stack) not in (None, seen), 30, "another process")


def answer_with_503(stack: WatchedStack) -> None:
    """No session can be prolonged while PostgreSQL is away, and 40 a second try, for a quarter of a minute."""
    api = Api(stack)
    account = api.new_account()
    stack.servers["postgres"].stop()
    url = f"{stack.project.url('GATEWAY')}/users/api/v1/auth/refresh"
    body = {"refresh_token": account.tokens["refresh_token"]}
    with ThreadPoolExecutor(40) as pool, httpx.Client(timeout=20, trust_env=False, limits=httpx.Limits(max_connections=40)) as client:

        def ask(number: int) -> int:
            time.sleep(max(0.0, began + number / 40 - time.monotonic()))
            return client.post(url, json=body).status_code

        began = time.monotonic()
        answers = Counter(pool.map(ask, range(600)))
    assert answers[503] >= 400, answers
    api.close()


def lose_spans(stack: WatchedStack) -> None:
    stack.project.compose("stop", "otel-collector")
    stack.trace(100)
    stack.work(25)


def find_spans(stack: WatchedStack) -> None:
    stack.trace(0)
    stack.project.compose("start", "otel-collector")


def move_archive(stack: WatchedStack, here: str, there: str) -> None:
    stack.servers["postgres"].execute("mv", f"/var/lib/pgbackrest/first/archive{here}", f"/var/lib/pgbackrest/first/archive{there}")
    register(stack)


def start(*names: str) -> Callable[[WatchedStack], None]:
    return lambda stack: [stack.project.container(name).start() for name in names]


INCIDENTS = [
    Incident("OutboxStuck", without_rabbitmq, start("rabbitmq")),
    Incident("MailsOverdue", without_mail_server, start("mailpit")),
    Incident("ServiceAbsent", lambda stack: stack.services["notification-service"].kill(), start("notification-service")),
    Incident("DatabaseDown", lambda stack: stack.servers["postgres"].stop(), start("postgres")),
    Incident("RedisDown", lambda stack: stack.servers["redis"].stop(), start("redis")),
    Incident("ArchiveLags", lambda stack: move_archive(stack, "", ".away"), lambda stack: move_archive(stack, ".away", "")),
    Incident(
        "TargetDown",
        lambda stack: stack.project.compose("pause", "redis-exporter"),
        lambda stack: stack.project.compose("unpause", "redis-exporter"),
    ),
    Incident(
        "NotificationsFail",
        lambda stack: stack.project.compose("stop", "receiver"),
        lambda stack: stack.project.compose("start", "receiver"),
    ),
    Incident("SpansLost", lose_spans, find_spans),
    Incident("DeadLetters", publish_poison, lambda stack: None),
    Incident("RabbitMQAlarm", lambda stack: memory_of_rabbitmq(stack, "0.0001"), lambda stack: memory_of_rabbitmq(stack, "absolute 256MB")),
    Incident("RedisFull", lambda stack: memory_of_redis(stack, "1mb"), lambda stack: memory_of_redis(stack, "192mb")),
    Incident("SigningKeyOld", lambda stack: rename_key(stack, 100), lambda stack: rename_key(stack, 0)),
    Incident("CertificateExpires", short_certificate, long_certificate),
    Incident("InstanceRestarts", restart_often, lambda stack: None),
    Incident("ErrorBudgetBurnsFast", answer_with_503, start("postgres")),
]


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.alert)
def test_an_alert_fires_and_resolves(stack, incident, capfd):
    wait_until(lambda: incident.alert not in stack.active_alerts(), 120, "silence before")
    began = time.monotonic()
    incident.break_it(stack)
    try:
        wait_until(lambda: incident.alert in stack.active_alerts(), 90, f"{incident.alert} in Alertmanager")
        fired = time.monotonic() - began
    finally:
        incident.mend_it(stack)
    mended = time.monotonic()
    wait_until(lambda: incident.alert not in stack.active_alerts(), 120, f"the end of {incident.alert}")
    with capfd.disabled():
        print(f"\n{incident.alert}: fired after {fired:.0f} s, resolved {time.monotonic() - mended:.0f} s after the mend")


def test_the_watchdog_is_heard_outside_and_again(stack):
    def calls() -> int:
        return stack.receiver.log_text().count("/watchdog ")

    first = wait_until(calls, 60, "a first call of the watchdog")
    wait_until(lambda: calls() > first, 60, "a second call of the watchdog")


def test_pages_and_tickets_were_told_to_those_they_are_for(stack):
    told = [line.partition(" ") for line in stack.receiver.log_text().splitlines() if line.startswith("/")]
    titles = {
        path: " ".join(json.loads(body)["attachments"][0]["title"] for at, _, body in told if at == path) for path in ("/pages", "/tickets")
    }
    assert "OutboxStuck" in titles["/pages"] and "DeadLetters" in titles["/tickets"]
    assert "DeadLetters" not in titles["/pages"]
