# SPDX-License-Identifier: Apache-2.0
"""Makes the backups that are due, in both repositories; brings to the second the WAL that the first has; says how old all that is.

    backup_job.py            runs until it is told to stop; /metrics at BACKUP_METRICS_PORT (9854)
    backup_job.py --once     makes what is due and ends; exit code 1 when a backup is not there that should be
    backup_job.py --erasures who was erased, an id a line, as `user-service after-restore` takes it
    backup_job.py --healthy  exit code 0 when a running one answers

Runs beside PostgreSQL, as its user: with its files and its socket (PGHOST), and with the PGBACKREST_… variables of the server.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import backup_pgbackrest as pgbackrest
from backup_erasures import Journal, database_of_accounts, noted
from backup_metrics import samples
from backup_schedule import Repository, due
from backup_wal import ArchiveLag, folders_to_compare, histories, segments

LOG = logging.getLogger("backup")
LOOK_SECONDS = 2
RETRY_SECONDS = 60
FIRST, SECOND = 1, 2


class Complaints:
    """Each is said once, and once when it is over. Thread-safe enough: a subject belongs to one thread."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def note(self, about: str, what: str) -> bool:
        """Empty: all is well. Returns whether it is."""
        if self._said.get(about, "") != what:
            LOG.log(logging.ERROR if what else logging.INFO, "%s: %s", about, what or "well again")
        self._said[about] = what
        return not what


class Job:
    """`folder` is where WAL passes through, `cluster` the server's data folder."""

    def __init__(self, stanza: str, folder: Path, cluster: Path) -> None:
        self.stanza, self.folder, self.cluster = stanza, folder, cluster
        self.complaints = Complaints()
        self.lag = ArchiveLag()
        self.lags: dict[int, float] = {}
        self.timeline = ""
        self.failures: dict[int, int] = {}
        self.retry_at: dict[int, float] = {}
        self.known: list[Repository] = []
        self.journal = Journal(database_of_accounts())

    @property
    def metrics(self) -> str:
        return samples(self.known, self.lags, self.failures, shutil.disk_usage(self.cluster).free).text()

    def make_backups(self) -> bool:
        """Those that are due; one that failed is tried again in a minute. Returns whether all are there that should be."""
        try:
            known = self.ask()
        except pgbackrest.Failed as fault:
            return self.complaints.note("repositories", str(fault))
        self.complaints.note("repositories", "")
        self.known = known
        good = [self.keep_up(each) for each in known]  # each has its turn
        return all(good)

    def ask(self) -> list[Repository]:
        """Makes the stanza where it is absent."""
        known = pgbackrest.ask_repositories(self.stanza)
        if known and not any(each.has_no_stanza for each in known):
            return known
        pgbackrest.make_stanza()
        return pgbackrest.ask_repositories(self.stanza)

    def keep_up(self, repository: Repository) -> bool:
        number, about = repository.number, f"repository {repository.number}"
        if repository.fault:
            return self.complaints.note(about, repository.fault)
        kind = due(repository, int(time.time()))
        if kind is None:
            return True
        if time.monotonic() < self.retry_at.get(number, 0):
            return False
        began = time.monotonic()
        try:
            pgbackrest.back_up(number, kind)
        except pgbackrest.Failed as fault:
            self.failures[number] = self.failures.get(number, 0) + 1
            self.retry_at[number] = time.monotonic() + RETRY_SECONDS
            return self.complaints.note(about, str(fault))
        self.complaints.note(about, "")
        LOG.info("repository %d: %s backup in %.1f s", number, kind, time.monotonic() - began)
        return True

    def note_erasures(self) -> None:
        try:
            self.journal.bring_out([each.number for each in self.known if not each.fault])
        except pgbackrest.Failed as fault:
            self.complaints.note("journal of erasures", str(fault))
        else:
            self.complaints.note("journal of erasures", "")

    def copy_wal(self) -> None:
        """What the first repository has of the archive and the second has not."""
        try:
            known = {each.number: each for each in pgbackrest.ask_repositories(self.stanza)}
            newest = {number: each.newest_wal for number, each in known.items()}
            written = pgbackrest.written_segment()
            self.wake_archiver(written[:8])
            self.lags = self.lag.seconds(written, newest, time.time())
            if known.keys() >= {FIRST, SECOND} and not known[FIRST].fault:
                for name in self.absent_in_second(known[FIRST].cluster):
                    pgbackrest.copy_wal(name, self.folder)
        except pgbackrest.Failed as fault:
            self.complaints.note("WAL for the second repository", str(fault))
        else:
            self.complaints.note("WAL for the second repository", "")

    def wake_archiver(self, timeline: str) -> None:
        """A server that was promoted looks at archive_timeout only after its next checkpoint, up to checkpoint_timeout later: its
        checkpointer went to sleep in recovery (PostgreSQL 15, CheckpointerMain)."""
        if timeline != self.timeline:
            pgbackrest.ask("checkpoint")
            self.timeline = timeline

    def absent_in_second(self, cluster: str) -> Iterator[str]:
        first, second = (pgbackrest.stored(self.stanza, number, cluster) for number in (FIRST, SECOND))
        yield from sorted(histories(first) - histories(second))
        for folder in folders_to_compare(first, second):
            here, there = (segments(pgbackrest.stored(self.stanza, number, cluster, folder)) for number in (FIRST, SECOND))
            yield from sorted(here - there)


def serve_metrics(job: Job, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/metrics": (200, job.metrics), "/health": (200, "")}
            status, text = known.get(self.path, (404, ""))
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(job: Job, port: int) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = serve_metrics(job, port)
    repeated = [threading.Thread(target=repeat, args=(work, stop)) for work in (job.make_backups, job.copy_wal, job.note_erasures)]
    for thread in repeated:
        thread.start()
    for thread in repeated:
        thread.join()
    server.shutdown()
    return 0


def repeat(work: Callable[[], object], stop: threading.Event) -> None:
    while not stop.is_set():
        work()
        stop.wait(LOOK_SECONDS)


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=3) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def print_erasures() -> int:
    try:
        erased, faults = noted()
    except pgbackrest.Failed as fault:
        print(fault, file=sys.stderr)
        return 1
    for fault in faults:
        print(f"not asked, the other repository was: {fault}", file=sys.stderr)
    sys.stdout.writelines(f"{each}\n" for each in erased)
    return 0


def main() -> int:
    port = int(os.environ.get("BACKUP_METRICS_PORT", "9854"))
    if sys.argv[1:] == ["--healthy"]:
        return 0 if is_healthy(port) else 1
    if sys.argv[1:] == ["--erasures"]:
        return print_erasures()
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
    spool, cluster = os.environ.get("BACKUP_FOLDER", "/var/spool/pgbackrest"), os.environ.get("PGBACKREST_PG1_PATH", ".")
    job = Job(os.environ.get("PGBACKREST_STANZA", "micro-sayur"), Path(spool), Path(cluster))
    if sys.argv[1:] == ["--once"]:
        job.copy_wal()
        good = job.make_backups()
        job.note_erasures()
        return 0 if good else 1
    return run(job, port)


if __name__ == "__main__":
    sys.exit(main())
