# SPDX-License-Identifier: Apache-2.0
"""Which user a row belongs to, as the catalogue of PostgreSQL tells it: docs/adr/0036-when-one-postgresql-ends.md."""

from __future__ import annotations

import json
from dataclasses import dataclass

# A registration's id becomes its account's.
PEOPLE = ("user_service.accounts", "user_service.registrations")
ACCOUNT_COLUMNS = ("account_id", "user_id", "subject")

OURS = """relnamespace in ('user_service'::regnamespace, 'notification_service'::regnamespace)
    and relkind in ('r', 'p') and not relispartition"""
NOT_NULL = f"""select json_object_agg(t.oid::regclass::text, (
    select json_agg(attname) from pg_attribute where attrelid = t.oid and attnum > 0 and attnotnull)) from pg_class t where {OURS}"""
REFERENCES = f"""select json_agg(json_build_array(t.oid::regclass::text, attname, confrelid::regclass::text))
    from pg_class t join pg_constraint on conrelid = t.oid and contype = 'f' and cardinality(conkey) = 1
    join pg_attribute on attrelid = t.oid and attnum = conkey[1] and attnotnull where {OURS}"""
UNIQUE = f"""select json_agg(json_build_array(indexrelid::regclass::text, t.oid::regclass::text, (
    select json_agg(attname || ' ' || atttypid::regtype) from pg_attribute where attrelid = indexrelid)))
    from pg_class t join pg_index on indrelid = t.oid and indisunique where {OURS}"""
PARTITIONS = """select coalesce(json_object_agg(inhrelid::regclass::text, inhparent::regclass::text), '{}')
    from pg_inherits join pg_class on oid = inhparent where relkind = 'p'"""


def partitions(postgres) -> dict[str, str]:
    """Their tables, by their own names."""
    return json.loads(postgres.run_sql(PARTITIONS))


@dataclass(frozen=True)
class Way:
    """From a row to its user: a column, and the table that its value is an id of, where that is not the user's own."""

    column: str
    table: str | None = None


@dataclass(frozen=True)
class UniqueIndex:
    name: str
    table: str
    columns: dict[str, str]


class Catalogue:
    def __init__(self, postgres) -> None:
        self.columns: dict[str, list[str]] = json.loads(postgres.run_sql(NOT_NULL))
        self.references: list[list[str]] = json.loads(postgres.run_sql(REFERENCES))
        found = json.loads(postgres.run_sql(UNIQUE))
        self.unique = [UniqueIndex(name, table, dict(each.split(" ", 1) for each in columns)) for name, table, columns in found]

    def way(self, table: str) -> Way | None:
        """None where no column that is always there leads to a user."""
        if table in PEOPLE:
            return Way("id")
        own = [column for column in ACCOUNT_COLUMNS if column in self.columns[table]]
        if own:
            return Way(own[0])
        return next((Way(column, to) for of, column, to in self.references if of == table and self.way(to)), None)
