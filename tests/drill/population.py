# SPDX-License-Identifier: Apache-2.0
"""A database with many users in it, by COPY."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

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


def fill(database, users: int, password_hash: str, of_each: int = 1) -> None:
    """Each user has an account and `of_each` sessions, each with a refresh token, and mails; all have one password. Rows are there in the
    order of their ids, in which time brings them."""
    for first in range(0, users, ROWS_PER_STATEMENT):
        last = min(first + ROWS_PER_STATEMENT, users)
        database.copy_rows("user_service.accounts", ACCOUNTS, _accounts(range(first, last), password_hash))
        for start in range(first * of_each, last * of_each, ROWS_PER_STATEMENT):
            numbers = range(start, min(start + ROWS_PER_STATEMENT, last * of_each))
            database.copy_rows("user_service.sessions", SESSIONS, _sessions(numbers, of_each))
            database.copy_rows("user_service.refresh_tokens", REFRESH_TOKENS, _refresh_tokens(numbers))
            database.copy_rows("notification_service.notifications", NOTIFICATIONS, _notifications(numbers, of_each))
    database.run_sql("analyze")


def filled_rows(database) -> dict[str, int]:
    """How many rows of these users each table has that a restore leaves alone: it ends sessions."""
    counted = {
        "accounts": "user_service.accounts where id::text like '________-____-7001-8000-%'",
        "notifications": "notification_service.notifications where id::text like '________-____-7003-8000-%'",
    }
    return {table: int(database.run_sql(f"select count(*) from {rows}")) for table, rows in counted.items()}


def email_of(number: int) -> str:
    return f"pembeli.{number}@sayur.example"


def account_id(number: int) -> str:
    return _id(number, 1)


def session_id(number: int) -> str:
    return _id(number, 2)


def _id(number: int, kind: int) -> str:
    """A UUIDv7 of its own for each number and kind, in the order of the numbers."""
    return f"{MILLISECONDS_2026 + number:012x}7{kind:03x}8{number:015x}"


def _accounts(numbers: Iterable[int], password_hash: str) -> Iterator[str]:
    for n in numbers:
        email = email_of(n)
        person = f"{_id(n, 1)}\t{email}\t{email}\t{NAMES[n % len(NAMES)]}\tid\t{password_hash}\t+62812{n:07}\tJalan Melati {n}"
        yield f"{person}\tactive\tcustomer\t1\t1\t2026-01-01Z\t2026-01-01Z\n"


def _sessions(numbers: Iterable[int], of_each: int) -> Iterator[str]:
    for n in numbers:
        yield f"{_id(n, 2)}\t{_id(n // of_each, 1)}\t2026-01-01Z\t2036-01-01Z\n"


def _refresh_tokens(numbers: Iterable[int]) -> Iterator[str]:
    for n in numbers:
        yield f"\\\\x{secrets.token_hex(32)}\t{_id(n, 2)}\t2036-01-01Z\n"


def _notifications(numbers: Iterable[int], of_each: int) -> Iterator[str]:
    today = f"{datetime.now(UTC):%F}Z"  # or they would be pruned
    for n in numbers:
        email = email_of(n // of_each)
        mail = f"{_id(n, 3)}\temail_verification\t{_id(n // of_each, 1)}\t{email}\t{email}\tid\tsent\t1\t0"
        yield f"{mail}\t{today}\t{today}\tdrill\t{TRACE}\n"
