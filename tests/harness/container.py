# SPDX-License-Identifier: Apache-2.0
"""A container of a compose project, with the verbs of Service and Server: start, stop, kill, wait, logs."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compose import Project


class Container:
    """One service of the project, of which one container is meant. Its data survive `kill` and `stop`."""

    def __init__(self, project: Project, name: str) -> None:
        self.project, self.name = project, name

    @property
    def id(self) -> str:
        return self.project.compose("ps", "--all", "--quiet", self.name).strip()

    def inspect(self) -> dict:
        (found,) = json.loads(docker("inspect", self.id))
        return found

    @property
    def running(self) -> bool:
        return self.inspect()["State"]["Running"]

    def start(self, wait: bool = True) -> None:
        self.project.compose("start", self.name)
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 60) -> None:
        """Until the container's own health check has been met since it was started last."""
        deadline = time.monotonic() + seconds
        while (state := self.inspect()["State"])["Health"]["Status"] != "healthy":
            if not state["Running"] or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not healthy: {state}\n{self.log_tail()}")
            time.sleep(0.1)

    def ensure_running(self) -> None:
        if not self.running:
            self.start()

    def stop(self) -> int:
        """An orderly end; returns the exit code."""
        self.project.compose("stop", self.name)
        return self.inspect()["State"]["ExitCode"]

    def kill(self) -> None:
        self.project.compose("kill", self.name)

    def execute(self, *command: str) -> str:
        return self.project.compose("exec", "--no-TTY", self.name, *command)

    def try_run(self, *arguments: str) -> subprocess.CompletedProcess:
        """The image's program in a container of its own, as this one is configured, until it ends."""
        return self.project.try_compose("run", "--rm", "--no-deps", "--no-TTY", self.name, *arguments)

    def run(self, *arguments: str) -> str:
        return self.project.compose("run", "--rm", "--no-deps", "--no-TTY", self.name, *arguments)

    def log_text(self) -> str:
        return docker("logs", self.id)

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log_text().splitlines()[-lines:])

    def log_lines(self) -> list[dict]:
        """What the service logged, as objects."""
        return [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]


def docker(*arguments: str, seconds: float = 120) -> str:
    """Runs `docker`; returns what it wrote, to either stream."""
    output = subprocess.STDOUT
    run = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, stderr=output, text=True, timeout=seconds, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"docker {' '.join(arguments)} failed:\n{run.stdout}")
    return run.stdout
