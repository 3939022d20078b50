# SPDX-License-Identifier: Apache-2.0
"""What a call of the services costs in PostgreSQL: the blocks that its statements touch, and the time that they take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

Step = tuple[str, tuple]  # a statement as the service sends it, and its parameters


@dataclass(frozen=True)
class Call:
    """A call for the account of a number; what it writes is rolled back."""

    name: str
    steps: Callable[[psycopg.Connection, int], list[Step]]


@dataclass(frozen=True)
class Cost:
    blocks: int
    probes: int  # how often an index was descended, to find rows or to add them
    tables_read_whole: tuple[str, ...]  # of more than some blocks: less is right to be read so


def connect(server, database: str, options: str = "") -> psycopg.Connection:
    login = f"host={server.host} port={server.port} dbname={database} user={server.user} password={server.password}"
    path = f"-c search_path=user_service,notification_service {options}"
    # Parameters are sent as text of no type, so that PostgreSQL finds the types as it does for the services.
    return psycopg.connect(login, options=path, cursor_factory=psycopg.RawCursor, prepare_threshold=0)


def cost_of(connection: psycopg.Connection, call: Call, number: int) -> Cost:
    blocks, probes, whole = 0, 0, []
    steps = call.steps(connection, number)
    connection.rollback()
    for text, parameters in steps:
        ((plan,),) = connection.execute(f"explain (analyze, buffers, timing off, format json) {text}", parameters).fetchone()
        blocks += blocks_of(plan["Plan"])
        for node in nodes(plan["Plan"]):
            if not node["Actual Loops"]:
                continue
            if "Index" in node["Node Type"]:
                probes += node["Actual Loops"]
            elif node["Node Type"] == "ModifyTable":
                probes += indexes_of(connection, node["Relation Name"]) * modified(node)
            elif node["Node Type"] == "Seq Scan" and blocks_of(node) > 2:
                whole.append(node["Relation Name"])
    connection.rollback()
    return Cost(blocks, probes, tuple(whole))


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def blocks_of(node: dict) -> int:
    return node["Shared Hit Blocks"] + node["Shared Read Blocks"]


def modified(node: dict) -> int:
    return max(1, sum(inner["Actual Rows"] for inner in node.get("Plans", ()) if inner.get("Parent Relationship") == "Outer"))


def indexes_of(connection: psycopg.Connection, table: str) -> int:
    return connection.execute("select count(*) from pg_index where indrelid = $1::text::regclass", (table,)).fetchone()[0]


def time_of(connection: psycopg.Connection, steps: list[Step]) -> float:
    """Seconds for one trip with all steps."""
    began = time.perf_counter()
    with connection.pipeline():
        cursors = [connection.execute(text, parameters) for text, parameters in steps]
        for cursor in cursors:
            if cursor.description:
                cursor.fetchall()
    taken = time.perf_counter() - began
    connection.rollback()
    return taken


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
