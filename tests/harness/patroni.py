# SPDX-License-Identifier: Apache-2.0
"""A primary with two standbys under Patroni, with the configuration that the deployments have; etcd, which it needs, beside them."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
import yaml

from .packages import CACHE, REPOSITORY, find_program, library_path
from .postgres import SETTINGS, UNPRIVILEGED, Postgres, own
from .processes import Session, free_port, kill_tree, signal_tree
from .server import Server, ServerError, base_environment

FOLDER = REPOSITORY / "deployments" / "data" / "patroni"
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
ELECTION_SECONDS = 60


class Etcd(Server):
    name = "etcd"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.program = find_program("/usr/bin/etcd", "usr/bin/etcd")
        self.peer_port = free_port()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def spawn(self) -> subprocess.Popen:
        peers = f"http://{self.host}:{self.peer_port}"
        options = {
            "data-dir": self.directory / "data",
            "listen-client-urls": self.url,
            "advertise-client-urls": self.url,
            "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers,
            "initial-cluster": f"default={peers}",
            "enable-v2": "true",  # docs/adr/0037-replicas.md
        }
        command = [str(self.program), *(f"--{name}={value}" for name, value in options.items())]
        return self.session.spawn(
            command, log=self.log, env=base_environment(self.directory) | library_path(self.program), cwd=self.directory
        )

    def answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=1).json().get("health") == "true"
        return False


class Node(Postgres):
    """One PostgreSQL with its Patroni. `kill` and `pause` are those of both, as when the machine fails."""

    start_seconds = 120

    def __init__(self, cluster: ReplicatedPostgres, address: str) -> None:
        self.of = cluster
        super().__init__(cluster.session, cluster.settings, cluster.env, address=(address, cluster.port))
        self.password = cluster.password
        self._write_configuration()

    def spawn(self) -> subprocess.Popen:
        command = ["/usr/bin/python3", "-m", "patroni", str(self.directory / "conf.d")]
        return self.session.spawn(command, log=self.log, env=self.of.patroni_environment(self), user=UNPRIVILEGED, cwd=self.directory)

    def start(self) -> None:
        Server.start(self)

    def answers(self) -> bool:
        return self.state().get("state") == "running"

    def state(self) -> dict:
        """What this Patroni says of itself; empty while it does not answer."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.api}/patroni", trust_env=False, timeout=1).json()
        return {}

    @property
    def api(self) -> str:
        return f"http://{self.host}:{self.of.api_port}"

    def kill(self) -> None:
        super().kill()
        self.kill_postgres()

    def pause(self) -> None:
        super().pause()
        for pid in self.postmaster():
            signal_tree(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self.postmaster():
            signal_tree(pid, signal.SIGCONT)
        super().resume()

    def delay_replay(self, interval: str) -> None:
        self.run_sql(f"alter system set recovery_min_apply_delay = '{interval}'", "postgres")
        self.run_sql("select pg_reload_conf()", "postgres")

    def kill_postgres(self) -> None:
        """Patroni lives on."""
        for pid in self.postmaster():
            kill_tree(pid)

    def postmaster(self) -> list[int]:
        """Its id while it lives. Patroni starts it as nobody's child."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split()[0])
            program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            return []
        return [pid] if str(self.cluster).encode() in program else []

    def _make_cluster(self) -> None:
        """Patroni does."""

    def _configure(self, file: str, settings: dict[str, str]) -> None:
        """For postgresql.conf, which Patroni includes into its own."""
        own_settings = {**SETTINGS, **self._own_settings(), **self.of.settings}
        lines = [f"include '{REPOSITORY / 'deployments/data/postgresql/postgresql.conf'}'"]
        lines += [
            f"{name} = '{value}'" for name, value in own_settings.items() if name not in ("port", "listen_addresses", "max_connections")
        ]
        path = self.directory / "postgresql.conf"
        path.write_text("\n".join(lines) + "\n")
        own(path)

    def _write_configuration(self) -> None:
        """The deployments' file, and over it what is different here."""
        folder = self.directory / "conf.d"
        folder.mkdir()
        (folder / "10-patroni.yml").write_text((FOLDER / "patroni.yml").read_text())
        login = {"username": self.user, "password": self.password}
        here = {
            "bootstrap": {"post_bootstrap": f"sh -c {self._call_of_psql('create database test')!r}"},
            "postgresql": {
                "listen": f"{self.host}:{self.port}",
                "connect_address": f"{self.host}:{self.port}",
                "data_dir": str(self.cluster),
                "bin_dir": str(self.programs),
                "custom_conf": str(self.directory / "postgresql.conf"),
                "parameters": {"unix_socket_directories": str(self.socket_directory)},
                "pgpass": str(self.directory / "pgpass"),
                "authentication": {"superuser": login, "replication": login},
            },
            "restapi": {"listen": f"{self.host}:{self.of.api_port}", "connect_address": f"{self.host}:{self.of.api_port}"},
            "etcd": {"host": f"{self.of.etcd.host}:{self.of.etcd.port}"},
            "name": self.host,
        }
        (folder / "20-here.yml").write_text(yaml.safe_dump(here))
        for path in (folder, *folder.iterdir()):
            own(path)

    def _call_of_psql(self, statement: str) -> str:
        return f'{self.programs / "psql"} -X -c "{statement}" "$0"'


class ReplicatedPostgres:
    """Three nodes at one port of three loopback addresses. `settings` and `env` as Postgres takes them."""

    user, database = Postgres.user, Postgres.database

    def __init__(self, session: Session, settings: dict[str, str] | None = None, env: dict[str, str] | None = None) -> None:
        self.session, self.settings, self.env = session, settings or {}, env or {}
        self.port, self.api_port = free_port(), free_port()
        self.password = secrets.token_urlsafe(18)
        self.packages = self._packages()
        self.etcd = Etcd(session)
        self.nodes = [Node(self, address) for address in ADDRESSES]

    def start(self) -> None:
        """What does not run. Returns when commits are acknowledged, and every standby has all."""
        self.etcd.start()
        for node in self.nodes:
            node.start()
        deadline = time.monotonic() + ELECTION_SECONDS
        while not (
            len(self.members()) == len(self.nodes) and self.in_role("leader") and self.in_role("sync_standby") and self.in_role("replica")
        ):
            if time.monotonic() > deadline:
                raise ServerError(f"no primary with two standbys: {self.members()}\n{self.nodes[0].log_tail()}")
            time.sleep(0.1)

    @property
    def host(self) -> str:
        """As DB_HOST takes it."""
        return ",".join(node.host for node in self.nodes)

    def run_sql(self, statement: str, database: str | None = None) -> str:
        return self.primary.run_sql(statement, database)

    def members(self) -> list[dict]:
        """As any Patroni that answers knows them."""
        for node in self.nodes:
            with contextlib.suppress(httpx.TransportError, ValueError):
                return httpx.get(f"{node.api}/cluster", trust_env=False, timeout=2).json()["members"]
        return []

    def in_role(self, role: str) -> list[Node]:
        hosts = [each["host"] for each in self.members() if each["role"] == role and each["state"] in ("running", "streaming")]
        return [node for node in self.nodes if node.host in hosts]

    @property
    def primary(self) -> Node:
        return self.wait_role("leader")

    @property
    def synchronous_standby(self) -> Node:
        return self.wait_role("sync_standby")

    @property
    def other_standby(self) -> Node:
        return self.wait_role("replica")

    def wait_role(self, role: str) -> Node:
        deadline = time.monotonic() + ELECTION_SECONDS
        while not (found := self.in_role(role)):
            if time.monotonic() > deadline:
                raise ServerError(f"nobody is {role}: {self.members()}\n{self.nodes[0].log_tail()}")
            time.sleep(0.1)
        return found[0]

    def switch_over(self) -> None:
        leader, candidate = self.primary, self.synchronous_standby
        answer = httpx.post(
            f"{leader.api}/switchover", json={"leader": leader.host, "candidate": candidate.host}, trust_env=False, timeout=ELECTION_SECONDS
        )
        if answer.status_code != 200:
            raise ServerError(f"switchover: {answer.status_code} {answer.text}")

    def close(self) -> None:
        for node in self.nodes:
            node.kill()
        self.etcd.kill()

    def patroni_environment(self, node: Node) -> dict[str, str]:
        return {**node._env(), "PYTHONPATH": str(self.packages), "PATH": f"{node.programs}:/usr/bin:/bin"}

    def _packages(self) -> Path:
        """Where the unprivileged user can read Patroni and what it imports, which are for the system's Python."""
        installed = Path("/usr/lib/python3/dist-packages")
        if find_program("/usr/bin/patroni", "usr/bin/patroni").is_relative_to(CACHE):
            copy = self.session.directory / "patroni"
            if not copy.exists():
                shutil.copytree(CACHE / "tree" / installed.relative_to("/"), copy)
            return copy
        return installed
