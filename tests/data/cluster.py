# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL with a table, and the backup job beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.pgbackrest import RESTORE, Backups, nobody
from harness.postgres import Postgres
from harness.processes import Session

VERIFY = REPOSITORY / "deployments" / "data" / "backup" / "backup_verify.py"
SAMPLE = re.compile(r'^(?P<name>\w+)\{repository="(?P<repository>\d)"(,type="(?P<type>\w+)")?\} (?P<value>\S+)$', re.MULTILINE)


class Cluster:
    def __init__(self, make_backups: Callable[[Session], Backups] = Backups) -> None:
        self.session = Session()
        self.backups = make_backups(self.session)
        self.database = self._make_database()
        self.job: subprocess.Popen | None = None

    def _make_database(self) -> Postgres:
        return Postgres(self.session, self.backups.server_settings(), self.backups.environment("server"))

    def begin(self) -> None:
        self.database.start()
        self.database.run_sql("create table written (number bigint generated always as identity, at timestamptz default clock_timestamp())")
        self.start_job()
        for number in (1, 2):
            wait_until(lambda n=number: self.sample("last_completed_timestamp_seconds", n, "full"), 60, f"a backup in repository {number}")
        for _ in range(3):
            self.write()
            self.database.run_sql("select pg_switch_wal()")
        self.wait_copied()

    def job_environment(self) -> dict[str, str]:
        return self.backups.job_environment(self.database)

    def start_job(self, **changed: str) -> None:
        self.job = self.backups.start_job(self.job_environment() | changed)

    def stop_job(self) -> int:
        self.job.terminate()
        return self.job.wait(60)

    def write(self) -> None:
        self.database.run_sql("insert into written default values")

    def rows(self) -> int:
        return int(self.database.run_sql("select count(*) from written"))

    def wait_copied(self) -> None:
        """Until the second repository has what the first has."""
        wait_until(lambda: self.segments(1) and self.segments(1) == self.segments(2), 60, "the same WAL in both repositories")

    def segments(self, number: int) -> list[str]:
        return sorted(file.name[:24] for file in self.segment_files(number))

    def segment_files(self, number: int) -> list[Path]:
        return sorted(self.backups.repository(number).glob("archive/micro-sayur/15-1/*/*.zst"))

    def sample(self, name: str, number: int, kind: str | None = None) -> float | None:
        """A metric of the job; None before it has looked."""
        try:
            text = httpx.get(f"http://127.0.0.1:{self.backups.metrics_port}/metrics", trust_env=False, timeout=5).text
        except httpx.TransportError:
            return None
        wanted = (f"sayur_backup_{name}", str(number), kind)
        found = {(one["name"], one["repository"], one["type"]): float(one["value"]) for one in SAMPLE.finditer(text)}
        return found.get(wanted)

    def verify(self, **changed: str) -> subprocess.CompletedProcess:
        return self._run(VERIFY, **changed)

    def restore(self, *options: str, **changed: str) -> subprocess.CompletedProcess:
        """Into the server's data folder."""
        return self._run(RESTORE, *options, **changed)

    def _run(self, program: Path, *options: str, **changed: str) -> subprocess.CompletedProcess:
        """As the job, and with its variables; `changed`: others for these."""
        command, env = [sys.executable, str(program), *options], self.job_environment() | changed
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=self.backups.directory, **nobody())

    def waiting_wal(self) -> int:
        """Segments that the server keeps because they are not archived."""
        return len(list((self.database.cluster / "pg_wal" / "archive_status").glob("*.ready")))

    def close(self) -> None:
        if self.job is not None and self.job.poll() is None:
            self.stop_job()
        self.session.close()
