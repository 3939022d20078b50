#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What refreshes leave behind in PostgreSQL (docs/operations/data.md, "Growth"): ./sayur bench refresh_bloat [REFRESHES] [PRESET]

Refreshes as the service makes them, statement for statement, while its pruning runs. Tokens are kept for half a minute instead of a month,
and vacuum looks as much more often; commits wait for no disk. Once with the storage settings of PostgreSQL, once with those of the
migrations."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drill import population
from harness.background import Background
from harness.client import Api, wait_until
from harness.logged_statements import SETTINGS, Recorded
from harness.postgres import Postgres
from harness.servers import make_all
from harness.stack import DistributedStack

SESSIONS, CLIENTS, A_SECOND = 20_000, 4, 2_800
KEPT_SECONDS = 30
TABLE = "user_service.refresh_tokens"
EMPTY = "truncate user_service.accounts, notification_service.notifications cascade"
COUNTED = f"pg_stat_user_tables where relid = '{TABLE}'::regclass"
PACE = {"synchronous_commit": "off", "autovacuum_naptime": "5s", "autovacuum_vacuum_cost_delay": "0"}


class RecordedStack(DistributedStack):
    def _make_servers(self):
        return {"postgres": Postgres(self.session, SETTINGS | PACE), **make_all(self.session, ["redis", "rabbitmq"])}


def record(stack: DistributedStack) -> dict[str, str]:
    """What a refresh says, and the pruning of its tokens."""
    api = Api(stack)
    made = api.new_account()
    api.refresh(made.tokens["refresh_token"])
    api.close()

    def found() -> dict[str, str]:
        recorded = Recorded(stack.servers["postgres"])
        return {
            "use": recorded.one("UPDATE refresh_tokens SET used_at"),
            "add": recorded.one("INSERT INTO refresh_tokens", "t.session_id"),
            "state": recorded.one("SELECT a.id", "FROM refresh_tokens t JOIN sessions", "t.digest = $1"),
            "prune": recorded.one("DELETE FROM refresh_tokens", "expires_at < $1"),
        }

    pruned = "DELETE FROM refresh_tokens"
    wait_until(lambda: any(pruned in text for text in Recorded(stack.servers["postgres"]).texts), 60, "a pruning")
    return found()


def script(texts: dict[str, str]) -> str:
    """One refresh for pgbench: a client's sessions take turns, and a token's digest follows from its session and its number."""

    def digest(number: str) -> str:
        return f"sha256((:client_id || ' ' || :session || ' ' || {number})::text::bytea)"

    use, add, state = (text.rstrip(";") for text in (texts["use"], texts["add"], texts["state"]))
    add = add.replace("$1", digest(":number")).replace("$2", digest(":number + 1")).replace("$3", f"{KEPT_SECONDS}000000::bigint")
    statements = ["begin", use.replace("$1", digest(":number")), add, state.replace("$1", digest(":number + 1")), "commit"]
    lines = [f"\\set session :done % {SESSIONS // CLIENTS}", f"\\set number :done / {SESSIONS // CLIENTS}", "\\set done :done + 1"]
    return "\n".join([*lines, "\\startpipeline", *(f"{statement};" for statement in statements), "\\endpipeline", ""])


FIRST_DIGEST = f"""update user_service.refresh_tokens t set expires_at = now() + interval '1 hour', digest = sha256(
    ((place - 1) / {SESSIONS // CLIENTS} || ' ' || (place - 1) % {SESSIONS // CLIENTS} || ' 0')::bytea)
    from (select digest, row_number() over (order by session_id) as place from user_service.refresh_tokens) o where t.digest = o.digest"""


def refresh(server: Postgres, path: Path, count: int) -> None:
    where = ["-h", server.host, "-p", str(server.port), "-U", server.user]
    how = [
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-t",
        str(count // CLIENTS),
        "-R",
        str(A_SECOND),
        "-D",
        "done=0",
        "-f",
        str(path),
    ]
    env = server._env() | {"PGPASSWORD": server.password, "PGOPTIONS": "-c search_path=user_service"}
    subprocess.run([server.programs / "pgbench", *where, *how, server.database], env=env, capture_output=True, check=True)


class Pruning(Background):
    """As the service prunes, without its pauses."""

    def __init__(self, server: Postgres, text: str) -> None:
        self.server, self.text = server, text

    def tasks(self):
        return [self._work]

    def _work(self) -> None:
        server = self.server
        login = f"host={server.host} port={server.port} dbname={server.database} user={server.user} password={server.password}"
        options = {"options": "-c search_path=user_service", "cursor_factory": psycopg.RawCursor}
        with psycopg.connect(login, autocommit=True, **options) as connection:
            while not self.over.is_set():
                (now,) = connection.execute("select now()").fetchone()
                if connection.execute(self.text, (now, 500)).rowcount < 500:
                    self.over.wait(0.5)


def sizes(server: Postgres) -> dict[str, int]:
    rows = server.run_sql(
        f"select indexrelid::regclass, pg_relation_size(indexrelid) from pg_index where indrelid = '{TABLE}'::regclass"
        f" union all select '{TABLE}'::regclass, pg_relation_size('{TABLE}') order by 1"
    )
    return {name: int(size) for name, size in (row.split("|") for row in rows.splitlines())}


def measure(server: Postgres, texts: dict[str, str], count: int, settings: str) -> None:
    server.run_sql(EMPTY)
    server.run_sql(f"alter table {TABLE} {settings}")
    population.fill(server, SESSIONS, "none")
    server.run_sql(FIRST_DIGEST)
    server.run_sql(f"vacuum full analyze {TABLE}")
    server.run_sql(f"select pg_stat_reset_single_table_counters('{TABLE}'::regclass)")
    path = server.session.directory / "refresh.pgbench"
    path.write_text(script(texts))
    began = time.monotonic()
    with Pruning(server, texts["prune"]):
        refresh(server, path, count)
    seconds = time.monotonic() - began
    live = int(server.run_sql(f"select count(*) from {TABLE}"))
    server.run_sql("select pg_stat_force_next_flush()")
    updated, hot, vacuums = map(int, server.run_sql(f"select n_tup_upd, n_tup_hot_upd, autovacuum_count from {COUNTED}").split("|"))
    dead = server.run_sql(f"select dead_tuple_count from pgstattuple('{TABLE}')")
    grown = sizes(server)
    server.run_sql(f"vacuum full {TABLE}")
    packed = sizes(server)
    print(f"{settings}: {count} refreshes in {seconds:.0f} s, {live} tokens left, {dead} dead rows, vacuumed {vacuums} times")
    print(f"  {hot / updated:.0%} of the updates touched no index")
    for name, size in grown.items():
        print(f"  {name}: {size / 2**20:.1f} MiB, packed {packed[name] / 2**20:.1f}: {size / packed[name]:.1f} times")


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    stack = RecordedStack(sys.argv[2] if len(sys.argv) > 2 else "release")
    try:
        server = stack.servers["postgres"]
        texts = record(stack)
        for service in stack.services.values():
            service.stop()
        server.run_sql("alter system set log_statement = 'none'")
        server.run_sql("select pg_reload_conf()")
        server.run_sql("create extension pgstattuple")
        ours = server.run_sql(f"select array_to_string(reloptions, ', ') from pg_class where oid = '{TABLE}'::regclass")
        names = ", ".join(each.split("=")[0] for each in ours.split(", ")) or "fillfactor"
        measure(server, texts, count, f"reset ({names})")
        for tried in sys.argv[3:] or [ours]:
            measure(server, texts, count, f"set ({tried})")
    finally:
        stack.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
