# SPDX-License-Identifier: Apache-2.0
"""What is remembered: for each thing and each day, by UTC, how many seconds it was in which state. Nothing here reads a clock or a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

THINGS = ("sign_in", "registration", "mails")
STATES = ("operational", "degraded", "outage")  # by level; beside them there is "unknown", whose seconds are nobody's
UNKNOWN = "unknown"
DAYS = 90
DAY = 86400
VERSION = 1


@dataclass(frozen=True)
class Thing:
    state: str = UNKNOWN
    known_at: int | None = None
    days: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    since: int
    checked_at: int
    things: dict[str, Thing]


@dataclass(frozen=True)
class Reading:
    """A state, and when Prometheus had it."""

    state: str
    at: int


def empty(now: int) -> History:
    return History(now, now, {name: Thing() for name in THINGS})


def day_of(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def start_of(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def last_days(now: int) -> list[date]:
    """The days that are kept, today the last."""
    return [day_of(now) - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]


def seconds_by_day(begin: int, end: int) -> dict[str, int]:
    """A span of time, cut at midnight."""
    parts: dict[str, int] = {}
    while begin < end:
        day = day_of(begin)
        until = min(end, start_of(day) + DAY)
        parts[day.isoformat()] = until - begin
        begin = until
    return parts


def with_seconds(days: dict[str, dict[str, int]], state: str, begin: int, end: int) -> dict[str, dict[str, int]]:
    counted = {name: dict(day) for name, day in days.items()}
    for name, seconds in seconds_by_day(begin, end).items():
        day = counted.setdefault(name, dict.fromkeys(STATES, 0))
        day[state] = min(DAY - sum(day.values()) + day[state], day[state] + seconds)  # a clock that went back counts no second twice
    return counted


def fold(before: History, now: int, readings: dict[str, Reading], longest_gap: int) -> History:
    """The history with one look more. The time since the look before has the state of this one; if it was too long, or the clock went
    back, nobody knows what it had."""
    elapsed = now - before.checked_at
    counts = 0 < elapsed <= longest_gap
    kept = {day.isoformat() for day in last_days(now)}
    things = {}
    for name in THINGS:
        thing, reading = before.things.get(name, Thing()), readings.get(name)
        days = thing.days
        if reading and counts:
            days = with_seconds(days, reading.state, before.checked_at, now)
        days = {day: seconds for day, seconds in days.items() if day in kept}
        known_at = reading.at if reading else thing.known_at
        things[name] = replace(thing, state=reading.state if reading else UNKNOWN, known_at=known_at, days=days)
    return History(min(before.since, now), now, things)


def clock_jumped(before: History, now: int) -> bool:
    """So far that days may be dropped that were not old: whoever set the clock wrong may want them back."""
    return abs(now - before.checked_at) > DAY


def to_document(history: History) -> dict:
    things = {name: {"state": each.state, "known_at": each.known_at, "days": each.days} for name, each in history.things.items()}
    return {"version": VERSION, "since": history.since, "checked_at": history.checked_at, "things": things}


def from_document(document: object) -> History:
    """Raises ValueError for whatever to_document does not make: half a file is no history."""
    try:
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']!r} is not {VERSION}")
        things = {name: _thing(each) for name, each in document["things"].items()}
        if set(things) != set(THINGS):
            raise ValueError(f"things are {sorted(things)}")
        return History(_moment(document["since"]), _moment(document["checked_at"]), things)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a history: {fault!r}") from fault


def _moment(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 37:
        raise ValueError(f"{value!r} is no moment")
    return value


def _thing(value: dict) -> Thing:
    if value["state"] not in (*STATES, UNKNOWN):
        raise ValueError(f"{value['state']!r} is no state")
    known_at = None if value["known_at"] is None else _moment(value["known_at"])
    if len(value["days"]) > DAYS:
        raise ValueError(f"{len(value['days'])} days")
    return Thing(value["state"], known_at, {date.fromisoformat(day).isoformat(): _day(each) for day, each in value["days"].items()})


def _day(value: dict) -> dict[str, int]:
    if set(value) != set(STATES) or any(type(each) is not int or each < 0 for each in value.values()) or sum(value.values()) > DAY:
        raise ValueError(f"{value!r} is no day")
    return {state: value[state] for state in STATES}
