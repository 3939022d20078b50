# SPDX-License-Identifier: Apache-2.0
"""The job of the status page as modules, its schema, and histories to feed it with."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import jsonschema

from .packages import REPOSITORY

FOLDER = REPOSITORY / "deployments" / "observability" / "status"
sys.path.append(str(FOLDER / "job"))
import status_history as history  # noqa: E402
import status_report as report  # noqa: E402

SCHEMA = json.loads((FOLDER / "status.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DAY = history.DAY


def expect_valid(document: dict) -> dict:
    """Held against the schema, and returned."""
    VALIDATOR.validate(document)
    return document


def day(operational: int = 0, degraded: int = 0, outage: int = 0) -> dict[str, int]:
    return {"operational": operational, "degraded": degraded, "outage": outage}


def past(now: int, days: dict[int, dict[str, int]], otherwise: dict[str, int] | None = None) -> dict[str, dict[str, int]]:
    """Seconds of days so many days ago; `otherwise` for all others of the 90."""
    today = history.day_of(now)
    made = {ago: otherwise for ago in range(history.DAYS) if otherwise} | days
    return {(today - timedelta(days=ago)).isoformat(): seconds for ago, seconds in made.items()}


def shown(now: int, **things: tuple[str, dict[str, dict[str, int]]]) -> dict:
    """What the page gets for states and days of things; what is not given is unknown since ever."""
    kept = {name: history.Thing() for name in history.THINGS}
    for name, (state, days) in things.items():
        kept[name] = history.Thing(state, now if state != history.UNKNOWN else now - 600, days)
    since = history.start_of(history.day_of(now) - timedelta(days=history.DAYS - 1))
    return expect_valid(report.report(history.History(since, now, kept)))
