# SPDX-License-Identifier: Apache-2.0
"""Instructions that user-service spends on one request, counted by callgrind: a figure that a busy machine does not change."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.client import wait_until
from harness.processes import free_port
from harness.service import Service

from .measure import progress
from .versions import GOOD
from .world import World

FEW, MORE = 1000, 5000
MOST_GROWTH = 1.01


@dataclass
class Growth:
    """Of instructions, from one build to another."""

    what: str
    old: float
    new: float

    @property
    def verdict(self) -> str:
        return GOOD[1] if self.new <= MOST_GROWTH * self.old else "GROWTH"

    def line(self, width: int) -> str:
        return f"{self.what:<{width}}  {self.old:>9,.0f}  {self.new:>9,.0f}  {self.new / self.old:>7.3f}  {'':<21}  {self.verdict}"


class Counted:
    """A user-service on one core, under callgrind."""

    def __init__(self, world: World, variables: dict[str, str]) -> None:
        self.port = free_port()
        self.token = world.make_tokens(world.make_accounts(1))[0]
        self.output = world.directory / f"callgrind-{self.port}"
        env = {**world.user._env(), "HTTP_PORT": str(self.port), "IO_THREADS": "1", **variables}
        # The detailed symbols of a binary take callgrind minutes to read, and are not needed to count.
        program = world.directory / f"user-service-{self.port}"
        subprocess.run(["strip", "-o", program, world.user.program], check=True)
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self.output}", str(program)]
        self.process = world.stack.session.spawn(command, log=Path(f"{self.output}.log"), env=env)

    def wait_ready(self) -> None:
        wait_until(lambda: Service.is_ready(self.port), 120, "user-service under callgrind")

    def ask(self, times: int) -> None:
        """Profile GETs, one after the other on one connection."""
        request = f"GET /api/v1/profile HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            for _ in range(times):
                connection.sendall(request)
                answer = connection.recv(65536)
                while b"\r\n\r\n" not in answer or len(answer.split(b"\r\n\r\n", 1)[1]) < content_length(answer):
                    if not (more := connection.recv(65536)):
                        raise RuntimeError(f"the service closed after {answer[:200]!r}")
                    answer += more
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"not a profile: {answer[:200]!r}")

    def spent_on(self, times: int, number: int) -> int:
        """`number`: of this dump, from 1."""
        self.control("-i", "on")
        self.ask(times)
        self.control("-i", "off")
        self.control("-d")
        dump = Path(f"{self.output}.{number}")
        wait_until(lambda: dump.exists() and "totals:" in dump.read_text(), 30, f"the dump {dump.name}")
        return int(re.findall(r"^totals: (\d+)", dump.read_text(), re.MULTILINE)[-1])

    def control(self, *arguments: str) -> None:
        subprocess.run(["callgrind_control", *arguments, str(self.process.pid)], check=True, capture_output=True, timeout=60)

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def content_length(answer: bytes) -> int:
    return int(re.search(rb"(?i)content-length: (\d+)", answer)[1])


@contextmanager
def counted(world: World, variables: dict[str, str]) -> Iterator[Counted]:
    made = Counted(world, variables)
    try:
        made.wait_ready()
        yield made
    finally:
        made.close()


def per_profile_read(world: World, variables: dict[str, str]) -> float:
    """What goes on beside requests, and what only the first ones cost, is subtracted."""
    with counted(world, variables) as service:
        service.ask(200)
        few = service.spent_on(FEW, 1)
        more = service.spent_on(FEW + MORE, 2)
    return (more - few) / MORE


def compare_instructions(old: World, new: World) -> Growth:
    progress("I1: instructions of a profile GET, old and new")
    return Growth("I1 instructions of a profile GET", per_profile_read(old, {}), per_profile_read(new, {}))
