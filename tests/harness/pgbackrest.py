# SPDX-License-Identifier: Apache-2.0
"""pgBackRest beside a PostgreSQL of these tests, with the configuration that the deployments have."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from .packages import REPOSITORY, find_program, library_path
from .postgres import UNPRIVILEGED, Postgres, own
from .processes import Session, free_port
from .server import base_environment

FOLDER = REPOSITORY / "deployments" / "data" / "pgbackrest"
JOB = REPOSITORY / "deployments" / "data" / "backup" / "backup_job.py"
RESTORE = JOB.with_name("backup_restore.py")
STANZA = "micro-sayur"
REPOSITORIES = (1, 2)


class BackupError(RuntimeError):
    """A program ended with another code than 0; the message is what it said."""


class Backups:
    """Two repositories of one stanza, folders below the session's. The server knows the first, the backup job and whoever restores know
    both."""

    def __init__(self, session: Session, name: str = "backups") -> None:
        self.session = session
        self.program = find_program("/usr/bin/pgbackrest", "usr/bin/pgbackrest")
        self.directory = session.directory / name
        self.spool = self.directory / "spool"
        self.log = self.directory / "log"
        self.metrics_port = free_port()
        self.keys = {"server": self.directory / "server.conf.d", "job": self.directory / "job.conf.d"}
        for folder in (self.directory, self.spool, *self.keys.values(), *map(self.repository, REPOSITORIES)):
            folder.mkdir(mode=0o700)
            own(folder)
        for number in REPOSITORIES:
            text = f"[global]\nrepo{number}-cipher-pass={secrets.token_urlsafe(48)}\n"
            for reader in ("server", "job") if number == 1 else ("job",):
                self._write(self.keys[reader] / f"key-{number}.conf", text)
        self._write(self.keys["job"] / "second.conf", (FOLDER / "second.conf").read_text())

    def repository(self, number: int) -> Path:
        return self.directory / f"repository-{number}"

    def environment(self, reader: str = "job") -> dict[str, str]:
        """The variables of the server, or of the backup job and whoever restores."""
        env = {
            "PGBACKREST_CONFIG": str(FOLDER / "pgbackrest.conf"),
            "PGBACKREST_CONFIG_INCLUDE_PATH": str(self.keys[reader]),
            "PGBACKREST_SPOOL_PATH": str(self.spool),
            "PGBACKREST_LOCK_PATH": str(self.directory / "lock"),
            "PGBACKREST_STANZA": STANZA,
        }
        for number in REPOSITORIES if reader == "job" else (1,):
            env[f"PGBACKREST_REPO{number}_PATH"] = str(self.repository(number))
        return env | library_path(self.program)

    @staticmethod
    def _write(file: Path, text: str) -> None:
        file.write_text(text)
        own(file)

    def server_settings(self) -> dict[str, str]:
        """Lines of postgresql.conf that have the server archive its WAL."""
        return {"archive_mode": "on", "archive_command": f'{self.program} --pg1-path="$PWD" archive-push %p', "archive_timeout": "4s"}

    def job_environment(self, of: Postgres) -> dict[str, str]:
        """The variables of the backup job beside `of`."""
        own_programs = f"{self.program.parent}:{of.programs}"
        server = {
            "PGBACKREST_PG1_PATH": str(of.cluster),
            "PGBACKREST_PG1_PORT": str(of.port),
            "PGBACKREST_PG1_SOCKET_PATH": str(of.socket_directory),
            "PGBACKREST_PG1_USER": of.user,
        }
        login = {"PGHOST": str(of.socket_directory), "PGPORT": str(of.port), "PGUSER": of.user, "PGPASSWORD": of.password}
        base = base_environment(self.directory)
        return (
            base
            | self.environment()
            | server
            | login
            | {"PATH": f"{own_programs}:{base['PATH']}", "BACKUP_FOLDER": str(self.spool), "BACKUP_DATABASE": of.database}
        )

    def job_environment_of_nodes(self, nodes: list[Postgres]) -> dict[str, str]:
        """The variables of the job beside a primary and its standbys, each at a port of its own address."""
        env = self.job_environment(nodes[0])
        for number, node in enumerate(nodes, 1):
            own = {key: value for key, value in self.job_environment(node).items() if key.startswith("PGBACKREST_PG1_")}
            env |= {key.replace("PG1", f"PG{number}"): value for key, value in own.items()}
        sockets = ",".join(str(node.socket_directory) for node in nodes)
        return env | {"PGHOST": sockets, "PGTARGETSESSIONATTRS": "read-write"}

    def start_job(self, environment: dict[str, str]) -> subprocess.Popen:
        """As the deployments run it; /metrics at `metrics_port`."""
        env = environment | {"BACKUP_METRICS_PORT": str(self.metrics_port)}
        return self.session.spawn([sys.executable, str(JOB)], log=self.log, env=env, user=UNPRIVILEGED, cwd=self.directory)

    def run_job_once(self, of: Postgres) -> str:
        """What it said."""
        return self._run(of, [sys.executable, str(JOB), "--once"])

    def erased(self, of: Postgres) -> list[str]:
        """Accounts, by what the repositories say."""
        command = [sys.executable, str(JOB), "--erasures"]
        done = subprocess.run(
            command, env=self.job_environment(of), capture_output=True, text=True, check=True, cwd=self.directory, **nobody()
        )
        return done.stdout.split()

    def empty_spool(self) -> None:
        """What was on its way goes with the disk."""
        shutil.rmtree(self.spool)
        self.spool.mkdir(mode=0o700)
        own(self.spool)

    def has_segment(self, number: int, name: str) -> bool:
        return any(self.repository(number).glob(f"archive/{STANZA}/*/*/{name}-*.zst"))

    def has_backup(self, number: int) -> bool:
        """A completed one."""
        return any(self.repository(number).glob(f"backup/{STANZA}/*F/backup.manifest"))

    def run(self, of: Postgres, command: str, *options: str) -> str:
        return self._run(of, [str(self.program), *options, command])

    def restore(self, of: Postgres, *options: str) -> None:
        """As the deployments do it; `options` as backup_restore.py takes them."""
        self._run(of, [sys.executable, str(RESTORE), *options])

    def _run(self, of: Postgres, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.job_environment(of), capture_output=True, text=True, check=False, cwd=self.directory, **nobody()
        )
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode != 0:
            raise BackupError(f"{' '.join(command)}: code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


class Restored(Postgres):
    """What the repositories hold of `lost`, which it replaces at its address. `options` as backup_restore.py takes them."""

    def __init__(self, session: Session, backups: Backups, lost: Postgres, *options: str) -> None:
        self.backups, self.lost, self.options = backups, lost, options
        super().__init__(session, backups.server_settings(), backups.environment("server"))

    def _make_cluster(self) -> None:
        self.port, self.password = self.lost.port, self.lost.password
        self.cluster.mkdir(mode=0o700)
        own(self.cluster)
        self.backups.restore(self, *self.options)


class Copy(Postgres):
    """As Restored, beside `original`, at an address of its own."""

    def __init__(self, session: Session, backups: Backups, original: Postgres, *options: str) -> None:
        self.backups, self.original, self.options = backups, original, ("--copy", *options)
        super().__init__(session, backups.server_settings(), backups.environment("server"))

    def _make_cluster(self) -> None:
        self.password = self.original.password
        self.cluster.mkdir(mode=0o700)
        own(self.cluster)
        self.backups.restore(self, *self.options)


def nobody() -> dict:
    """What makes subprocess.run use the account that PostgreSQL has here."""
    return {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
