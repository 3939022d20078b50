# SPDX-License-Identifier: Apache-2.0
"""What the services said to PostgreSQL, transaction by transaction, out of the server's own log."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

EXECUTION = re.compile(r"execute [^:]+: (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")
WRITE = re.compile(r"(?P<verb>INSERT|UPDATE|DELETE)(?: INTO| FROM)? (?P<table>\w+)")
SERVICES = ("user_service", "notification_service")


def settings(folder: Path) -> dict[str, str]:
    """Of a server that logs every statement with its parameters into `folder`."""
    return {
        "logging_collector": "on",
        "log_destination": "jsonlog",
        "log_directory": str(folder),
        "log_filename": "statements.log",
        "log_rotation_age": "0",
        "log_rotation_size": "0",
        "log_statement": "all",
        "log_duration": "on",
        "log_error_verbosity": "default",
        "log_parameter_max_length": "-1",
    }


@dataclass(frozen=True)
class Statement:
    text: str
    parameters: tuple[str | None, ...]
    at: str

    @property
    def writes(self) -> bool:
        return not self.text.startswith(("SELECT", "BEGIN", "COMMIT", "ROLLBACK", "SET"))


@dataclass
class StatementTransaction:
    """Of one service; `statements` without BEGIN and COMMIT."""

    schema: str
    statements: list[Statement] = field(default_factory=list)
    order: int = 0  # among all, by what came before the commit
    is_open: bool = False
    is_lost: bool = False

    @property
    def counts(self) -> bool:
        """Each server migrates its own schema."""
        written = [each.text for each in self.statements if each.writes]
        return not self.is_lost and bool(written) and "schema_migrations" not in written[0]

    @property
    def first_write(self) -> str:
        """As Write.__str__ names it."""
        text = next(each.text for each in self.statements if each.writes)
        found = WRITE.match(text)
        return f"{found['verb']} {self.schema}.{found['table']}" if found else text


def read(folder: Path) -> list[StatementTransaction]:
    """Those that wrote rows of people and were committed, in the order of their commits."""
    with (folder / "statements.json").open() as lines:
        return parse(json.loads(line) for line in lines)


def parse(lines: Iterable[dict]) -> list[StatementTransaction]:
    """A transaction is what has one virtual id. One that waited for another's lock ends after it: the COMMIT of the other, or where it has
    none the end of its last statement, is logged before the lock is given away."""
    made: dict[tuple[str, str], StatementTransaction] = defaultdict(lambda: StatementTransaction(""))
    for number, line in enumerate(lines):
        if line.get("application_name") not in SERVICES or "vxid" not in line:
            continue
        one = made[line["session_id"], line["vxid"]]
        one.schema = line["application_name"]
        if line["error_severity"] in ("ERROR", "FATAL"):
            one.is_lost = True
        elif execution := EXECUTION.fullmatch(line["message"]):
            take(one, number, Statement(execution[1], parameters_of(line), line["timestamp"]))
        elif line["message"].startswith("duration: ") and one.is_open is False:
            one.order = number
    return sorted((each for each in made.values() if each.counts), key=lambda each: each.order)


def take(one: StatementTransaction, number: int, what: Statement) -> None:
    match what.text:
        case "BEGIN":
            one.is_open = True
        case "COMMIT":
            one.order = number
        case "ROLLBACK":
            one.is_lost = True
        case _:
            one.statements.append(what)


def parameters_of(line: dict) -> tuple[str | None, ...]:
    return tuple(None if found[1] is None else found[1].replace("''", "'") for found in PARAMETER.finditer(line.get("detail", "")))
