# SPDX-License-Identifier: Apache-2.0
"""Both services on a database that an older version made, and goes on using."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from pathlib import Path

from data.first_version.load import ROWS, SCHEMA, FirstVersion
from harness.lock_waits import LockWaits
from harness.packages import REPOSITORY
from harness.postgres import Postgres
from harness.stack import DistributedStack

MANY = 30_000
FIRST = "the first commit"
# What 001 of user-service got an hour after the first commit (f80f4d7), when no program could apply it yet.
CHANGED_SINCE = "create index refresh_tokens_expires_at on user_service.refresh_tokens (expires_at)"
BOOKKEEPING = """create schema {schema}; set search_path = {schema};
create table schema_migrations (version bigint primary key, name text not null, checksum text not null, applied_at timestamptz not null)"""


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout


def tags() -> list[str]:
    return git("tag", "--merged", "HEAD").split()


def make_schemas(postgres: Postgres, version: str) -> None:
    """As the version had them, with rows where the first commit had tables."""
    if version == FIRST:
        make_first_schemas(postgres)
    else:
        for service in ("user-service", "notification-service"):
            make_schema(postgres, service, version)
    postgres.run_sql(ROWS.format(count=MANY))


def make_first_schemas(postgres: Postgres) -> None:
    path = "services/user-service/migrations/postgres/001_accounts_and_sessions.sql"
    checksum = hashlib.sha256((REPOSITORY / path).read_bytes()).hexdigest()
    postgres.run_sql(f"{SCHEMA}; {CHANGED_SINCE}; update user_service.schema_migrations set checksum = '{checksum}'")


def make_schema(postgres: Postgres, service: str, tag: str) -> None:
    schema = service.replace("-", "_")
    postgres.run_sql(BOOKKEEPING.format(schema=schema))
    for path in git("ls-tree", "--name-only", tag, f"services/{service}/migrations/postgres/").split():
        text = git("show", f"{tag}:{path}")
        postgres.run_sql(f"set search_path = {schema}; {text}; insert into schema_migrations values {row_of(path, text)}")


def row_of(path: str, text: str) -> str:
    """Of a migration in schema_migrations."""
    number, _, name = Path(path).stem.partition("_")
    return f"({int(number)}, '{name}', '{hashlib.sha256(text.encode()).hexdigest()}', now())"


class OldStack(DistributedStack):
    """The first version's statements run from before the first migration until `stop_first`, while locks are watched."""

    def __init__(self, preset: str, version: str) -> None:
        self.version = version
        self.beside = contextlib.ExitStack()
        super().__init__(preset)

    def _servers_started(self) -> None:
        postgres = self.servers["postgres"]
        make_schemas(postgres, self.version)
        conninfo = f"{postgres.conninfo} dbname={postgres.database}"
        self.first, self.waits = FirstVersion(conninfo), LockWaits(conninfo)
        self.beside.enter_context(self.waits)
        self.beside.enter_context(self.first)

    def stop_first(self) -> None:
        self.beside.close()

    def close(self) -> None:
        self.beside.close()
        super().close()
