# SPDX-License-Identifier: Apache-2.0
"""What each service may do in Redis and RabbitMQ beside its own work: nothing. The users are those of deployments/compose."""

from __future__ import annotations

import pika
import pytest

from harness.server_users import SERVICES

pytestmark = [
    pytest.mark.mode("distributed"),
    pytest.mark.no_containers("their servers have the same users: tests/deployments/test_stack.py"),
]

VERDICT, DELAY = "session:00000000-0000-7000-8000-000000000000", "throttle:blocked:account:a@example.com"


def redis_answer(stack, user: str, command: str) -> str:
    redis = stack.servers["redis"]
    login = f"AUTH {user} {redis.service_passwords[f'{user}_redis_password']}\r\n"
    first, second = redis.exchange(f"{login}{command}\r\n".encode()).decode().splitlines()[:2]
    assert first == "+OK"
    return second


@pytest.fixture
def channel_of(stack):
    """channel_of(user): a fresh channel."""
    opened = []

    def connect(user: str):
        broker = stack.servers["rabbitmq"]
        login = pika.PlainCredentials(user, broker.service_passwords[f"{user}_rabbitmq_password"])
        opened.append(pika.BlockingConnection(pika.ConnectionParameters(broker.host, broker.port, broker.vhost, login)))
        return opened[-1].channel()

    yield connect
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("user", SERVICES)
@pytest.mark.parametrize(
    "command", ["CONFIG GET *", "FLUSHALL", "KEYS *", "ACL LIST", "GET elsewhere", "SUBSCRIBE channel", "SHUTDOWN", "MONITOR"]
)
def test_nobody_manages_redis_or_looks_elsewhere(stack, user, command):
    assert redis_answer(stack, user, command).startswith("-NOPERM")


@pytest.mark.parametrize("command", [f"SET {VERDICT} ended", f"DEL {VERDICT}", f"GET {DELAY}", f"PTTL {VERDICT}", "EVAL return(1) 0"])
def test_notification_service_reads_verdicts_and_no_more(stack, command):
    assert redis_answer(stack, "notification_service", command).startswith("-NOPERM")


def test_both_read_verdicts(stack):
    for user in SERVICES:
        assert redis_answer(stack, user, f"GET {VERDICT}") == "$-1"


def refused(action) -> None:
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as closed:
        action()
    assert closed.value.reply_code == 403


@pytest.mark.parametrize(
    ("user", "action"),
    [
        ("user_service", lambda channel: channel.basic_get("notification-service")),
        ("user_service", lambda channel: channel.queue_purge("notification-service")),
        ("user_service", lambda channel: channel.queue_delete("notification-service")),
        ("user_service", lambda channel: channel.queue_declare("another", durable=True)),
        ("user_service", lambda channel: channel.queue_unbind("notification-service", "micro-sayur", "user.registered")),
        ("notification_service", lambda channel: channel.queue_declare("another", durable=True)),
        ("notification_service", lambda channel: channel.exchange_declare("another", "topic", durable=True)),
        ("notification_service", lambda channel: channel.basic_get("notification-service.dead-letter")),
    ],
)
def test_a_right_in_the_broker_that_nobody_needs_is_not_there(channel_of, user, action):
    channel = channel_of(user)
    refused(lambda: action(channel))


@pytest.mark.parametrize(("user", "exchange"), [("notification_service", "micro-sayur"), ("user_service", "micro-sayur.dead-letter")])
def test_events_are_published_by_user_service_and_dead_letters_by_notification_service(channel_of, user, exchange):
    channel = channel_of(user)
    channel.confirm_delivery()
    refused(lambda: channel.basic_publish(exchange, "user.registered", b"{}"))
