# SPDX-License-Identifier: Apache-2.0
"""Restores the newest backup of each repository into a scratch folder, starts it where nobody can reach it, and looks at every page.

    backup_verify.py [FOLDER]   FOLDER (BACKUP_FOLDER, else /var/spool/pgbackrest) has to have room for the database; BACKUP_FOLDER_BYTES,
                                where it is set, is the most that may be used of it

Prints a line for each repository. Exit code 1 when one of them could not be restored from as it is; what is wrong stands on stderr.
Runs where the backup job does, and with its variables. Where that is out of the server's reach, BACKUP_JOB_URL (http://HOST:9854) is where
the job tells whose backups these should be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import backup_check as check
import backup_pgbackrest as pgbackrest
from backup_arguments import Parser
from backup_replay import Replay
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
    return check.usability(repository) or Replay(stanza, repository).faults_of_names()


def faults_of_files(stanza: str, repository: Repository) -> list[str]:
    faults = faults_of_names(stanza, repository)
    if check.usability(repository):
        return faults
    return faults + [f"repository {repository.number}: {fault}" for fault in check.damages(pgbackrest.verify(repository.number))]


def needed(repository: Repository) -> int:
    """Bytes of a disk, for a restore and what it replays."""
    return int(repository.backups[-1].bytes * ROOM_FACTOR)


def lack_of_room(repository: Repository, folder: Path, free: int, advice: str) -> list[str]:
    wanted = needed(repository)
    if wanted <= free:
        return []
    return [f"{folder} has room for {free >> 20} MiB, repository {repository.number} needs {wanted >> 20} MiB: {advice}"]


def room(repository: Repository, folder: Path, most: int | None = None) -> list[str]:
    """`most`: bytes that may be used there, whatever the disk has."""
    free = shutil.disk_usage(folder).free
    if most is None or free < most:
        return lack_of_room(repository, folder, free, "name another folder")
    return lack_of_room(
        repository, folder, most, "BACKUP_FOLDER_BYTES allows no more; where it is the limit of a pod, raise limits.ephemeral-storage"
    )


def start(server: list[str], options: str, log: Path) -> None:
    """Throws Failed with what the server says."""
    try:
        pgbackrest.run([*server, f"--options={options}", "start"], START_SECONDS)
    except pgbackrest.Failed as fault:
        said = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line] if log.exists() else []
        raise pgbackrest.Failed(said[0] if said else str(fault)) from fault


@contextmanager
def scratch_server(repository: int, label: str, folder: Path):
    """A backup, restored to the end of its WAL; listens on a socket in `folder` alone and archives nothing."""
    data = Path(tempfile.mkdtemp(prefix="verify-", dir=folder))
    try:
        pgbackrest.restore(repository, label, data / "cluster")
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


def verify(repository: Repository, label: str, folder: Path) -> str:
    """What was found; throws Failed."""
    began = time.monotonic()
    with scratch_server(repository.number, label, folder) as data:
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


def folder_with_access(text: str) -> Path:
    """As argparse wants it: throws ArgumentTypeError."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder")
    if not os.access(text, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"{text} is a folder in which this user may not write")
    return Path(text)


def running_system() -> tuple[int | None, list[str]]:
    """The identifier of the running server's cluster, and why it is not known although somebody should know it."""
    job = os.environ.get("BACKUP_JOB_URL")
    if not job:
        return pgbackrest.running_system(), []
    try:
        with urllib.request.urlopen(f"{job}/system", timeout=pgbackrest.ASK_SECONDS) as answer:
            return int(answer.read()), []
    except (OSError, ValueError) as fault:
        return None, [f"{job}, the backup job, does not tell of which cluster its server is ({fault}): see what the job says"]


def main() -> int:
    parser = Parser(__doc__)
    named = os.environ.get("BACKUP_FOLDER", "/var/spool/pgbackrest")
    parser.add_argument("folder", nargs="?", type=folder_with_access, default=named, metavar="FOLDER", help="with room for the database")
    given = parser.parse_args()
    most = parser.number("BACKUP_FOLDER_BYTES", None)
    stanza = os.environ.get("PGBACKREST_STANZA", "micro-sayur")
    known, faults = ask(stanza)
    system, unknown = running_system()
    faults += unknown + check.identity({each.number: each.system for each in known if each.system}, system)
    for each in known:
        try:
            own = faults_of_files(stanza, each)
            own += [] if own else room(each, given.folder, most)
            if not own:
                label = Replay(stanza, each).backup.label
                print(f"repository {each.number}: {verify(each, label, given.folder)}", flush=True)
        except pgbackrest.Failed as fault:
            own = [f"repository {each.number}: {fault}"]
        faults += own
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
