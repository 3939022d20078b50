# SPDX-License-Identifier: Apache-2.0
"""Servers go away and come back: what works meanwhile, what is told, and that nothing is lost."""

import time

import httpx
import pytest

from harness.client import Account, Api, expect_problem, new_email, new_password, token_of, wait_until

pytestmark = pytest.mark.mode("distributed")

SOON = 1.5  # "within a second", on a machine that runs everything else of the test as well


def health(client) -> dict:
    started = time.monotonic()
    answer = client.get("/health")
    assert time.monotonic() - started < 0.25, "health answers from cached checks, whatever is down"
    assert answer.status_code == 200
    return answer.json()


def wait_for_health(client, name: str, state: str) -> None:
    wait_until(lambda: health(client)["services"][name] == state, 10, f"{name} {state}")


def expect_unavailable(call) -> None:
    started = time.monotonic()
    answer = call()
    took = time.monotonic() - started
    expect_problem(answer, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert took < SOON, f"503 after {took:.2f} s"


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_without_postgres_requests_get_503_at_once_and_recover_without_a_restart(api, repaired, how):
    wait_for_health(api.user, "database", "healthy")  # ready again while the server of another test only read
    made = api.new_account()
    postgres = repaired.servers["postgres"]
    getattr(postgres, how)()
    try:
        # Several times: the first finds broken connections, later ones no connection at all.
        for _ in range(3):
            expect_unavailable(lambda: api.login(made.email, made.password))
            expect_unavailable(lambda: api.register(new_email(), new_password()))
            expect_unavailable(lambda: api.refresh(made.tokens["refresh_token"]))
        wait_for_health(api.user, "database", "unhealthy")
        wait_for_health(api.notification, "database", "unhealthy")
        assert health(api.user)["status"] == "degraded"
        for client in (api.user, api.notification):
            expect_problem(client.get("/ready"), "unavailable")
        assert api.user.get("/metrics").status_code == 200
        assert api.user.get("/.well-known/jwks.json").status_code == 200
    finally:
        if how == "pause":
            postgres.resume()
        else:
            postgres.start()
    wait_until(lambda: api.login(made.email, made.password).status_code == 200, 15, "logins")
    wait_until(lambda: api.user.get("/ready").status_code == api.notification.get("/ready").status_code == 200, 15, "readiness")
    after, token = api.new_registration()
    assert api.verify(token).status_code == 200, after.email


def test_a_password_reset_asked_for_in_an_outage_is_refused_or_kept(api, repaired):
    """Either is honest; a 202 whose mail never comes is not."""
    made = api.new_account(log_in=False)
    repaired.servers["postgres"].kill()
    answer = api.forgot_password(made.email)
    repaired.servers["postgres"].start()
    wait_for_recovery(repaired)
    if answer.status_code == 202:
        repaired.wait_for_mails(made.email, 2, 30)
    else:
        expect_problem(answer, "unavailable")


def test_without_redis_logins_and_token_checks_keep_working_and_nothing_fails_open(api, repaired, admin):
    made, ended = api.new_account(), api.new_account()
    assert api.logout(ended.bearer).status_code == 204
    repaired.servers["redis"].kill()
    expect_problem(api.profile(ended.bearer), "unauthenticated")
    expect_problem(api.refresh(ended.tokens["refresh_token"]), "invalid_refresh_token")
    assert api.profile(made.bearer).status_code == 200
    renewed = api.must_log_in(made.email, made.password)
    assert api.refresh(renewed["refresh_token"]).status_code == 200
    bearer = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert api.logout(bearer).status_code == 204
    wait_until(lambda: api.profile(bearer).status_code == 401, 1, "the session's end")
    wait_for_health(api.user, "redis", "unhealthy")
    wait_for_health(api.notification, "redis", "unhealthy")
    for client in (api.user, api.notification):
        assert client.get("/ready").status_code == 200, "Redis never gates readiness"
    assert api.notifications(admin).status_code == 200
    # Throttling counts in memory.
    email = new_email()
    for _ in range(5):
        expect_problem(api.login(email, new_password()), "invalid_credentials")
    expect_problem(api.login(email, new_password()), "too_many_attempts")
    slowest = max(timed(lambda: api.profile(made.bearer)) for _ in range(20))
    assert slowest < 0.5, "an absent Redis is not waited for"
    repaired.servers["redis"].start()
    wait_for_health(api.user, "redis", "healthy")
    wait_for_health(api.notification, "redis", "healthy")
    expect_problem(api.profile(ended.bearer), "unauthenticated")
    expect_problem(api.profile(bearer), "unauthenticated")
    assert api.profile(made.bearer).status_code == 200


def wait_for_recovery(stack) -> None:
    """Each core has connections of its own to the database: several clients in a row must be served, reading and writing."""

    def served() -> bool:
        client = Api(stack)
        try:
            return client.register(new_email(), new_password()).status_code == 202 and client.login(new_email(), "wrong").status_code == 401
        finally:
            client.close()

    wait_until(lambda: all(served() for _ in range(6)), 20, "recovery")


def timed(call) -> float:
    started = time.monotonic()
    assert call().status_code == 200
    return time.monotonic() - started


def test_a_frozen_redis_is_not_waited_for_long(api, repaired):
    made = api.new_account()
    redis = repaired.servers["redis"]
    redis.pause()
    try:
        for _ in range(3):
            assert timed(lambda: api.profile(made.bearer)) < SOON
            assert timed(lambda: api.login(made.email, made.password)) < 2 * SOON
    finally:
        redis.resume()
    wait_for_health(api.user, "redis", "healthy")


def test_a_restarted_redis_that_has_forgotten_everything_revives_nothing(api, repaired):
    ended = api.new_account()
    assert api.logout(ended.bearer).status_code == 204
    repaired.servers["redis"].kill()
    repaired.servers["redis"].start()
    with repaired.instance() as second:  # an instance that has no memory of its own either
        other = Api(repaired, user_url=second.user_url)
        expect_problem(other.profile(ended.bearer), "unauthenticated")
        other.close()
    expect_problem(api.profile(ended.bearer), "unauthenticated")


def test_without_the_broker_registrations_are_accepted_and_their_mails_follow(api, repaired):
    broker = repaired.servers["rabbitmq"]
    broker.kill()
    waiting = [Account(new_email(), new_password(), "Siti") for _ in range(5)]
    for each in waiting:
        started = time.monotonic()
        assert api.register(each.email, each.password).status_code == 202
        assert time.monotonic() - started < SOON
    wait_for_health(api.user, "rabbitmq", "unhealthy")
    wait_for_health(api.notification, "rabbitmq", "unhealthy")
    assert api.user.get("/ready").status_code == api.notification.get("/ready").status_code == 200
    broker.start()
    for each in waiting:
        (mail,) = repaired.wait_for_mails(each.email, 1, 60)
        assert api.verify(token_of(mail), each.password).status_code == 200
    wait_for_health(api.user, "rabbitmq", "healthy")
    wait_for_health(api.notification, "rabbitmq", "healthy")


def test_a_frozen_broker_holds_no_request(api, repaired):
    broker = repaired.servers["rabbitmq"]
    broker.pause()
    email = new_email()
    try:
        started = time.monotonic()
        assert api.register(email, new_password()).status_code == 202
        assert time.monotonic() - started < SOON
    finally:
        broker.resume()
    assert len(repaired.wait_for_mails(email, 1, 60)) == 1


def test_without_the_mail_server_mails_wait(api, repaired):
    repaired.sink.stop()
    waiting = [Account(new_email(), new_password(), "Siti") for _ in range(5)]
    for each in waiting:
        assert api.register(each.email, each.password).status_code == 202
    wait_for_health(api.notification, "smtp", "unhealthy")
    assert api.notification.get("/ready").status_code == 200
    repaired.sink.start()
    for each in waiting:
        (mail,) = repaired.wait_for_mails(each.email, 1, 45)
        assert api.verify(token_of(mail), each.password).status_code == 200
    wait_for_health(api.notification, "smtp", "healthy")
    api.settle()
    assert [len(repaired.mails(each.email)) for each in waiting] == [1] * 5


def test_a_mail_that_keeps_the_mail_server_waiting_delays_no_other(api, repaired, admin):
    stalled = Account(new_email(), new_password(), "Siti")
    repaired.sink.stall.add(stalled.email)
    assert api.register(stalled.email, stalled.password).status_code == 202

    def stored():
        return api.notifications(admin, recipient=stalled.email).json()["items"]

    (item,) = wait_until(stored, 10, "the notification")

    def first_outcome():
        (first, *_) = api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).json()["attempts"]
        return first["outcome"]

    while first_outcome() is None:  # until the attempt's deadline; pytest's time limit bounds it
        api.new_registration()
    assert first_outcome() == "temporary_failure"
    assert "sayur_mail_server_up 1" in api.notification.get("/metrics").text
    repaired.sink.stall.clear()
    (mail,) = repaired.wait_for_mails(stalled.email, 1, 30)
    assert api.verify(token_of(mail), stalled.password).status_code == 200


def test_without_notification_service_registrations_are_accepted_and_mails_follow(api, repaired):
    repaired.notification_service.kill()
    made = Account(new_email(), new_password(), "Siti")
    assert api.register(made.email, made.password).status_code == 202
    repaired.notification_service.start()
    (mail,) = repaired.wait_for_mails(made.email)
    assert api.verify(token_of(mail), made.password).status_code == 200


def test_services_start_while_everything_but_the_database_is_away(repaired):
    """Redis, RabbitMQ, SMTP or JWKS away at start is never fatal."""
    for service in repaired.services.values():
        assert service.stop() == 0
    repaired.sink.stop()
    for name in ("redis", "rabbitmq"):
        repaired.servers[name].kill()
    repaired.notification_service.start()
    repaired.user_service.start()
    api = Api(repaired)
    made = Account(new_email(), new_password(), "Siti")
    assert api.register(made.email, made.password).status_code == 202
    repaired.repair()
    assert api.verify(token_of(repaired.wait_for_mails(made.email, 1, 60)[0]), made.password).status_code == 200
    api.close()


def test_a_service_that_starts_before_its_database_waits_and_becomes_ready(repaired):
    postgres = repaired.servers["postgres"]
    for service in repaired.services.values():
        assert service.stop() == 0
    postgres.kill()
    for service in repaired.services.values():
        service.start(wait=False)
    api = Api(repaired)

    def alive(client):
        try:
            return client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    for client in (api.user, api.notification):
        wait_until(lambda client=client: alive(client), 10, "life")
        expect_problem(client.get("/ready"), "unavailable")
    postgres.start()
    for service in repaired.services.values():
        service.wait_ready()
    api.new_account()
    api.close()
