# SPDX-License-Identifier: Apache-2.0
"""Events that RabbitMQ has lost are published again out of the outbox, which keeps them sealed."""

import email
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from harness.client import new_email, new_password, token_of, wait_until

pytestmark = pytest.mark.mode("distributed")


def now() -> str:
    return datetime.now(UTC).isoformat()


def ask(stack, what: str, where: str) -> list[str]:
    return stack.servers["postgres"].run_sql(f"select {what} from user_service.outbox t where {where} order by id").splitlines()


def wait_until_published(stack) -> None:
    wait_until(lambda: ask(stack, "id", "published_at is null") == [], what="the relay")


def lose_broker_and_cache(stack) -> None:
    """As on new disks: no exchange, no queue, no message, no entry."""
    rabbitmq, redis = stack.servers["rabbitmq"], stack.servers["redis"]
    rabbitmq.kill()
    shutil.rmtree(rabbitmq.directory / "mnesia")
    redis.kill()
    redis.start()
    rabbitmq.start()


def forget_mails(stack) -> None:
    """As after a restore of notification-service to a moment before they came."""
    tables = ("inbox", "notifications", "notification_attempts", "forgotten_users")
    stack.servers["postgres"].run_sql("truncate " + ", ".join(f"notification_service.{table}" for table in tables))


def replay(stack, since: str) -> int:
    """How many events are published again."""
    said = stack.user_service.run("outbox", "replay", "--since", since)
    return int(re.match(r"(\d+) events are published again, .*; 0 cannot be\.", said)[1])


def duplicates(api) -> float:
    samples = re.findall(r'^sayur_events_received_total\{.*outcome="duplicate".*\} (\S+)$', api.notification.get("/metrics").text, re.M)
    return sum(map(float, samples))


def message_ids(mails: list[dict[str, str]]) -> list[str]:
    return [email.message_from_string(mail["raw"])["Message-ID"] for mail in mails]


def test_what_lies_in_the_outbox_names_nobody_and_opens_nothing(api, stack):
    began = now()
    made = api.new_account("Siti Yang Disegel", log_in=False)
    assert api.forgot_password(made.email).status_code == 202
    tokens = [token_of(mail) for mail in stack.wait_for_mails(made.email, 2)]
    wait_until_published(stack)
    rows = ask(stack, "t::text || encode(t.payload, 'escape')", f"created_at >= '{began}'")
    assert len(rows) >= 3
    for secret in (made.email, made.name, *tokens):
        assert [row for row in rows if secret in row] == []


def test_a_replay_of_what_the_inbox_knows_mails_nothing(api, repaired):
    began = now()
    made = api.new_account(log_in=False)
    wait_until_published(repaired)
    lose_broker_and_cache(repaired)
    before = duplicates(api)
    again = replay(repaired, began)
    assert again >= 2
    wait_until_published(repaired)
    wait_until(lambda: duplicates(api) >= before + again, what="every event a second time")
    api.settle()
    assert len(repaired.mails(made.email)) == 1


def test_what_was_forgotten_is_mailed_again_under_the_same_message_id(api, repaired):
    began = now()
    made, _ = api.new_registration()
    wait_until_published(repaired)
    lose_broker_and_cache(repaired)
    forget_mails(repaired)
    repaired.user_service.stop()
    assert replay(repaired, began) >= 1
    repaired.user_service.start()
    mails = repaired.wait_for_mails(made.email, 2)
    assert len(set(message_ids(mails))) == 1
    assert len({token_of(mail) for mail in mails}) == 1


def test_nobody_comes_back_who_was_erased_in_between(api, repaired):
    began = now()
    erased, kept = api.new_account(log_in=False), api.new_account(log_in=False)
    repaired.user_service.run("delete-account", erased.email)
    wait_until_published(repaired)
    assert ask(repaired, "type", f"subject = '{erased.id}'") == ["user.deleted"]
    forget_mails(repaired)
    replay(repaired, began)
    repaired.wait_for_mails(kept.email, 2)
    api.settle()
    assert len(repaired.mails(erased.email)) == 1
    postgres = repaired.servers["postgres"]
    assert postgres.run_sql(f"select count(*) from notification_service.notifications where user_id = '{erased.id}'") == "0"


def test_an_event_whose_secret_is_gone_is_named_and_stays(api, stack, tmp_path):
    wait_until_published(stack)
    began = now()
    api.new_registration()
    wait_until_published(stack)
    ids = ask(stack, "id", f"published_at >= '{began}'")
    env = stack.user_service.env | {"JWT_KEYS_DIR": str(tmp_path / "keys")}
    missing = stack.user_service.try_run("outbox", "replay", "--since", began, env=env)
    assert (missing.returncode, missing.stdout) == (78, "")
    assert "JWT_KEYS_DIR" in missing.stderr
    assert stack.user_service.try_run("keys", "generate", env=env).returncode == 0
    refused = stack.user_service.try_run("outbox", "replay", "--since", began, env=env)
    assert refused.returncode == 1
    assert refused.stdout.startswith("0 events are published again")
    assert f"{len(ids)} cannot be." in refused.stdout
    for each in ids:
        assert f"{each} cannot be opened" in refused.stderr
    assert ask(stack, "id", f"published_at >= '{began}'") == ids


WRONG_TIMES = {
    "yesterday": (64, '"yesterday" is no time as RFC 3339 writes it'),
    "2026-02-30T00:00:00Z": (64, "is no time"),
    (datetime.now(UTC) + timedelta(days=1)).isoformat(): (64, "is yet to come: the clock of the database says"),
}


@pytest.mark.parametrize("since", WRONG_TIMES)
def test_a_time_that_is_wrong_is_told(stack, since):
    code, why = WRONG_TIMES[since]
    refused = stack.user_service.try_run("outbox", "replay", "--since", since)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert why in refused.stderr


def test_where_nothing_is_kept_that_is_told(api, stack):
    wait_until_published(stack)
    refused = stack.user_service.try_run("outbox", "replay", "--since", now())
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nothing is kept; OUTBOX_TTL says for how long" in refused.stderr


def test_a_replay_after_another_says_that_its_events_wait(api, repaired):
    began = now()
    api.new_registration()
    wait_until_published(repaired)
    repaired.user_service.stop()
    again = replay(repaired, began)
    said = repaired.user_service.run("outbox", "replay", "--since", began)
    assert f"Nothing more is published again: {again} events wait to be published" in said
    repaired.user_service.start()
    wait_until_published(repaired)


def test_events_that_wait_are_not_taken_for_those_that_are_gone(api, repaired):
    """RabbitMQ was away for longer than OUTBOX_TTL."""
    wait_until_published(repaired)
    repaired.servers["postgres"].run_sql("delete from user_service.outbox")  # as in time
    repaired.servers["rabbitmq"].kill()
    assert api.register(new_email(), new_password()).status_code == 202
    assert len(ask(repaired, "id", "published_at is null")) == 1
    before = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    refused = repaired.user_service.try_run("outbox", "replay", "--since", before)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nothing is kept; OUTBOX_TTL says for how long it is; 1 events wait to be published, 1 of them made since then" in refused.stderr
    refused = repaired.user_service.try_run("outbox", "replay", "--since", now())
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "1 events wait to be published, 0 of them made since then" in refused.stderr


def test_help_tells_what_a_replay_does(stack):
    said = " ".join(stack.user_service.run("outbox", "replay", "--help").split())
    for words in ("--since TIME", "2026-11-29T21:15:00Z", "under the same ids", "OUTBOX_TTL"):
        assert words in said
    assert stack.user_service.try_run("outbox", "replay").returncode == 64
