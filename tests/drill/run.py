# SPDX-License-Identifier: Apache-2.0
"""Loses a database under load, restores it, and says how long that took and what is missing; then once more, to a moment before.
`python -m drill.run`, in the folder tests."""

from __future__ import annotations

import sys

from . import arguments
from .drill import Result, run_drill
from .moment import restore_to_a_moment
from .place import Place

RECOVERY_GOAL_SECONDS = 60.0
LOSS_GOAL_SECONDS = 5.0
LEAST_WRITES = 100  # of fewer nothing follows


def faults(result: Result) -> list[str]:
    """Empty: the goals are met."""
    found = [f"unexpected: {answer}" for answer in result.unexpected[:10]] + result.damage
    if (writes := result.reconciliation.acknowledged.total()) < LEAST_WRITES:
        found.append(f"only {writes} writes were acknowledged before the loss, which is too few to tell")
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
    given = arguments.read()
    place = Place(given.preset)
    try:
        result = run_drill(place, given.users, given.wal_seconds, given.repository, given.everything)
        print(summary(result), flush=True)
        wrong = faults(result) + restore_to_a_moment(place, given.repository, given.to)
    finally:
        place.close()
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
