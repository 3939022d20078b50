# SPDX-License-Identifier: Apache-2.0
"""A database with many users in it, by COPY."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator

NAMES = ("Siti Aminah", "Budi Santoso", "Dewi Lestari", "Agus Salim", "Nur Haliza", "Joko Widodo", "Ratna Sari", "Eko Prasetyo")
ROWS_PER_STATEMENT = 100_000
MILLISECONDS_2026 = 1_767_225_600_000

ACCOUNTS = (
    "id, email, email_key, name, locale, password_hash, phone, address, status, roles, version, event_sequence, created_at, updated_at"
)
SESSIONS = "id, account_id, created_at, expires_at"
REFRESH_TOKENS = "digest, session_id, expires_at"
NOTIFICATIONS = (
    "id, kind, user_id, recipient, recipient_key, locale, status, attempts, failures, created_at, updated_at, request_id, traceparent"
)
TRACE = "00-00000000000000000000000000000000-0000000000000000-00"


def fill(database, users: int, password_hash: str) -> None:
    """Each user has an account, a session with a refresh token and the mail that came of the registration; all have one password."""
    for first in range(0, users, ROWS_PER_STATEMENT):
        numbers = range(first, min(first + ROWS_PER_STATEMENT, users))
        database.copy_rows("user_service.accounts", ACCOUNTS, _accounts(numbers, password_hash))
        database.copy_rows("user_service.sessions", SESSIONS, _sessions(numbers))
        database.copy_rows("user_service.refresh_tokens", REFRESH_TOKENS, _refresh_tokens(numbers))
        database.copy_rows("notification_service.notifications", NOTIFICATIONS, _notifications(numbers))
    database.run_sql("analyze")


def email_of(number: int) -> str:
    return f"pembeli.{number}@sayur.example"


def _id(number: int, kind: int) -> uuid.UUID:
    """A UUIDv7 of its own for each number and kind, in the order of the numbers."""
    return uuid.UUID(int=(MILLISECONDS_2026 + number) << 80 | 0x7 << 76 | kind << 64 | 0b10 << 62 | number)


def _accounts(numbers: Iterable[int], password_hash: str) -> Iterator[tuple]:
    for n in numbers:
        email, at = email_of(n), "2026-01-01Z"
        yield (
            _id(n, 1),
            email,
            email,
            NAMES[n % len(NAMES)],
            "id",
            password_hash,
            f"+62812{n:07}",
            f"Jalan Melati {n}",
            "active",
            "customer",
            1,
            1,
            at,
            at,
        )


def _sessions(numbers: Iterable[int]) -> Iterator[tuple]:
    for n in numbers:
        yield _id(n, 2), _id(n, 1), "2026-01-01Z", "2036-01-01Z"


def _refresh_tokens(numbers: Iterable[int]) -> Iterator[tuple]:
    for n in numbers:
        yield rf"\\x{secrets.token_hex(32)}", _id(n, 2), "2036-01-01Z"


def _notifications(numbers: Iterable[int]) -> Iterator[tuple]:
    for n in numbers:
        at = "2026-01-01Z"
        yield _id(n, 3), "verification", _id(n, 1), email_of(n), email_of(n), "id", "sent", 1, 0, at, at, "drill", TRACE
