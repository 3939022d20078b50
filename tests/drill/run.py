#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loses a database under load, restores it, and says how long that took and what is missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drill.drill import Result, run_drill
from drill.place import Place

RECOVERY_GOAL_SECONDS = 60.0
LOSS_GOAL_SECONDS = 5.0


def faults(result: Result) -> list[str]:
    """Empty: the goals are met."""
    found = [f"unexpected: {answer}" for answer in result.unexpected[:10]]
    if result.mailed:
        found.append(f"{result.mailed} mails went out of a restored copy")
    if result.recovery_seconds > RECOVERY_GOAL_SECONDS:
        found.append(f"the recovery took {result.recovery_seconds:.1f} s; the goal is {RECOVERY_GOAL_SECONDS:.0f} s")
    if result.lost_seconds > LOSS_GOAL_SECONDS:
        found.append(f"{result.lost_seconds:.1f} s of what was acknowledged are lost; the goal is {LOSS_GOAL_SECONDS:.0f} s")
    return found + (result.consequences.faults if result.consequences else [])


def summary(result: Result) -> str:
    said = f"RTO {result.recovery_seconds:.1f} s, RPO {result.lost_seconds:.1f} s; {result.reconciliation}"
    return f"{said}\n{result.consequences}" if result.consequences else said


def main() -> int:
    parser = argparse.ArgumentParser(prog="./sayur drill", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000, metavar="N", help="how many there are (default: a million)")
    parser.add_argument("--wal-seconds", type=float, default=3600, metavar="S", help="of writing after the last backup (default: an hour)")
    parser.add_argument("--repository", type=int, choices=(1, 2), default=1, help="which one is restored from")
    parser.add_argument("--everything", action="store_true", help="RabbitMQ and Redis are lost too; events come out of the outbox again")
    parser.add_argument("--preset", default="release", help="whose binaries: build/PRESET/bin (default: release)")
    given = parser.parse_args()
    place = Place(given.preset)
    try:
        result = run_drill(place, given.users, given.wal_seconds, given.repository, given.everything)
    finally:
        place.close()
    print(summary(result))
    wrong = faults(result)
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
