# SPDX-License-Identifier: Apache-2.0
"""Restores the newest backup of each repository into a scratch folder, starts it where nobody can reach it, and looks at every page.

    backup_verify.py [FOLDER]   FOLDER (BACKUP_FOLDER, else /var/spool/pgbackrest) has to have room for the database

Prints a line for each repository. Exit code 1 when one of them could not be restored from as it is; what is wrong stands on stderr.
Runs where the backup job does, and with its variables.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import backup_check as check
import backup_pgbackrest as pgbackrest
from backup_schedule import Repository

START_SECONDS = 1800  # WAL since the backup is replayed
ROOM_FACTOR = 1.2  # beside the database: the WAL that is replayed
CLUSTER_TIME = "select extract(epoch from coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))::bigint"


# A server that recovers must have at least what the one had that wrote the WAL (PostgreSQL, "Hot Standby": Administrator's Overview).
LEAST = {
    "max_connections setting": "max_connections",
    "max_worker_processes setting": "max_worker_processes",
    "max_wal_senders setting": "max_wal_senders",
    "max_prepared_xacts setting": "max_prepared_transactions",
    "max_locks_per_xact setting": "max_locks_per_transaction",
}


def least_settings(control_data: str) -> dict[str, str]:
    """From what pg_controldata prints."""
    said = dict(line.split(":", 1) for line in control_data.splitlines() if ":" in line)
    return {setting: said[name].strip() for name, setting in LEAST.items() if name in said}


def faults_of_names(stanza: str, repository: Repository) -> list[str]:
    """What can be told without reading its files, which a restore does itself."""
    faults = check.usability(repository)
    if faults:
        return faults
    line = pgbackrest.stored_lineage(stanza, repository)
    first = repository.backups[-1].first_wal
    missing = line.lacking(pgbackrest.stored_segments(stanza, repository, first), first)
    if missing:
        faults.append(
            f"repository {repository.number} lacks {len(missing)} segments of WAL, the first of them {missing[0]}: nothing that was written"
            " from then on can be restored from it; use the other repository, and make a new full backup"
        )
    return faults


def faults_of_files(stanza: str, repository: Repository) -> list[str]:
    faults = faults_of_names(stanza, repository)
    if check.usability(repository):
        return faults
    return faults + [f"repository {repository.number}: {fault}" for fault in check.damages(pgbackrest.verify(repository.number))]


def room(repository: Repository, folder: Path) -> list[str]:
    needed, free = int(repository.backups[-1].bytes * ROOM_FACTOR), shutil.disk_usage(folder).free
    if needed <= free:
        return []
    return [f"{folder} has {free >> 20} MiB free, repository {repository.number} needs {needed >> 20} MiB: name another folder"]


def start(server: list[str], options: str, log: Path) -> None:
    """Throws Failed with what the server says."""
    try:
        pgbackrest.run([*server, f"--options={options}", "start"], START_SECONDS)
    except pgbackrest.Failed as fault:
        said = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line] if log.exists() else []
        raise pgbackrest.Failed(said[0] if said else str(fault)) from fault


@contextmanager
def scratch_server(repository: int, folder: Path):
    """Restored to the end of its WAL; listens on a socket in `folder` alone and archives nothing."""
    data = Path(tempfile.mkdtemp(prefix="verify-", dir=folder))
    try:
        pgbackrest.restore(repository, data / "cluster")
        settings = least_settings(pgbackrest.run(["pg_controldata", str(data / "cluster")], pgbackrest.ASK_SECONDS)) | {
            "listen_addresses": "''",
            "port": pgbackrest.SCRATCH_PORT,
            "unix_socket_directories": str(data),
            "archive_mode": "off",
            "synchronous_standby_names": "''",  # the one that was backed up may wait for its standbys, of which this has none
            "ssl": "off",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        server = ["pg_ctl", "--silent", "--wait", f"--timeout={START_SECONDS}", f"--pgdata={data / 'cluster'}", f"--log={data / 'log'}"]
        start(server, options, data / "log")
        try:
            yield data
        finally:
            pgbackrest.run([*server, "--mode=immediate", "stop"], START_SECONDS)
    finally:
        shutil.rmtree(data)


def wait_replayed(data: Path) -> None:
    """The server answers before it has replayed all WAL."""
    deadline = time.monotonic() + START_SECONDS
    while pgbackrest.ask("select pg_is_in_recovery()", str(data)) == "t":
        if time.monotonic() > deadline:
            raise pgbackrest.Failed(f"the WAL was not replayed within {START_SECONDS} s")
        time.sleep(0.2)


def verify(repository: Repository, folder: Path) -> str:
    """What was found; throws Failed."""
    began = time.monotonic()
    with scratch_server(repository.number, folder) as data:
        wait_replayed(data)
        started = time.monotonic() - began
        newest = int(pgbackrest.ask(CLUSTER_TIME, str(data)))
        pgbackrest.run(
            ["pg_amcheck", f"--host={data}", f"--port={pgbackrest.SCRATCH_PORT}", "--all", "--install-missing", "--jobs=2"], START_SECONDS
        )
    moment = datetime.fromtimestamp(newest, UTC).isoformat()
    return f"restored in {started:.1f} s up to {moment}, every page looked at in {time.monotonic() - began - started:.1f} s"


def ask(stanza: str) -> tuple[list[Repository], list[str]]:
    """Those that answer, and why others do not."""
    known, faults = [], []
    for number in pgbackrest.configured():
        try:
            known.append(pgbackrest.ask_repository(stanza, number))
        except pgbackrest.Failed as fault:
            faults.append(f"repository {number}: {fault}")
    return known, faults


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BACKUP_FOLDER", "/var/spool/pgbackrest"))
    stanza = os.environ.get("PGBACKREST_STANZA", "micro-sayur")
    known, faults = ask(stanza)
    faults += check.identity({each.number: each.system for each in known if each.system}, pgbackrest.running_system())
    for each in known:
        try:
            own = faults_of_files(stanza, each)
            own += [] if own else room(each, folder)
            if not own:
                print(f"repository {each.number}: {verify(each, folder)}", flush=True)
        except pgbackrest.Failed as fault:
            own = [f"repository {each.number}: {fault}"]
        faults += own
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
