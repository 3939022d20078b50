# SPDX-License-Identifier: Apache-2.0
"""Makes the backups that are due, in both repositories; brings to the second the WAL that the first has; says how old all that is.

    backup_job.py            runs until it is told to stop; /metrics and /system, the cluster's identifier, at BACKUP_METRICS_PORT (9854)
    backup_job.py --once     makes what is due and ends; exit code 1 when a backup is not there that should be
    backup_job.py --erasures who was erased, an id a line, as `user-service after-restore` takes it
    backup_job.py --healthy  exit code 0 when a running one answers

Runs beside PostgreSQL, as its user: with its files and its socket (PGHOST), and with the PGBACKREST_… variables of the server.
"""

from __future__ import annotations

import functools
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
from backup_arguments import Parser
from backup_erasures import noted
from backup_keeper import Complaints, Keeper
from backup_metrics import samples
from backup_wal import folders_to_compare, histories, segments, timeline_of

LOG = logging.getLogger("backup")
LOOK_SECONDS = 2


class Job:
    """`folder` is where WAL passes through, `cluster` the server's data folder."""

    def __init__(self, stanza: str, folder: Path, cluster: Path) -> None:
        self.stanza, self.folder, self.cluster = stanza, folder, cluster
        self.complaints = Complaints()
        self.keepers = [Keeper(number, stanza, self.complaints) for number in pgbackrest.configured()]
        self.term = ("", "")  # of the server: since when it runs, on which timeline
        self.complete: dict[int, str] = {}  # repository -> the timeline up to which it has all WAL from its newest backup on
        self.lost: set[str] = set()  # segments that the first repository lacks, and nobody has
        self.lost_segments = 0  # of all promotions

    @property
    def metrics(self) -> str:
        known = [each.known for each in self.keepers]
        lags = {each.number: each.lag for each in self.keepers if each.lag is not None}
        failures = {each.number: each.failures for each in self.keepers}
        return samples(known, lags, failures, shutil.disk_usage(self.cluster).free, self.lost_segments).text()

    def look_at(self, keeper: Keeper) -> None:
        keeper.look()
        try:
            keeper.measure_lag()
            self.complaints.note(f"server, for repository {keeper.number}", "")
        except pgbackrest.Failed as fault:
            self.complaints.note(f"server, for repository {keeper.number}", str(fault))
            return
        keeper.note_erasures()

    def make_backups(self) -> bool:
        """Those that are due; pgBackRest makes one at a time. Returns whether all are there that should be."""
        good = [each.keep_up() for each in self.keepers]  # each has its turn
        return all(good)

    def wake_archiver(self) -> None:
        """A server that was started or promoted looks at archive_timeout only after its next checkpoint, up to checkpoint_timeout later:
        its checkpointer went to sleep in recovery (PostgreSQL 15, CheckpointerMain)."""
        server = self.keepers[0]
        term = (server.server_started, timeline_of(server.written))
        if server.written and term != self.term:
            pgbackrest.ask("checkpoint")
            self.term = term

    def complete_archives(self) -> None:
        for each in self.keepers:
            try:
                self.complete_archive(each)
            except pgbackrest.Failed as fault:
                self.complaints.note(f"WAL of earlier timelines, repository {each.number}", str(fault))

    def complete_archive(self, keeper: Keeper) -> None:
        """A server that was promoted marks as archived what it was sent before, whether that reached a repository or went with the old
        primary (PostgreSQL 15, WalReceiverMain). What is lost for good makes a new backup due, and so does a restore to what was before the
        newest one. Throws Failed."""
        known, timeline = keeper.known, timeline_of(keeper.written)
        is_first = keeper is self.keepers[0]
        # The second waits for the first, which may have what is lacking.
        waits = not is_first and self.complete.get(self.keepers[0].number) != timeline
        if self.complete.get(keeper.number) == timeline or waits or not timeline or known.fault or not known.backups:
            return
        line = pgbackrest.server_lineage()
        backup, _ = known.replayed(line, None)
        if backup is not known.backups[-1]:
            keeper.renew()  # that one is of what a restore has left
        lacking = []
        if line.ends and backup is not None:
            lacking = line.lacking(pgbackrest.stored_segments(self.stanza, known, backup.first_wal), backup.first_wal)
        ended = [name for name in lacking if timeline_of(name) != line.last]
        if is_first:
            self.lost = set(ended) - self.bring_kept(ended)
            self.lost_segments += len(self.lost)
        else:
            for name in set(ended) - self.lost:
                pgbackrest.copy_wal(name, self.folder)
        lost = sorted(set(ended) & self.lost)
        if lost:
            keeper.renew()
        if ended:
            LOG.info("repository %d lacked %d segments of timelines that ended", keeper.number, len(ended))
        words = (
            f"{len(lost)} segments are lost, from {lost[0]} on: no moment of those can be restored to; a new backup is due" if lost else ""
        )
        self.complaints.note(f"WAL of earlier timelines, repository {keeper.number}", words)
        self.complete[keeper.number] = timeline

    @staticmethod
    def bring_kept(names: list[str]) -> set[str]:
        """Those of them that the server still has, each into the repositories that answer. Throws Failed afterwards when one did not."""
        kept = pgbackrest.kept_segments() if names else {}
        faults = []
        for name in kept.keys() & set(names):
            try:
                pgbackrest.push_wal(kept[name])
            except pgbackrest.Failed as fault:
                faults.append(fault)
        if faults:
            raise faults[0]
        return kept.keys() & set(names)

    def copy_wal(self) -> None:
        """What the first repository has of the archive and the second has not."""
        try:
            self.wake_archiver()
            self.complete_archives()
            known = [each.known for each in self.keepers]
            if len(known) > 1 and not any(each.fault for each in known):
                for name in self.absent_in_second(known[0].cluster):
                    pgbackrest.copy_wal(name, self.folder)
        except pgbackrest.Failed as fault:
            self.complaints.note("WAL for the second repository", str(fault))
        else:
            self.complaints.note("WAL for the second repository", "")

    def absent_in_second(self, cluster: str) -> Iterator[str]:
        first, second = (pgbackrest.stored(self.stanza, each.number, cluster) for each in self.keepers)
        yield from sorted(histories(first) - histories(second))
        for folder in folders_to_compare(first, second):
            here, there = (segments(pgbackrest.stored(self.stanza, each.number, cluster, folder)) for each in self.keepers)
            yield from sorted(here - there)


def system() -> tuple[int, str]:
    """PostgreSQL's identifier of the cluster, for who verifies its backups and cannot ask the server."""
    known = pgbackrest.running_system()
    return (503, "the server does not answer\n") if known is None else (200, f"{known}\n")


def serve_metrics(job: Job, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/metrics": lambda: (200, job.metrics), "/health": lambda: (200, ""), "/system": system}
            status, text = known.get(self.path, lambda: (404, ""))()
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
    looking = [functools.partial(job.look_at, each) for each in job.keepers]
    repeated = [threading.Thread(target=repeat, args=(work, stop)) for work in (*looking, job.make_backups, job.copy_wal)]
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
    parser = Parser(__doc__)
    once = parser.add_mutually_exclusive_group()
    once.add_argument("--once", action="store_true", help="make what is due, and end")
    once.add_argument("--erasures", action="store_true", help="print who was erased, and end")
    once.add_argument("--healthy", action="store_true", help="ask the one that runs, and end")
    given = parser.parse_args()
    port = parser.number("BACKUP_METRICS_PORT", 9854)
    if given.healthy:
        return 0 if is_healthy(port) else 1
    if given.erasures:
        return print_erasures()
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
    spool, cluster = os.environ.get("BACKUP_FOLDER", "/var/spool/pgbackrest"), os.environ.get("PGBACKREST_PG1_PATH", ".")
    job = Job(os.environ.get("PGBACKREST_STANZA", "micro-sayur"), Path(spool), Path(cluster))
    if given.once:
        for each in job.keepers:
            job.look_at(each)
        job.copy_wal()
        return 0 if job.make_backups() else 1
    return run(job, port)


if __name__ == "__main__":
    sys.exit(main())
