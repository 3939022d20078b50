# SPDX-License-Identifier: Apache-2.0
"""What makes DB_POOLER=transaction await each answer (docs/adr/0035-a-pooler-in-front-of-postgresql.md)."""

import re
import select
import subprocess
import time

from psycopg import pq

from harness.packages import library_path
from harness.pgbouncer import PgBouncer
from harness.postgres import Postgres
from harness.processes import Session


def log_in(pooler: PgBouncer) -> pq.PGconn:
    server = pooler.server
    where = f"host={pooler.host} port={pooler.port} dbname={server.database} user={server.user} password={server.password}"
    made = pq.PGconn.connect(where.encode())
    assert made.status == pq.ConnStatus.OK, made.error_message
    made.enter_pipeline_mode()
    return made


def send(client: pq.PGconn, value: str, sync: bool = True) -> None:
    """A unit whose answer comes when the next one is on its way."""
    client.send_query_params(f"SELECT '{value}' FROM pg_sleep(0.2)".encode(), None)
    if sync:
        client.pipeline_sync()
    client.flush()


def answers(client: pq.PGconn, count: int) -> list[str]:
    found, deadline = [], time.monotonic() + 5
    while len(found) < count and time.monotonic() < deadline:
        select.select([client.socket], [], [], 0.05)
        client.consume_input()
        if client.is_busy():
            continue
        result = client.get_result()
        if result is not None and result.status == pq.ExecStatus.TUPLES_OK:
            found.append(result.get_value(0, 0).decode())
    return found


def version_of(pooler: PgBouncer) -> tuple[int, ...]:
    said = subprocess.run([pooler.program, "--version"], env=library_path(pooler.program), capture_output=True, text=True, check=True)
    return tuple(map(int, re.search(r"PgBouncer (\d+)\.(\d+)", said.stdout).groups()))


def test_a_unit_in_two_pieces_behind_another_one_is_answered_to_whoever_comes_next():
    with Session() as session:
        server = Postgres(session)
        server.start()
        pooler = PgBouncer(session, server, pool_size=1)
        pooler.start()
        first, second = log_in(pooler), log_in(pooler)
        send(first, "first of A")
        send(first, "second of A", sync=False)  # as when the rest is in the next segment of TCP
        assert answers(first, 1) == ["first of A"]
        send(second, "first of B")
        told = answers(second, 1)
        assert told == (["second of A"] if version_of(pooler) < (1, 21) else [])
