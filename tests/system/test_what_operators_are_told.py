# SPDX-License-Identifier: Apache-2.0
"""Each server that is lost, or lives and moves nothing: health, one line in the log, a gauge, and the same when it is back."""

import re

import pytest

from harness.client import new_email, new_password, wait_until

pytestmark = pytest.mark.mode("distributed")


def health_of(client, name: str) -> str:
    answer = client.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == ("degraded" if "unhealthy" in body["services"].values() else "healthy")
    return body["services"][name]


def wait_for_health(client, name: str, state: str, seconds: float = 30) -> None:
    wait_until(lambda: health_of(client, name) == state, seconds, f"{name} {state}")


def gauge(client, name: str) -> float:
    return float(re.search(rf'^sayur_dependency_up{{name="{name}"}} (\S+)$', client.get("/metrics").text, re.M).group(1))


def told(service, message: str, what: str) -> list[dict]:
    return [line for line in service.log_lines() if line["message"] == message and line.get("dependency.name") == what]


SERVERS = {
    "postgres": ("database", "DB_HOST", ["user-service", "notification-service"]),
    "redis": ("redis", "REDIS_HOST", ["user-service", "notification-service"]),
    "rabbitmq": ("rabbitmq", "RABBITMQ_HOST", ["user-service", "notification-service"]),
    "smtp": ("smtp", "SMTP_HOST", ["notification-service"]),
}


@pytest.mark.parametrize("lost", SERVERS)
def test_a_lost_server_is_told_once_and_so_is_its_return(api, repaired, lost):
    what, variable, concerned = SERVERS[lost]
    clients = {"user-service": api.user, "notification-service": api.notification}
    for name in concerned:
        wait_for_health(clients[name], what, "healthy")
    # Who was killed while a server was away told of no return.
    before = {name: len(told(repaired.services[name], "does not work", what)) for name in concerned}
    returns = {name: len(told(repaired.services[name], "works again", what)) for name in concerned}
    server = repaired.sink if lost == "smtp" else repaired.servers[lost]
    port = repaired.user_service.env["DB_PORT"] if lost == "postgres" else server.port  # a pooler's, where there is one
    server.stop() if lost == "smtp" else server.kill()
    for name in concerned:
        service = repaired.services[name]
        wait_until(lambda service=service, name=name: len(told(service, "does not work", what)) > before[name], 30, f"a line of {name}")
        wait_until(lambda name=name: gauge(clients[name], what) == 0, 5, "the gauge")
        for _ in range(5):  # more work on the lost server is not told again
            api.register(new_email(), new_password())
        (line,) = told(service, "does not work", what)[before[name] :]
        assert line["dependency.address"] == f"127.0.0.1:{port}"
        assert line["error.message"]
        assert variable in line["dependency.advice"]
    server.start()
    for name in concerned:
        service = repaired.services[name]
        wait_until(lambda service=service, name=name: len(told(service, "works again", what)) > returns[name], 60, f"the return to {name}")
        (line,) = told(service, "works again", what)[returns[name] :]
        assert line["dependency.address"] == f"127.0.0.1:{port}"
        assert line["dependency.after_seconds"] >= 0
        wait_until(lambda name=name: gauge(clients[name], what) == 1, 5, "the gauge")


@pytest.mark.parametrize(
    ("refusing", "again", "variable"),
    [("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "maxmemory"), ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "REDIS_HOST")],
)
def test_a_redis_that_takes_no_writes_is_unhealthy(api, repaired, refusing, again, variable):
    redis = repaired.servers["redis"]
    wait_for_health(api.user, "redis", "healthy")
    before = len(told(repaired.user_service, "does not work", "redis"))
    redis.command(refusing)
    try:
        wait_for_health(api.user, "redis", "unhealthy")
        wait_until(lambda: len(told(repaired.user_service, "does not work", "redis")) > before, 10, "a line")
        assert variable in told(repaired.user_service, "does not work", "redis")[-1]["dependency.advice"]
        assert api.user.get("/ready").status_code == 200
        assert api.register(new_email(), new_password()).status_code == 202
    finally:
        redis.command(again)
    wait_for_health(api.user, "redis", "healthy")


def test_a_broker_that_takes_no_messages_is_unhealthy(api, repaired):
    broker = repaired.servers["rabbitmq"]
    wait_for_health(api.user, "rabbitmq", "healthy")

    def lines() -> list[dict]:
        return [line for line in told(repaired.user_service, "does not work", "rabbitmq") if "takes no messages" in line["error.message"]]

    broker.restart_with({"vm_memory_high_watermark.absolute": "1MB"})
    email = new_email()
    try:
        assert api.register(email, new_password()).status_code == 202
        (line,) = wait_until(lines, 40, "a line")
        assert "alarms" in line["dependency.advice"]
        assert health_of(api.user, "rabbitmq") == "unhealthy"
        assert api.user.get("/ready").status_code == 200
    finally:
        broker.restart_with({})
    repaired.wait_for_mails(email, 1, 60)
    wait_for_health(api.user, "rabbitmq", "healthy")


def test_an_outbox_that_does_not_move_is_unhealthy(api, repaired):
    repaired.servers["rabbitmq"].kill()
    email = new_email()
    assert api.register(email, new_password()).status_code == 202
    repaired.run_user_sql("update outbox set created_at = created_at - interval '2 minutes' where published_at is null")
    wait_for_health(api.user, "outbox", "unhealthy")
    repaired.servers["rabbitmq"].start()
    repaired.wait_for_mails(email, 1, 60)
    wait_for_health(api.user, "outbox", "healthy")


def test_mails_that_do_not_move_are_unhealthy(api, repaired):
    repaired.sink.reject = "451 later"
    email = new_email()
    assert api.register(email, new_password()).status_code == 202
    postgres = repaired.servers["postgres"]
    mine = f"from notification_service.notifications where recipient = '{email}'"
    wait_until(lambda: postgres.run_sql(f"select 1 {mine} and failures > 0") == "1", 20, "a refusal")
    repaired.sink.stop()
    wait_for_health(api.notification, "smtp", "unhealthy")
    other = new_email()
    assert api.register(other, new_password()).status_code == 202
    postgres.run_sql(
        "update notification_service.notifications set due_at = clock_timestamp() - interval '2 minutes' where due_at is not null"
    )
    wait_for_health(api.notification, "deliveries", "unhealthy")
    repaired.sink.reject = None
    repaired.sink.start()
    repaired.wait_for_mails(email, 1, 60)
    repaired.wait_for_mails(other, 1, 60)
    wait_for_health(api.notification, "deliveries", "healthy")


def test_nothing_is_said_of_a_mail_server_before_it_was_asked(api, repaired):
    def tells() -> bool:
        return re.search(r"^sayur_mail_server_smtputf8 ", api.notification.get("/metrics").text, re.M) is not None

    wait_until(tells, 20, "what it offers")
    repaired.sink.stop()
    repaired.notification_service.stop()
    repaired.notification_service.start()
    wait_for_health(api.notification, "smtp", "unhealthy")
    assert not tells(), "0 would say that it lacks the extension"
    repaired.sink.start()
    wait_until(tells, 20, "what it offers")
