# SPDX-License-Identifier: Apache-2.0
"""What is measured: the statements of requests, and of the services' own jobs, each for the account of a number."""

from __future__ import annotations

import hashlib
import secrets

from drill.population import MILLISECONDS_2026, account_id, email_of, session_id
from harness.logged_statements import Recorded
from scale.growth import Call

OF_EACH = 3  # sessions, each with a refresh token, and mails of an account
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27c6vXZ8nTqVqn3qKdPdcSRXg"
PRUNED = ("sessions", "refresh_tokens", "notifications", "outbox", "inbox")

MONTH, LEASE = str(30 * 86_400 * 10**6), str(10 * 10**6)  # in microseconds
PAGE, BATCH, CLAIMED = "50", "500", "64"
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
NONE_DUE, SOME_DUE = "2023-06-01", "2025-06-01"


def requests(statements: Recorded) -> list[Call]:
    one, mail = statements.one, "SELECT id, kind"
    owner = one("SELECT a.id", "WHERE s.id = $1")
    ending = one("UPDATE sessions SET revoked_at", "account_id = $1")
    every, by_address = one(mail, "WHERE id < $1 ORDER"), one(mail, "recipient_key = $3 AND id < $1")
    by_status, by_both = one(mail, "WHERE status = $3"), one(mail, "recipient_key = $3 AND status")
    return [
        Call("profile", lambda _, n: [(owner, (session_id(n * OF_EACH),))]),
        Call("login", lambda _, n: login(one, n)),
        Call("refresh", lambda connection, n: refresh(one, connection, n)),
        Call("sessions of an account, ended", lambda _, n: [(ending, (account_id(n),))]),
        Call("notifications", lambda _, n: [(every, (mail_id(n), PAGE))]),
        Call("notifications to an address", lambda _, n: [(by_address, (LAST_ID, PAGE, email_of(n)))]),
        Call("notifications by status", lambda _, n: [(by_status, (mail_id(n), PAGE, "sent"))]),
        Call("notifications by both", lambda _, n: [(by_both, (LAST_ID, PAGE, email_of(n), "sent"))]),
    ]


def jobs(statements: Recorded) -> list[Call]:
    one = statements.one
    events, mails = one("WITH chosen", "claimed_until <= "), one("UPDATE notifications SET status = 'sending'")

    def prune(table: str, before: str) -> Call:
        text = one(f"DELETE FROM {table} ", "LIMIT $2")
        return Call(f"pruning of {table}, {'none' if before == NONE_DUE else BATCH} due", lambda *_: [(text, (before, BATCH))])

    return [
        Call("claim of events", lambda *_: [(events, (LEASE, CLAIMED))]),
        Call("claim of mails", lambda *_: [(mails, (LEASE, CLAIMED))]),
        *(prune(table, NONE_DUE) for table in PRUNED),
        *(prune(table, SOME_DUE) for table in PRUNED[:3]),
    ]


def login(one, number: int) -> list:
    session = secrets.token_hex(16)
    return [
        (one("SELECT a.id", "WHERE a.email_key = $1"), (email_of(number),)),
        (one("FROM registrations WHERE email_key = $1 AND password_hash"), (email_of(number), HASH)),
        (one("INSERT INTO sessions"), (session, account_id(number), MONTH, "1")),
        (one("INSERT INTO refresh_tokens", "FROM sessions s WHERE s.id = $2"), (secrets.token_bytes(32), session, MONTH)),
    ]


def refresh(one, connection, number: int) -> list:
    found = connection.execute("select digest from refresh_tokens where session_id = $1 limit 1", (session_id(number * OF_EACH),))
    (presented,) = found.fetchone()
    successor = hashlib.sha256(presented).digest()
    return [
        (one("UPDATE refresh_tokens SET used_at"), (presented,)),
        (one("INSERT INTO refresh_tokens", "t.session_id"), (presented, successor, MONTH)),
        (one("SELECT a.id", "FROM refresh_tokens t", "t.digest = $1"), (successor,)),
    ]


def mail_id(number: int) -> str:
    """Of the first mail of the account, or right before it."""
    return f"{MILLISECONDS_2026 + number * OF_EACH:012x}70038{0:015x}"
