# SPDX-License-Identifier: Apache-2.0
"""What everybody may read: ../status.schema.json describes it. States and shares; no seconds, no numbers of anything."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

from status_history import DAY, STATES, History, Thing, last_days, start_of

VERSION = 1
# A day of which less was seen is not called a good one: five good minutes say nothing of the other hours.
LEAST_RECORDED = 0.9


def timestamp(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rounded_down(share: float, digits: int) -> float:
    """100 % means all of it, and not nearly."""
    return math.floor(round(share * 10**digits, 6)) / 10**digits


def availability(outage: int, known: int) -> float | None:
    """The share of the known time in which it could be used; slow and late is still used."""
    return rounded_down(1 - outage / known, 4) if known else None


def day_report(day: date, seconds: dict[str, int], since: int, now: int) -> dict:
    known = sum(seconds.values())
    elapsed = min(now, start_of(day) + DAY) - max(since, start_of(day))
    recorded = min(1.0, known / elapsed) if elapsed > 0 else 0.0
    if seconds["outage"]:
        state = "outage"
    elif seconds["degraded"]:
        state = "degraded"
    else:
        state = "operational" if known and recorded >= LEAST_RECORDED else "no_data"
    return {
        "day": day.isoformat(),
        "state": state,
        "availability": availability(seconds["outage"], known),
        "recorded": rounded_down(recorded, 2),
    }


def thing_report(name: str, thing: Thing, since: int, now: int) -> dict:
    nothing = dict.fromkeys(STATES, 0)
    days = [(day, thing.days.get(day.isoformat(), nothing)) for day in last_days(now)]
    known = sum(sum(seconds.values()) for _, seconds in days)
    return {
        "name": name,
        "state": thing.state,
        "known_at": None if thing.known_at is None else timestamp(thing.known_at),
        "availability": availability(sum(seconds["outage"] for _, seconds in days), known),
        "days": [day_report(day, seconds, since, now) for day, seconds in days],
    }


def report(history: History) -> dict:
    now = history.checked_at
    return {
        "version": VERSION,
        "checked_at": timestamp(now),
        "recorded_since": timestamp(history.since),
        "things": [thing_report(name, thing, history.since, now) for name, thing in history.things.items()],
    }
