# SPDX-License-Identifier: Apache-2.0
"""What each transaction wrote, out of the write-ahead log by PostgreSQL's plug-in test_decoding. The server needs wal_level = logical."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .shards import ACCOUNT_COLUMNS, Catalogue, partitions

SLOT = "recorded_writes"
CHANGE = re.compile(r"table (?P<table>[\w.]+): (?P<operation>[A-Z]+): (?P<row>.*)")
VALUE = re.compile(r"(\w+)\[(?:uuid|text|bytea)\]:'([^']*)'")
# What is nobody else's.
KEYS = ("id", "digest", "token_digest", "late_token", "email", "email_key", "recipient", "recipient_key")


@dataclass(frozen=True)
class Write:
    table: str
    operation: str
    values: dict[str, str]

    def __str__(self) -> str:
        return f"{self.operation} {self.table}"

    def keys(self) -> list[str]:
        return [self.values[key] for key in (*KEYS, *ACCOUNT_COLUMNS) if self.values.get(key)]


@dataclass
class Transaction:
    writes: list[Write] = field(default_factory=list)


def record(postgres) -> None:
    """From now on; tables may come later."""
    postgres.run_sql(f"select pg_create_logical_replication_slot('{SLOT}', 'test_decoding')")


def record_old_rows(postgres, catalogue: Catalogue) -> None:
    """What is changed or deleted from now on is recorded with all that the row had."""
    for table in (*catalogue.columns, *partitions(postgres)):
        postgres.run_sql(f"alter table {table} replica identity full")


def recorded(postgres) -> list[Transaction]:
    changes = postgres.run_sql(f"select data from pg_logical_slot_get_changes('{SLOT}', null, null)")
    return parse(changes.splitlines(), partitions(postgres))


def parse(lines: Iterable[str], tables: dict[str, str]) -> list[Transaction]:
    """`tables`: by their partitions."""
    made: list[Transaction] = []
    for line in lines:
        if line.startswith("BEGIN "):
            made.append(Transaction())
        elif change := CHANGE.match(line):
            table = tables.get(change["table"], change["table"])
            made[-1].writes.append(Write(table, change["operation"], dict(VALUE.findall(change["row"]))))
    return made


class Owners:
    """Whose a row is: the address, since several registrations may wait for one. Learnt from the rows themselves."""

    def __init__(self, catalogue: Catalogue, transactions: list[Transaction]) -> None:
        self.ways = {table: catalogue.way(table) for table in catalogue.columns}
        self.rows = {(write.table, write.values["id"]): write for each in transactions for write in each.writes if "id" in write.values}
        self.addresses = {
            write.values["id"]: write.values["email_key"]
            for each in transactions
            for write in each.writes
            if write.operation == "INSERT" and {"id", "email_key"} <= write.values.keys()
        }

    def of(self, write: Write) -> str | None:
        """None for a row that is no user's."""
        way = self.ways[write.table]
        if way is None:
            return write.values.get("email_key")
        value = write.values[way.column]
        if way.table is None:
            return self.addresses.get(value, value)
        parent = self.rows.get((way.table, value))
        return self.of(parent) if parent else value
