#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a row and a connection take in PostgreSQL (docs/adr/0033, 0036, docs/operations/data.md): ./sayur bench database_sizes [PRESET]"""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drill import population
from harness.client import Api
from harness.stack import DistributedStack

ROWS = 100_000
CUSTOMERS = 120
TABLES = ("user_service.accounts", "user_service.sessions", "user_service.refresh_tokens", "notification_service.notifications")
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27c6vXZ8nTqVqn3qKdPdcSRXg"
UPDATES = """select coalesce(inhparent, relid)::regclass, sum(n_tup_upd), round(100 * sum(n_tup_hot_upd) / sum(n_tup_upd))
    from pg_stat_user_tables left join pg_inherits on inhrelid = relid group by 1 having sum(n_tup_upd) >= 100 order by 1"""
SESSIONS = "select pid from pg_stat_activity where application_name in ('user_service', 'notification_service')"


def private_mib(pid: str) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Private_Dirty:\s+(\d+)", text, re.MULTILINE)[1]) / 1024


def come_once(stack: DistributedStack, _number: int) -> None:
    api = Api(stack)
    made = api.new_account()
    tokens = api.must_log_in(made.email, made.password)
    api.patch_profile(made.bearer, {"name": "Siti Aminah binti Ahmad"})
    api.refresh(tokens["refresh_token"])
    api.logout(made.bearer)
    api.close()


def main() -> int:
    stack = DistributedStack(sys.argv[1] if len(sys.argv) > 1 else "release")
    try:
        server = stack.servers["postgres"]
        population.fill(server, ROWS, HASH)
        for table in TABLES:
            size = int(server.run_sql(f"select pg_total_relation_size('{table}')"))
            print(f"{table}: {size / ROWS:.0f} bytes a row with its indexes")
        with ThreadPoolExecutor(16) as beside:
            list(beside.map(lambda number: come_once(stack, number), range(CUSTOMERS)))
        taken = sorted(private_mib(pid) for pid in server.run_sql(SESSIONS).split())
        spread = f"{taken[0]:.1f} to {taken[-1]:.1f} MiB of its own, on average {sum(taken) / len(taken):.1f}"
        print(f"a connection: {spread}; {len(taken)} of them, after {CUSTOMERS} people came once")
        stored, sealed = server.run_sql(
            "select round(avg(pg_column_size(o.*))) || ' ' || round(avg(octet_length(payload))) from user_service.outbox o"
        ).split()
        for row in server.run_sql(UPDATES).splitlines():
            print("{}: {} updates, {}% of which touched no index".format(*row.split("|")))
        print(f"an event in the outbox: {stored} bytes without its indexes, {sealed} of them its payload")
    finally:
        stack.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
