# SPDX-License-Identifier: Apache-2.0
"""Asks Prometheus every few seconds for the state of things, remembers 90 days of it, and writes what the page /status shows.

    status_job.py            runs until it is told to stop
    status_job.py --healthy  exit code 0 when the running one has written lately

PROMETHEUS_URL (http://prometheus:9090), STATUS_FOLDER (/var/lib/status) and STATUS_INTERVAL_SECONDS (15) say how.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import status_files as files
import status_prometheus as prometheus
from status_history import History, clock_jumped, empty, fold, from_document, to_document
from status_report import report

LOG = logging.getLogger("status")


class Job:
    def __init__(self, folder: Path, url: str, interval: int) -> None:
        self.kept = folder / "history.json"
        self.shown = folder / "status.json"
        self.url = url
        # Three looks may fail or be late before the time between is nobody's.
        self.longest_gap = 4 * interval
        self.complaint: str | None = None
        self.history: History | None = None

    def load(self, now: int) -> History:
        try:
            return from_document(files.read(self.kept))
        except FileNotFoundError:
            LOG.info("no history yet: it begins now")
            return empty(now)
        except ValueError as fault:
            LOG.error("history.json is broken and begins again; %s: %s", self.aside(now), fault)
            return empty(now)

    def aside(self, now: int) -> str:
        kept = files.keep_aside(self.kept, now)
        return f"it is kept as {kept.name}" if kept else f"it is NOT kept: {files.MOST_ASIDE} are kept already, or it is gone"

    def look(self) -> dict[str, prometheus.Reading]:
        """What is known; nothing when Prometheus does not answer, which is said once."""
        try:
            found = prometheus.readings(prometheus.ask(self.url), int(time.time()))
            complaint = None
        except prometheus.NoAnswer as fault:
            found, complaint = {}, str(fault)
        if complaint != self.complaint:
            LOG.warning("%s", complaint or "Prometheus answers again")
            self.complaint = complaint
        return found

    def step(self) -> None:
        found = self.look()
        now = int(time.time())
        before = self.history or self.load(now)
        if clock_jumped(before, now):
            LOG.warning("%d s lie between two looks; the history before: %s", now - before.checked_at, self.aside(now))
        after = fold(before, now, found, self.longest_gap)
        for name, thing in after.things.items():
            if thing.state != before.things[name].state:
                LOG.info("%s: %s", name, thing.state)
        files.write(self.kept, to_document(after), 0o600)
        files.write(self.shown, report(after), 0o644)
        self.history = after


def run(job: Job, interval: int) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            job.step()
        except OSError as fault:
            LOG.error("nothing was written: %s", fault)  # a full disk; the page tells the age of what it shows
        stop.wait(interval)


def is_healthy(folder: Path, interval: int) -> bool:
    try:
        return abs(time.time() - (folder / "status.json").stat().st_mtime) < 4 * interval + prometheus.TIMEOUT_SECONDS
    except OSError:
        return False


def main() -> int:
    folder = Path(os.environ.get("STATUS_FOLDER", "/var/lib/status"))
    interval = int(os.environ.get("STATUS_INTERVAL_SECONDS", "15"))
    if not 1 <= interval <= 60:
        raise SystemExit(f"STATUS_INTERVAL_SECONDS={interval} is not between 1 and 60")
    if sys.argv[1:] == ["--healthy"]:
        return 0 if is_healthy(folder, interval) else 1
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
    try:
        held = files.lock(folder)
    except (files.InUse, OSError) as fault:
        raise SystemExit(str(fault)) from fault
    url = os.environ.get("PROMETHEUS_URL", "http://prometheus:9090")
    LOG.info("asking %s every %d s", url, interval)
    run(Job(folder, url, interval), interval)
    os.close(held)
    return 0


if __name__ == "__main__":
    sys.exit(main())
