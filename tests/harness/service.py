# SPDX-License-Identifier: Apache-2.0
"""One of our binaries as a process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from .client import wait_until
from .processes import Session, kill_tree


class Service:
    """One binary: started, stopped in order, killed, started again."""

    def __init__(self, session: Session, program: Path, env: dict[str, str], ports: list[int]) -> None:
        self.session, self.program, self.env, self.ports = session, program, env, ports
        self.log = session.directory / f"{program.name}-{ports[0]}.log"
        self.process: subprocess.Popen | None = None

    def run(self, *arguments: str, **changed: str) -> str:
        """A subcommand, such as migrate, with these variables changed; returns its output."""
        done = self.try_run(*arguments, env=self.env | changed)
        if done.returncode != 0:
            raise RuntimeError(f"{self.program.name} {' '.join(arguments)}: code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def try_run(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        """The program with `env` (by default the service's own) in the foreground, until it ends."""
        used = self._env(self.env if env is None else env)
        return subprocess.run([self.program, *arguments], env=used, capture_output=True, text=True, check=False, timeout=60)

    def start(self, wait: bool = True) -> None:
        self.process = self.session.spawn([str(self.program)], log=self.log, env=self._env())
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not all(self.is_ready(port) for port in self.ports):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.program.name} is not ready (code {self.process.poll()}):\n{self.log_tail()}")
            time.sleep(0.02)

    @staticmethod
    def is_ready(port: int) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def wait_connected(self, connections: int) -> None:
        """To the database: each io thread has connections of its own, and opens a broken one anew within two seconds."""
        wanted = f"\nsayur_database_connections {connections}\n"

        def connected() -> bool:
            return all(wanted in httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=2, trust_env=False).text for port in self.ports)

        wait_until(connected, 30, f"{self.program.name}'s connections to the database")

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        kill_tree(self.process.pid)
        self.process.wait()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ensure_running(self) -> None:
        if not self.running:
            self.start()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log_text().splitlines()[-lines:])

    def log_lines(self) -> list[dict]:
        """What the service logged, as objects; lines that are no JSON objects are left out."""
        found = []
        for line in self.log_text().splitlines():
            with contextlib.suppress(ValueError):
                parsed = json.loads(line)
                if isinstance(parsed, dict):
                    found.append(parsed)
        return found

    def _env(self, env: dict[str, str] | None = None) -> dict[str, str]:
        # Sanitizers are steered by the caller's environment; nothing else of it reaches the service.
        kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key == "PATH"}
        return kept | (self.env if env is None else env)
