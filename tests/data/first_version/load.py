# SPDX-License-Identifier: Apache-2.0
"""What the first version does to its database, statement by statement, as long as it is let."""

from __future__ import annotations

import datetime
import re
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from harness.background import Background

FOLDER = Path(__file__).parent
SCHEMA = (FOLDER / "schema.sql").read_text()
STATEMENT = re.compile(r"^-- (\w+_service) (\w+)\n(.*?);$", re.MULTILINE | re.DOTALL)
STATEMENTS = {name: (schema, text) for schema, name, text in STATEMENT.findall((FOLDER / "statements.sql").read_text())}
CALL_TIMEOUT = "900ms"
DAY = datetime.timedelta(days=1)

# Rows beside those of schema.sql, as many as `count`, so that what reads a whole table takes its time.
ROWS = """set search_path = user_service;
insert into accounts select md5('a' || n)::uuid, n || '@many.id', n || '@many.id', 'Many', 'id', 'none', null, null, null, null,
  'active', 'customer', 1, 1, now(), now() from generate_series(1, {count}) n;
insert into sessions select md5('s' || n)::uuid, md5('a' || n)::uuid, now(), now() + interval '90 days', null
  from generate_series(1, {count}) n;
insert into refresh_tokens select decode(md5('t' || n), 'hex'), md5('s' || n)::uuid, now() + interval '30 days', null
  from generate_series(1, {count}) n;
insert into outbox select md5('o' || n)::uuid, 'user.registered', md5('a' || n)::uuid, 1, '', '', '', null, now(), now(), now()
  from generate_series(1, {count}) n;
set search_path = notification_service;
insert into notifications select md5('n' || n)::uuid, 'welcome', md5('a' || n)::uuid, n || '@many.id', n || '@many.id', 'id', null,
  'sent', 1, 0, null, now(), now(), '', '' from generate_series(1, {count}) n;
analyze"""


class FirstVersion(Background):
    """Both services of then, each in a few threads: `ran` counts by statement, `failures` are to stay empty."""

    def __init__(self, conninfo: str, clients: int = 2) -> None:
        self.conninfo, self.clients = conninfo, clients
        self.ran: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest = ("", 0.0)

    def tasks(self) -> list[Callable[[], None]]:
        return [lambda: self._work("user_service", live_as_user), lambda: self._work("notification_service", notify)] * self.clients

    def __str__(self) -> str:
        return f"{self.ran.total()} statements, {len(self.failures)} failed, slowest {self.slowest[0]} {self.slowest[1]:.2f} s"

    def _work(self, schema: str, script: Callable) -> None:
        options = f"-c search_path={schema} -c statement_timeout={CALL_TIMEOUT}"
        with psycopg.connect(self.conninfo, options=options, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
            while not self.over.is_set():
                try:
                    script(connection, lambda name, *values: self._run(connection, name, values))
                except psycopg.Error as failure:
                    self.failures.append(str(failure))
                    time.sleep(0.1)

    def _run(self, connection: psycopg.Connection, name: str, values: tuple) -> list[tuple]:
        began = time.monotonic()
        cursor = connection.execute(STATEMENTS[name][1], values, prepare=True)
        took = time.monotonic() - began
        if took > self.slowest[1]:
            self.slowest = (name, took)
        self.ran[name] += 1
        return cursor.fetchall() if cursor.description else []


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def live_as_user(connection: psycopg.Connection, run: Callable) -> None:
    """From a registration to a new password, with what the service does for itself in between."""
    person, session, event = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    email, digests = f"{person.hex}@first.id", [secrets.token_bytes(32) for _ in range(5)]
    with connection.transaction():
        run("lock_idempotency_key", email)
        run("claim_idempotency_key", "register", email, b"f", 202, "{}", now(), now() - DAY)
        run("add_registration", person, email, email, "First", "id", "hash", now(), now() + DAY, digests[0])
        run("outbox_insert", event, "user.registration_requested", person, 1, "", "r", "", "{}", now(), now() - DAY)
    assert run("find_idempotency_key", "register", email, now() - DAY) and run("registrations_of_email", email, now(), 5)
    run("replace_registration_token", person, digests[1], now() + DAY)
    with connection.transaction():
        assert run("registration_by_token", digests[1], now())
        run("add_account", person, email, email, "First", "id", "hash", "active", "customer", 2, now())
        run("drop_registrations", email)
        run("add_session", session, person, now(), now() + DAY)
        run("add_refresh_token", digests[2], session, now() + DAY)
    assert run("account_by_email", email) and run("account_by_id", person) and run("session_is_live", session, now())
    with connection.transaction():
        at = now()
        run("use_refresh_token", digests[2], at)
        run("add_successor", digests[2], digests[3], at, at + DAY)
        assert run("refresh_state", digests[3])
    run("save_profile", person, 1, "Second", "en", "+62", None, None, None, now())
    run("replace_hash", person, "hash", "another")
    run("save_roles", person, "customer admin", now())
    assert run("next_event_sequence", person)
    run("drop_password_resets", person)
    run("add_password_reset", digests[4], person, now() + DAY)
    assert run("account_by_reset", digests[4], now())
    with connection.transaction():
        assert run("use_password_reset", digests[4], now()) and run("set_password", person, "third", now())
        run("revoke_sessions_of_account", person, now())
    run("revoke_session", session, now())
    relay(connection, run)
    for table in ("registrations", "sessions", "password_resets", "idempotency_keys"):
        run(f"prune_{table}", now() - 30 * DAY, 100)


def relay(connection: psycopg.Connection, run: Callable) -> None:
    """Marks as published what it could read: what a later version seals has no plain data, and stays that one's."""
    with connection.transaction():
        run("outbox_commit_without_waiting")
        claimed = run("outbox_claim", now(), now() + datetime.timedelta(milliseconds=200), 20)
    with connection.transaction():
        for id, *_, data, _ in sorted(claimed):
            run(*("outbox_mark_published", id, now()) if data is not None else ("outbox_release", id, now()))
    run("outbox_release", uuid.uuid4(), now())
    run("outbox_backlog")
    run("outbox_prune", now() - 7 * DAY, 100)


def notify(connection: psycopg.Connection, run: Callable) -> None:
    """Sends its own mails alone: another version's are due, and the first one would take them."""
    id, event, email = uuid.uuid4(), uuid.uuid4(), f"{uuid.uuid4().hex}@first.id"
    with connection.transaction():
        run("inbox_insert", "user-service", event, "user.registered", now())
        run("notifications_insert", id, "welcome", uuid.uuid4(), email, email, "id", "{}", "sending", 1, now() + DAY, now(), "r", "")
        run("notification_attempts_insert", id, 1, now())
    with connection.transaction():
        run("notifications_claim", now() - 365 * DAY, now() + DAY, 10)
        run("notification_attempts_insert_claimed", now() - 365 * DAY, now())
    run("notification_attempts_finish", id, 1, now(), "failed", "550")
    run("notifications_finish_unsent", id, 1, "failed", 1, None, now())
    run("notifications_retry", id, now() + DAY)
    run("notifications_finish_sent", id, now())
    last = uuid.UUID(int=2**128 - 1)
    run("notifications_list", last, 20)
    assert run("notifications_list_by_recipient", last, 20, email)
    run("notifications_list_by_status", last, 20, "failed")
    run("notifications_list_by_recipient_and_status", last, 20, email, "failed")
    assert run("notifications_find", id) and run("notification_attempts_find", id)
    run("notifications_prune", now() - 90 * DAY, 100)
    run("notifications_erase_failed", now() - 90 * DAY, 100)
    run("inbox_prune", now() - 90 * DAY, 100)
