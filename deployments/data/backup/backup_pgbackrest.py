# SPDX-License-Identifier: Apache-2.0
"""The programs that a backup is made with."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from backup_schedule import Repository, repositories, unknown
from backup_wal import FOLDER, SEGMENT, STORED_SEGMENT, Lineage, StoredWal, histories, lineage, timeline_of

LOG = logging.getLogger("backup")
FIRST, SECOND = 1, 2
FIRST_TIMELINE = "00000001"
ASK_SECONDS = 60
BACKUP_SECONDS = 6 * 3600
SCRATCH_PORT = 5432  # names a socket in a folder of its own
SYSTEM = "select system_identifier from pg_control_system()"
WRITTEN_SEGMENT = "select pg_walfile_name(pg_current_wal_lsn()), pg_postmaster_start_time(), current_setting('archive_mode')"


class Failed(RuntimeError):
    """A program ended with another code than 0, or not in time; the message is the last line that says why."""


class Copy(Failed):
    """The server was restored beside the one whose repositories these are."""


def run(command: list[str], seconds: int, without: Iterable[str] = ()) -> str:
    """What it prints; `without`: variables that it does not get."""
    env = {name: value for name, value in os.environ.items() if name not in set(without)}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False, stdin=subprocess.DEVNULL, env=env
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise Failed(f"{command[0]}: {fault}") from fault
    if done.returncode != 0:
        raise Failed(f"{_name(command)}: code {done.returncode}: {_reason(done.stdout + done.stderr)}")
    return done.stdout


def _name(command: list[str]) -> str:
    """Without the options, of which there are many."""
    return " ".join([Path(command[0]).name, *(word for word in command[1:] if not word.startswith("-"))])


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if "ERROR" in line), lines[-1] if lines else "it said nothing")


def configured() -> list[int]:
    """The numbers of the repositories, by the environment and the files of PGBACKREST_CONFIG_INCLUDE_PATH."""
    folder = Path(os.environ.get("PGBACKREST_CONFIG_INCLUDE_PATH", "/etc/pgbackrest/conf.d"))
    files = [file.read_text(errors="replace") for file in sorted(folder.glob("*.conf"))]
    said = "\n".join([*os.environ, *files])
    return [FIRST, SECOND] if re.search(r"PGBACKREST_REPO2_|^repo2-", said, re.MULTILINE) else [FIRST]


def ask_repository(stanza: str, number: int) -> Repository:
    """Of one that has never heard of the stanza says so. Throws Failed when it does not answer."""
    # Not strict: after a wrong key, messages hold what the file was taken for.
    said = run(["pgbackrest", f"--repo={number}", "info", "--output=json", "--log-level-console=off"], ASK_SECONDS)
    known = repositories(json.loads(said, strict=False), stanza)
    return known[0] if known else unknown(number, "no such stanza", has_no_stanza=True)


def make_stanza() -> None:
    """In every repository; one that has it stays as it is."""
    run(["pgbackrest", "stanza-create"], ASK_SECONDS)


def back_up(repository: int, kind: str) -> None:
    """Expires what is older than the repository keeps, after that."""
    run(["pgbackrest", f"--repo={repository}", f"--type={kind}", "backup"], BACKUP_SECONDS)


def stored(stanza: str, repository: int, cluster: str, folder: str = "") -> list[str]:
    """The names in the archive of a repository, or in a folder of it; none where it is absent. `cluster` is such as 15-1."""
    return names(repository, f"archive/{stanza}/{cluster}" + (f"/{folder}" if folder else ""))


def stored_segments(stanza: str, repository: Repository, first: str) -> set[str]:
    """Of each timeline, from the folder on in which the segment `first` is."""
    return set(stored_wal(stanza, repository, first))


def stored_wal(stanza: str, repository: Repository, first: str) -> dict[str, StoredWal]:
    """As `stored_segments`, with what the repository says of each."""
    archive = f"archive/{stanza}/{repository.cluster}"
    folders = [name for name in names(repository.number, archive) if FOLDER.fullmatch(name) and name[8:] >= first[8:16]]
    files = {name: about for folder in folders for name, about in listed(repository.number, f"{archive}/{folder}").items()}
    found = {STORED_SEGMENT.fullmatch(name): about for name, about in files.items()}
    return {match[1]: StoredWal(match[2], about["time"]) for match, about in found.items() if match}


def timelines_began(stanza: str, repository: Repository) -> dict[str, int]:
    """When each but the first did, by when its history arrived, in seconds since 1970."""
    about = listed(repository.number, f"archive/{stanza}/{repository.cluster}")
    return {timeline_of(name): about[name]["time"] for name in histories(about)}


def stored_lineage(stanza: str, repository: Repository, began: Mapping[str, float], to: datetime | None = None) -> Lineage:
    """Of the newest timeline that the repository has; for a moment that a restore has left since, of the one that was written then.
    `began` as `timelines_began` has it."""
    for timeline in sorted(began, reverse=True):
        file = f"archive/{stanza}/{repository.cluster}/{timeline}.history"
        known = lineage(timeline, run(["pgbackrest", f"--repo={repository.number}", "repo-get", file], ASK_SECONDS))
        if to is None or not known.left(to, began):
            return known
    return lineage(FIRST_TIMELINE, "")


def names(repository: int, folder: str) -> list[str]:
    """Of what is in a folder of a repository; none where it is absent."""
    return list(listed(repository, folder))


def listed(repository: int, folder: str) -> dict[str, dict]:
    """What is in a folder of a repository, by name, and what it says of that."""
    said = run(["pgbackrest", f"--repo={repository}", "--output=json", "--log-level-console=off", "repo-ls", folder], ASK_SECONDS)
    return {name: about for name, about in json.loads(said).items() if name != "."}


def put(repository: int, name: str) -> None:
    """An empty file, over one of this name."""
    run(["pgbackrest", f"--repo={repository}", "--raw", "--log-level-console=error", "repo-put", name], ASK_SECONDS)


def copy_wal(name: str, folder: Path) -> None:
    """A segment or a history file, from the first repository into those that lack it."""
    file = folder / name
    try:
        fetch_wal(FIRST, name, file)
        push_wal(file)
    finally:
        file.unlink(missing_ok=True)


def fetch_wal(repository: int, name: str, file: Path, *options: str) -> None:
    """pgBackRest asks the data folder whose cluster it is."""
    command = ["pgbackrest", f"--repo={repository}", *options, "--no-archive-async", "--log-level-console=warn", "archive-get"]
    run([*command, name, str(file)], ASK_SECONDS)


def push_wal(file: Path) -> None:
    """Into the repositories that lack it."""
    run(["pgbackrest", "--log-level-console=error", "archive-push", str(file)], ASK_SECONDS)


def verify(repository: int) -> str:
    """Reads every file of it; the report."""
    return run(["pgbackrest", f"--repo={repository}", "--output=text", "--verbose", "--log-level-console=off", "verify"], BACKUP_SECONDS)


def restore(repository: int, label: str, cluster: Path) -> None:
    """A backup into a new folder; the server that starts there replays all WAL that the repository has, and archives nothing."""
    cluster.mkdir(mode=0o700)
    run(["pgbackrest", f"--repo={repository}", f"--set={label}", f"--pg1-path={cluster}", "--archive-mode=off", "restore"], BACKUP_SECONDS)


def ask(query: str, host: str | None = None, database: str = "postgres") -> str:
    """One value, or one a line, from the server of the environment or from the one whose socket is in the folder `host`."""
    where = [f"--host={host}", f"--port={SCRATCH_PORT}"] if host else []
    # Of several servers of the environment the one is meant that writes (PGTARGETSESSIONATTRS); a scratch one may still replay.
    name = f"dbname={database} target_session_attrs=any" if host else database
    command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", *where, f"--dbname={name}", f"--command={query}"]
    return run(command, ASK_SECONDS).strip()


def written_segment() -> tuple[str, str]:
    """The WAL segment that the server writes, and when the server was started; on a standby, and on a copy, an error."""
    segment, started, archiving = ask(WRITTEN_SEGMENT).split("|")
    if archiving == "off":
        raise Copy("it is a copy: its archive_mode is off, and nothing of it goes to these repositories")
    return segment, started


def server_lineage() -> Lineage:
    """Of the timeline that the server writes."""
    timeline = timeline_of(written_segment()[0])
    return lineage(timeline, "" if timeline == FIRST_TIMELINE else ask(f"select pg_read_file('pg_wal/{timeline}.history')"))


def kept_segments() -> dict[str, Path]:
    """WAL that the server still has, and where: files of this machine."""
    folder = Path(ask("show data_directory")) / "pg_wal"
    return {name: folder / name for name in ask("select name from pg_ls_waldir()").split() if SEGMENT.fullmatch(name)}


def running_system() -> int | None:
    """The identifier of the running server's cluster; None when none answers."""
    try:
        return int(ask(SYSTEM))
    except Failed:
        return None
