# SPDX-License-Identifier: Apache-2.0
"""One shipper and one store behind it."""

from __future__ import annotations

import contextlib
import json
import time
import uuid

from harness.client import wait_until
from harness.processes import Session
from observability.logs.shippers import SHIPPERS
from observability.logs.stores import LINES, Door, Store

WRITERS = {"gateway", "user-service", "notification-service"}


def new_mark() -> str:
    """A word by which a line is found again."""
    return f"mark{uuid.uuid4().hex}"


def good_line(mark: str) -> dict:
    when = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.000001Z"
    return {"@timestamp": when, "log.level": "info", "service.name": "micro-sayur", "message": f"a good one: {mark}", "request_id": mark}


def same(line: dict) -> str:
    """What is equal for a line in its file and in the store, where Fluent Bit gives it an id and more digits of its time."""
    own = {name: value for name, value in line.items() if name != "line_id"}
    return json.dumps({**own, "@timestamp": line["@timestamp"].rstrip("Z")[:26]}, sort_keys=True)


class Chain:
    """One shipper and one store behind it, which has what the world wrote from its beginning on."""

    def __init__(self, session: Session, world, shipper: str, program: str, engine: str, engine_program: str) -> None:
        self.world, self.name = world, f"{shipper} → {engine}"
        self.store = Store(session, engine, engine_program)
        self.door = Door(self.store)
        servers = {name: server.log for name, server in world.servers.items()}
        self.shipper = SHIPPERS[shipper](session, program, self.door.port, world.session.directory, servers)

    def write(self, name: str, lines: list[bytes]) -> None:
        """To a file of the test's own."""
        with (self.world.session.directory / f"made-{name}.log").open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))

    def written(self) -> set[str]:
        """The different lines of the services and the gateway, as far as they are whole, each as `same` has it."""
        files = [each for each in self.world.session.directory.glob("*.log") if not each.name.startswith("made-")]
        lines = {line for each in files for line in each.read_text().split("\n")[:-1] if line}
        return {same(json.loads(line)) for line in lines}

    def stored(self) -> list[str]:
        return [same(line) for line in self.store.documents(LINES) if line["service.name"] in WRITERS]

    def wait_for_all(self, seconds: float) -> tuple[int, int]:
        """Until the store has all that is written by now; returns how many lines that is, and how many of them it lacks."""
        written = self.written()
        with contextlib.suppress(AssertionError):
            wait_until(lambda: written <= set(self.stored()), seconds)
        stored = self.stored()
        assert len(stored) == len(set(stored)), f"{self.name} has a line twice"
        return len(written), len(written - set(stored))

    def close(self) -> None:
        self.shipper.close()
        self.door.close()
        self.store.close()
