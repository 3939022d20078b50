# SPDX-License-Identifier: Apache-2.0
"""Recorded transactions on several servers, each of which has the rows of some accounts alone."""

from __future__ import annotations

import datetime
import json
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import psycopg

from .postgres import Postgres
from .recorded_statements import SERVICES, Statement, StatementTransaction
from .recorded_writes import Owners, Transaction
from .routed_token import place_of_address

# The time of the recording stands in for that of the server, for which no statement can tell the difference.
CLOCK = """create schema replay;
create function replay.statement_timestamp() returns timestamptz stable language sql
  as $$select current_setting('replay.statement')::timestamptz$$;
create function replay.transaction_timestamp() returns timestamptz stable language sql
  as $$select current_setting('replay.transaction')::timestamptz$$"""
SET_CLOCK = "select set_config('replay.statement', $1, true), set_config('replay.transaction', $2, true)"


class Router:
    """Which server an account lies on, and whose a statement is: what it is given belongs to one person, or to nobody."""

    def __init__(self, owners: Owners, recorded: list[Transaction], servers: int) -> None:
        self.servers = servers
        self.owner_of_value: dict[str, str] = {}
        self.account_of_owner: dict[str, str] = {}
        for write in (each for transaction in recorded for each in transaction.writes):
            owner = owners.of(write)
            if not owner:  # nobody's, or of somebody who is erased
                continue
            if write.table == "user_service.accounts" and write.operation == "INSERT":
                self.account_of_owner[owner] = write.values["id"]
            for value in (owner, *write.keys()):
                self.owner_of_value[value] = owner

    def server_at(self, place: str) -> int:
        return zlib.crc32(place.encode()) % self.servers

    def server_of(self, owner: str) -> int:
        return self.server_at(self.account_of_owner.get(owner, place_of_address(owner)))

    def owners(self, statement: Statement) -> set[str]:
        return {self.owner_of_value[value] for value in statement.parameters if value in self.owner_of_value}


@dataclass
class Replay:
    """`counts` by kind; `divided` are the transactions that had rows of several, whose statements went to the server of each."""

    router: Router
    servers: list[Postgres]
    counts: Counter[str] = field(default_factory=Counter)
    divided: list[StatementTransaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        for server in self.servers:
            server.run_sql(CLOCK)
        self.connections = [{schema: connect(server, schema) for schema in SERVICES} for server in self.servers]

    def run(self, transactions: list[StatementTransaction]) -> None:
        for each in transactions:
            for server, statements in self._parts(each).items():
                run_transaction(self.connections[server][each.schema], statements)
        for of_server in self.connections:
            for connection in of_server.values():
                connection.close()

    def _parts(self, whole: StatementTransaction) -> dict[int, list[Statement]]:
        owners = set().union(*(self.router.owners(each) for each in whole.statements))
        everywhere = range(len(self.servers))
        if not owners:
            self.counts["of nobody, on each server"] += 1
            return dict.fromkeys(everywhere, whole.statements)
        if len(owners) == 1:
            server = self.router.server_of(owners.pop())
            self.counts[f"of one account, on server {server}"] += 1
            return {server: whole.statements}
        self.counts["of several accounts, divided"] += 1
        self.divided.append(whole)
        parts: dict[int, list[Statement]] = defaultdict(list)
        for each in whole.statements:
            for server in {self.router.server_of(owner) for owner in self.router.owners(each)} or everywhere:
                parts[server].append(each)
        return parts


def connect(server: Postgres, schema: str) -> psycopg.Connection:
    """What the services call comes before what PostgreSQL has of that name."""
    options = f"-c search_path=replay,{schema},pg_catalog"
    return psycopg.connect(
        f"{server.conninfo} dbname={server.database}", options=options, autocommit=True, cursor_factory=psycopg.RawCursor
    )


def run_transaction(connection: psycopg.Connection, statements: list[Statement]) -> None:
    with connection.transaction():
        for each in statements:
            connection.execute(SET_CLOCK, [each.at, statements[0].at])
            connection.execute(each.text, each.parameters)


Row = tuple[str, tuple[datetime.datetime, ...]]


def rows_of(server: Postgres, table: str, without: str | None = None) -> list[Row]:
    """What each row says without its times, and these, but for the column `without`."""
    with psycopg.connect(f"{server.conninfo} dbname={server.database}") as connection:
        cursor = connection.execute(f"select * from {table}")
        kept = [number for number, column in enumerate(cursor.description) if column.name != without]
        return sorted((split([row[number] for number in kept]) for row in cursor), key=lambda row: row[0])


def split(row: list) -> Row:
    times = tuple(value for value in row if isinstance(value, datetime.datetime))
    return json.dumps(["a time" if isinstance(value, datetime.datetime) else str(value) for value in row]), times


def largest_difference(some: list[Row], others: list[Row]) -> float:
    """Seconds between the times of rows that say the same."""
    pairs = ((one, other) for (_, left), (_, right) in zip(some, others, strict=True) for one, other in zip(left, right, strict=True))
    return max((abs((one - other).total_seconds()) for one, other in pairs), default=0.0)
