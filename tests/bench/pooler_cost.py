#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions that PostgreSQL spends on a read by key, by how it is sent and what makes it only read (ADR 0035): ./sayur bench pooler_cost

Needs valgrind. pgbench sends each read as one unit of the pipeline; the backend's total for 300 reads is taken from that for 1,300.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.postgres import UNPRIVILEGED, Postgres
from harness.processes import Session

FEW, MORE = 300, 1300
ROWS = 10_000
READ = "select id, email, name, version from accounts where id = :id;"
ONLY_READ = "select set_config('transaction_read_only', 'on', true);"
UNITS = {
    "the session or the role": [READ],
    "set_config": [ONLY_READ, READ],
    "BEGIN READ ONLY and COMMIT": ["begin read only;", READ, "commit;"],
}
NAMES = {"unnamed": "extended", "named": "prepared"}


class CountedPostgres(Postgres):
    start_seconds = 300

    def spawn(self) -> subprocess.Popen:
        counting = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.directory}/count.%p"]
        command = [*counting, str(self.programs / "postgres"), "-D", str(self.cluster)]
        return self.session.spawn(command, log=self.log, env=self._env(), user=UNPRIVILEGED, cwd=self.directory)

    def totals(self) -> dict[str, int]:
        """Of every process that has ended."""
        found = {}
        for file in self.directory.glob("count.*"):
            if total := re.search(r"^totals: (\d+)", file.read_text(errors="replace"), re.MULTILINE):
                found[file.name] = int(total[1])
        return found


def count(server: CountedPostgres, mode: str, unit: list[str], reads: int) -> int:
    """Instructions of the backend that serves so many."""
    script = server.directory / "script"
    script.write_text("\n".join([f"\\set id random(1, {ROWS})", "\\startpipeline", *unit, "\\endpipeline", ""]))
    before = server.totals().keys()
    where = ["-h", server.host, "-p", str(server.port), "-U", server.user, server.database]
    how = ["-n", "-c1", "--random-seed=1", "-t", str(reads), "-M", mode, "-f", str(script)]
    env = server._env() | {"PGPASSWORD": server.password}
    subprocess.run([server.programs / "pgbench", *how, *where], env=env, check=True, capture_output=True)
    time.sleep(3)  # whatever else the server started meanwhile has ended, too; the backend has done the most
    return max(total for name, total in server.totals().items() if name not in before)


def main() -> None:
    with Session() as session:
        server = CountedPostgres(session, {"autovacuum": "off"})
        server.start()
        server.run_sql("create table accounts (id bigint primary key, email text, name text, version bigint)")
        server.run_sql(f"insert into accounts select n, 'u' || n || '@example.com', 'name ' || n, 1 from generate_series(1, {ROWS}) n")
        server.run_sql("analyze accounts")
        count(server, "prepared", [READ], FEW)  # the first to come fills the caches
        for names, mode in NAMES.items():
            for means, unit in UNITS.items():
                spent = count(server, mode, unit, MORE) - count(server, mode, unit, FEW)
                print(f"{names:8} {means:28} {spent / (MORE - FEW):9.0f}", flush=True)


if __name__ == "__main__":
    main()
