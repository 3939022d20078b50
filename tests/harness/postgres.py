# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL 15."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from .packages import CACHE, find_program, library_path
from .processes import Session
from .server import Server, ServerError, base_environment

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
# deadlock_timeout as in deployments/compose/postgres-schemas.sql; what is logged, as in docker-compose.yml.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "logging_collector": "off",
    "deadlock_timeout": "200ms",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Postgres(Server):
    """A cluster with a superuser `test` and a database `test`. `settings` overrides lines of postgresql.conf; `env` is for what the server
    starts itself."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast" shutdown: does not wait for clients
    user = "test"
    database = "test"

    def __init__(
        self,
        session: Session,
        settings: dict[str, str] | None = None,
        env: dict[str, str] | None = None,
        address: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(session, address)
        self.env = env or {}
        self.programs = self._find_programs()
        self.cluster = self.directory / "cluster"
        self.socket_directory = self.directory
        own(self.directory)
        self._make_cluster()
        self._configure("postgresql.conf", {**SETTINGS, **self._own_settings(), **(settings or {})})

    def environment(self) -> dict[str, str]:
        return {
            "TEST_POSTGRES_HOST": self.host,
            "TEST_POSTGRES_PORT": str(self.port),
            "TEST_POSTGRES_DB": self.database,
            "TEST_POSTGRES_USER": self.user,
            "TEST_POSTGRES_PASSWORD": self.password,
            "TEST_CA_FILE": str(self.session.certificates.authority),
        }

    def spawn(self) -> subprocess.Popen:
        command = [str(self.programs / "postgres"), "-D", str(self.cluster)]
        return self.session.spawn(command, log=self.log, env=self._env(), user=UNPRIVILEGED, cwd=self.directory)

    def answers(self) -> bool:
        command = [str(self.programs / "pg_isready"), "-q", "-h", self.host, "-p", str(self.port), "-t", "1"]
        return subprocess.run(command, env=self._env()).returncode == 0

    def start(self) -> None:
        super().start()
        if self.run_sql(f"select 1 from pg_database where datname = '{self.database}'", "postgres") == "":
            self.create_database(self.database)

    def create_database(self, name: str) -> None:
        self.run_sql(f'create database "{name}"', "postgres")

    def demote(self) -> None:
        """Starts again as a standby of nobody: it answers, and only reads, until `promote`."""
        self.stop()
        signal_file = self.cluster / "standby.signal"
        signal_file.touch()
        own(signal_file)
        super().start()

    def promote(self) -> None:
        self.run_sql("select pg_promote()", "postgres")

    def wait_promoted(self, seconds: float = 600) -> None:
        """Returns when recovery is over and writes are taken."""
        deadline = time.monotonic() + seconds
        while self.run_sql("select pg_is_in_recovery()", "postgres") != "f":
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL is in recovery after {seconds} s:\n{self.log_tail()}")
            time.sleep(0.02)

    def fence(self, fenced: bool) -> None:
        """Lets sessions that are open only read from now on, as fail-overs do that leave them to the old primary."""
        self.run_sql(f"alter system set default_transaction_read_only = {'on' if fenced else 'off'}", "postgres")
        self.run_sql("select pg_reload_conf()", "postgres")

    def run_sql(self, statement: str, database: str | None = None) -> str:
        """Runs SQL as the superuser; returns psql's unaligned output."""
        # The administrator's own sessions write whatever `fence` says.
        command, env = self._psql_command(statement, "default_transaction_read_only=off", database)
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise ServerError(f"psql: {run.stderr.strip()}")
        return run.stdout.strip()

    def copy_rows(self, table: str, columns: str, rows: Iterable[str]) -> None:
        """One COPY of all rows, which are lines of its text format. What they refer to is not looked for."""
        command, env = self._psql_command(f"copy {table} ({columns}) from stdin", "session_replication_role=replica")
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as copying:
            with contextlib.suppress(BrokenPipeError):
                copying.stdin.writelines(rows)
            _, said = copying.communicate()
        if copying.returncode != 0:
            raise ServerError(f"psql: {said.strip()}")

    def amcheck(self) -> list[str]:
        """What pg_amcheck finds wrong with the pages of all tables and indexes; it creates the extension amcheck."""
        command = [str(self.programs / "pg_amcheck"), *self._address(), "--install-missing", "--jobs=2", "--database", self.database]
        done = subprocess.run(command, env={**self._env(), "PGPASSWORD": self.password}, capture_output=True, text=True, check=False)
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()

    def _address(self) -> list[str]:
        return ["-h", self.host, "-p", str(self.port), "-U", self.user]

    def _psql_command(self, statement: str, setting: str, database: str | None = None) -> tuple[list[str], dict[str, str]]:
        """And its environment."""
        where = [*self._address(), "-d", database or self.database]
        command = [str(self.programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, "-c", statement]
        return command, {**self._env(), "PGPASSWORD": self.password, "PGOPTIONS": f"-c {setting}"}

    def follow(self, primary: Postgres) -> None:
        """Starts, next time, as a standby of `primary`."""
        self._configure("postgresql.auto.conf", {"primary_conninfo": primary.conninfo})
        signal_file = self.cluster / "standby.signal"
        signal_file.touch()
        own(signal_file)

    @property
    def conninfo(self) -> str:
        return f"host={self.host} port={self.port} user={self.user} password={self.password}"

    def sessions(self) -> list[str]:
        """Who is connected, besides the administrator."""
        names = self.run_sql("select application_name from pg_stat_activity where backend_type = 'client backend'", "postgres")
        return [name for name in names.splitlines() if name != "psql"]

    def _make_cluster(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        own(secret)
        options = [
            "--auth=scram-sha-256",
            f"--username={self.user}",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ]
        self._run_tool("initdb", "--no-sync", *options, "-D", str(self.cluster))

    def _run_tool(self, name: str, *arguments: str, **env: str) -> None:
        command = [str(self.programs / name), *arguments]
        process = self.session.spawn(command, log=self.log, env=self._env() | env, user=UNPRIVILEGED, cwd=self.directory)
        if process.wait() != 0:
            raise ServerError(f"{name} failed:\n{self.log_tail()}")

    def _configure(self, file: str, settings: dict[str, str]) -> None:
        """For the next start; the last line of a setting counts."""
        with (self.cluster / file).open("a") as configuration:
            configuration.writelines(f"{key} = '{value}'\n" for key, value in settings.items())

    def _own_settings(self) -> dict[str, str]:
        key = self.directory / "server.key"
        key.write_bytes(self.session.certificates.key.read_bytes())
        key.chmod(0o600)
        own(key)
        tls = {"ssl": "on", "ssl_cert_file": str(self.session.certificates.certificate), "ssl_key_file": str(key)}
        return {"listen_addresses": self.host, "port": str(self.port), "unix_socket_directories": str(self.socket_directory), **tls}

    def _find_programs(self) -> Path:
        return self._reachable(find_program("/usr/lib/postgresql/15/bin/postgres", "usr/lib/postgresql/15/bin/postgres")).parent

    def _env(self) -> dict[str, str]:
        return base_environment(self.directory) | self._libraries | self.env

    def _reachable(self, program: Path) -> Path:
        """Where the unprivileged user may execute the program: an unpacked tree under root's home has to be copied."""
        self._libraries = library_path(program)
        if os.geteuid() != 0 or not program.is_relative_to(CACHE):
            return program
        copy = self.session.directory / "postgres-programs"
        if not copy.exists():
            for folder in ("usr/lib", "usr/share/postgresql"):
                ignored = shutil.ignore_patterns("erlang", "rabbitmq")
                shutil.copytree(CACHE / "tree" / folder, copy / folder, symlinks=True, ignore=ignored)
        self._libraries = {"LD_LIBRARY_PATH": ":".join(map(str, (copy / "usr" / "lib").glob("*-linux-gnu*")))}
        return copy / program.relative_to(CACHE / "tree")


def own(path: Path) -> None:
    """Gives the file or folder to the account that PostgreSQL has here."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, owner.pw_uid, owner.pw_gid)


class Standby(Postgres):
    """A copy of a running primary, which it follows; the commits of the primary wait for it from its start on."""

    def __init__(self, session: Session, primary: Postgres, address: tuple[str, int] | None = None) -> None:
        self.primary = primary
        super().__init__(session, address=address)

    def start(self) -> None:
        super().start()
        if self.primary.running:
            self.primary.run_sql("alter system set synchronous_standby_names = '*'", "postgres")
            self.primary.run_sql("select pg_reload_conf()", "postgres")

    def _make_cluster(self) -> None:
        self.password = self.primary.password
        whence = ["-h", self.primary.host, "-p", str(self.primary.port), "-U", self.user]
        self._run_tool("pg_basebackup", *whence, "-D", str(self.cluster), "-R", "-X", "stream", "-c", "fast", PGPASSWORD=self.password)
