# SPDX-License-Identifier: Apache-2.0
"""Processes that belong to a test run, known by their ids, and the watchdog that ends them whatever becomes of the run."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

if __name__ != "__main__":  # the watchdog, which runs this file alone, needs no certificates
    from .certificates import Certificates, make_certificates


def free_port() -> int:
    """A free port of 127.0.0.1 below the ephemeral range, so that no client's own port takes it while its server is down."""
    for port in random.sample(range(15000, 32000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 15000 and 32000")


def start_time(pid: int) -> str | None:
    """When the process began, in clock ticks since boot: tells it from a later one with the same id. None: there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def process_tree(pid: int) -> list[int]:
    """`pid` and its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    tree = [pid]
    for member in tree:
        tree.extend(children.get(member, []))
    return tree


def signal_tree(pid: int, number: signal.Signals) -> list[int]:
    """Sends a signal to the process and all its descendants. It is stopped first, so that it starts no further ones."""
    _send(pid, signal.SIGSTOP)
    tree = process_tree(pid)
    for member in tree:
        _send(member, number)
    return tree


def kill_tree(pid: int) -> None:
    """SIGKILL to the process and all its descendants; returns when all are gone."""
    members = {member: start_time(member) for member in signal_tree(pid, signal.SIGKILL)}
    deadline = time.monotonic() + 10
    while any(began is not None and start_time(member) == began for member, began in members.items()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes {sorted(members)} survive SIGKILL")
        time.sleep(0.005)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


class Session:
    """A temporary directory and processes that end with it. A watchdog process of its own does the ending when this process
    closes the session or dies in any way: it sees its standard input end. Use as a context manager."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="micro-sayur-"))
        self.directory.chmod(0o711)
        self._certificates_lock = threading.Lock()
        self._watchdog = subprocess.Popen(
            [sys.executable, __file__, str(self.directory)], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def spawn(self, arguments: list[str], *, log: Path, env: dict[str, str], user: str | None = None, cwd: Path | None = None):
        """Starts a process in a session of its own, its output appended to `log`. `user` counts only when we are root."""
        identity = {"user": user, "group": "nogroup", "extra_groups": []} if user and os.geteuid() == 0 else {}
        with log.open("ab") as output:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd or self.directory,
                start_new_session=True,
                **identity,
            )
        self.adopt(process)
        return process

    @property
    def certificates(self) -> Certificates:
        """For servers that speak TLS; made at the first use."""
        with self._certificates_lock:
            return make_certificates(self.directory / "certificates")

    def adopt(self, process: subprocess.Popen) -> None:
        """Has the process end with the session, children and all."""
        self._watchdog.stdin.write(f"{process.pid} {start_time(process.pid)}\n")
        self._watchdog.stdin.flush()

    def close(self) -> None:
        self._watchdog.stdin.close()
        self._watchdog.wait()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def watch(directory: str) -> None:
    """The watchdog: reads `PID START_TIME` lines; at their end kills what still runs and removes the directory."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for line in sys.stdin.readlines():
        pid, began = line.split()
        if start_time(int(pid)) == began:
            kill_tree(int(pid))
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    watch(sys.argv[1])
