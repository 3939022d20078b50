#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What 2,000 connections cost PostgreSQL directly and through a PgBouncer (docs/operations/pooler.md): ./sayur bench pooler_connections

Reads by key through pgbench, in slices, interleaved A-B-B-A: all connections at once without a pause, and at a rate that both keep up with.
Memory is what PostgreSQL's processes have for themselves (Private), without what they share.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.pgbouncer import PgBouncer
from harness.postgres import Postgres
from harness.processes import Session, process_tree

CLIENTS, POOL, ROWS = 2000, 20, 100_000
PAIRS, SLICE_SECONDS = 3, 30
READS_PER_SECOND = 1500
READ = f"\\set id random(1, {ROWS})\nselect id, email, name, version from accounts where id = :id;\n"


class Slice:
    """`rate` 0: as fast as it goes."""

    def __init__(self, server: Postgres, address: tuple[str, int], rate: int) -> None:
        for old in server.directory.glob("log.*"):
            old.unlink()
        script = server.directory / "script"
        script.write_text(READ)
        how = [
            "-n",
            "-c",
            CLIENTS,
            "-j",
            "2",
            "-T",
            SLICE_SECONDS,
            "-M",
            "extended",
            "-f",
            script,
            "-l",
            f"--log-prefix={server.directory}/log",
        ]
        how += [f"--rate={rate}"] if rate else []
        command = [server.programs / "pgbench", *how, "-h", address[0], "-p", address[1], "-U", server.user, server.database]
        env = server._env() | {"PGPASSWORD": server.password, "PGSSLMODE": "disable"}
        running = subprocess.Popen([str(part) for part in command], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.memory, self.processes = 0.0, 0
        while True:
            try:
                output, errors = running.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                sizes = [private_mib(pid) for pid in process_tree(server.process.pid)]
                if sum(sizes) > self.memory:
                    self.memory, self.processes = sum(sizes), len(sizes)
        speed = re.search(r"^tps = ([\d.]+)", output, re.MULTILINE)
        if running.returncode != 0 or speed is None:
            raise RuntimeError(f"pgbench: {running.returncode}\n{output}{errors[-2000:]}")
        self.throughput = float(speed[1])
        times = sorted(int(line.split()[2]) for file in server.directory.glob("log.*") for line in file.read_text().splitlines())
        self.p99 = times[len(times) * 99 // 100] / 1000


def private_mib(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has just ended
    return sum(int(size) for size in re.findall(r"^Private_\w+:\s+(\d+)", text, re.MULTILINE)) / 1024


def report(name: str, slices: list[Slice]) -> None:
    def middle(values: list[float]) -> float:
        return statistics.median(values)

    print(
        f"{name:10} {middle([each.throughput for each in slices]):8.0f} reads/s, p99 {middle([each.p99 for each in slices]):8.1f} ms;"
        f" {max(each.processes for each in slices):5d} processes, {max(each.memory for each in slices):7.0f} MiB of their own",
        flush=True,
    )


def main() -> None:
    with Session() as session:
        server = Postgres(session, {"max_connections": str(CLIENTS + 100), "shared_buffers": "256MB"})
        server.start()
        server.run_sql("create table accounts (id bigint primary key, email text, name text, version bigint)")
        server.run_sql(f"insert into accounts select n, 'u' || n || '@example.com', 'name ' || n, 1 from generate_series(1, {ROWS}) n")
        server.run_sql("vacuum analyze accounts")
        pooler = PgBouncer(session, server, POOL, {"max_client_conn": CLIENTS + 100, "query_wait_timeout": 60})
        pooler.start()
        addresses = {"direct": (server.host, server.port), "PgBouncer": (pooler.host, pooler.port)}
        print(f"{CLIENTS} connections, pool of {POOL}, {PAIRS} pairs of {SLICE_SECONDS} s")
        for rate, what in ((0, "all at once, as fast as it goes"), (READS_PER_SECOND, f"{READS_PER_SECOND} reads a second in all")):
            print(what)
            found: dict[str, list[Slice]] = {name: [] for name in addresses}
            for number in range(PAIRS):
                for name in list(addresses)[:: 1 if number % 2 == 0 else -1]:
                    found[name].append(Slice(server, addresses[name], rate))
            for name, slices in found.items():
                report(name, slices)


if __name__ == "__main__":
    main()
