# SPDX-License-Identifier: Apache-2.0
"""What services wrote to their logs, held against the schema of a line."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

from .packages import REPOSITORY

LOGS = REPOSITORY / "deployments" / "observability" / "logs"
SCHEMA = json.loads((LOGS / "log_line.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
OF_A_SERVICE = re.compile(r"(user-service|notification-service|micro-sayur)-.*\.log")
FOR_PEOPLE = ("administrator: ", "micro-sayur: ", "user-service: ", "notification-service: ")
"""Begins what is said on stderr before there is a log."""
SANITIZER = ("==", "SUMMARY", "AddressSanitizer")


def log_files(directory: Path) -> list[Path]:
    """Of every instance that ran there, also of those that a test started for a while."""
    return sorted(path for path in directory.glob("*.log") if OF_A_SERVICE.fullmatch(path.name))


def fault_of(line: str) -> str:
    """What is wrong with a line; empty when it is as the schema has it."""
    if line.startswith(SANITIZER):
        return "a sanitizer spoke"
    try:
        said = json.loads(line)
    except ValueError as error:
        return f"no JSON: {error}"
    return "; ".join(error.message for error in VALIDATOR.iter_errors(said))


def faults(directory: Path) -> list[str]:
    """Of all lines of all services that ran there, with the line; at most ten."""
    found: list[str] = []
    for path in log_files(directory):
        for line in path.read_text(errors="strict").splitlines():
            if not line.startswith(FOR_PEOPLE) and (fault := fault_of(line)):
                found.append(f"{path.name}: {fault}: {line[:300]}")
                if len(found) == 10:
                    return found
    return found
