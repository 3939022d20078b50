# SPDX-License-Identifier: Apache-2.0
"""What the job of the status page remembers, and what it shows of it: functions of what they are given."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from harness.status_page import DAY, day, expect_valid, history, past, report

GAP = 60
MIDNIGHT = history.start_of(history.day_of(1_796_000_000))
NOON = MIDNIGHT + DAY // 2
TODAY = history.day_of(NOON).isoformat()
YESTERDAY = (history.day_of(NOON) - timedelta(days=1)).isoformat()


def readings(state: str, at: int = NOON) -> dict[str, history.Reading]:
    return {name: history.Reading(state, at) for name in history.THINGS}


def began(at: int, **days: dict[str, int]) -> history.History:
    made = history.empty(at)
    return replace(made, things={name: history.Thing(days=dict(days)) for name in history.THINGS})


def days_of(found: history.History) -> dict[str, dict[str, int]]:
    return found.things["sign_in"].days


def shown_days(found: history.History) -> list[dict]:
    return expect_valid(report.report(found))["things"][0]["days"]


@pytest.mark.parametrize("state", history.STATES)
def test_the_time_since_the_last_look_has_the_state_of_this_one(state):
    after = history.fold(began(NOON), NOON + 15, readings(state), GAP)
    assert days_of(after) == {TODAY: day() | {state: 15}}
    assert (after.things["sign_in"].state, after.things["sign_in"].known_at) == (state, NOON)


def test_a_first_look_has_a_state_and_no_time():
    after = history.fold(history.empty(NOON), NOON, readings("operational"), GAP)
    assert days_of(after) == {} and after.things["mails"].state == "operational"


def test_time_over_midnight_belongs_to_two_days():
    after = history.fold(began(MIDNIGHT - 10), MIDNIGHT + 5, readings("outage"), GAP)
    assert days_of(after) == {YESTERDAY: day(outage=10), TODAY: day(outage=5)}


def test_a_thing_of_which_nothing_is_said_is_unknown_and_keeps_when_it_was_known():
    before = history.fold(began(NOON), NOON + 15, readings("degraded"), GAP)
    after = history.fold(before, NOON + 30, {"mails": history.Reading("operational", NOON + 30)}, GAP)
    assert (after.things["sign_in"].state, after.things["sign_in"].known_at) == ("unknown", NOON)
    assert days_of(after) == {TODAY: day(degraded=15)}
    assert after.things["mails"].days == {TODAY: day(operational=15, degraded=15)}


@pytest.mark.parametrize("later", [GAP + 1, 3600, 40 * DAY])
def test_time_in_which_nobody_looked_is_nobodys(later):
    after = history.fold(began(NOON), NOON + later, readings("operational"), GAP)
    assert days_of(after) == {}


@pytest.mark.parametrize("back", [0, 1, 3600, 3 * DAY])
def test_a_clock_that_goes_back_adds_nothing_and_goes_on(back):
    before = began(NOON, **{YESTERDAY: day(operational=DAY), TODAY: day(operational=DAY // 2)})
    after = history.fold(before, NOON - back, readings("outage"), GAP)
    assert not any(seconds["outage"] for seconds in days_of(after).values())
    again = history.fold(after, NOON - back + 15, readings("operational", NOON - back), GAP)
    assert all(sum(seconds.values()) <= DAY for seconds in days_of(again).values())
    assert history.clock_jumped(before, NOON - back) is (back > DAY)


def test_hours_that_a_clock_repeats_are_not_counted_twice():
    found = began(MIDNIGHT, **{YESTERDAY: day(operational=DAY)})
    for second in range(0, 600, 15):
        found = history.fold(found, MIDNIGHT - 600 + second, readings("operational"), GAP)
    assert days_of(found)[YESTERDAY] == day(operational=DAY)


def test_ninety_days_are_kept_and_the_oldest_drops_off():
    full = {day: {"operational": DAY, "degraded": 0, "outage": 0} for day in past(NOON, {ago: {} for ago in range(90)})}
    before = began(MIDNIGHT + DAY - 10, **full)
    after = history.fold(before, MIDNIGHT + DAY + 5, readings("operational"), GAP)
    assert len(days_of(before)) == len(days_of(after)) == 90
    assert set(days_of(before)) - set(days_of(after)) == {min(full)}
    assert days_of(after)[max(days_of(after))] == day(operational=5)


def test_years_of_looks_stay_ninety_days():
    found = began(NOON)
    for number in range(400):
        found = history.fold(found, NOON + number * DAY, {}, GAP)
        found = history.fold(found, NOON + number * DAY + 10, readings("operational"), GAP)
        assert len(days_of(found)) <= 90
    assert len(days_of(found)) == 90 and len(shown_days(found)) == 90


def test_whatever_is_written_is_read_again():
    chance = random.Random(7)
    found = history.empty(NOON)
    now = NOON
    for _ in range(100):
        now += chance.choice([15, 15, 15, 1, 0, -5, 3600, 90000])
        state = chance.choice([*history.STATES, None])
        found = history.fold(found, now, readings(state, now) if state else {}, GAP)
        assert history.from_document(history.to_document(found)) == found
        expect_valid(report.report(found))


GOOD = history.to_document(began(NOON, **{TODAY: day(operational=5)}))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "text",
        {},
        {**GOOD, "version": 2},
        {**GOOD, "since": "yesterday"},
        {**GOOD, "checked_at": True},
        {**GOOD, "things": {}},
        {**GOOD, "things": {**GOOD["things"], "more": GOOD["things"]["mails"]}},
        {**GOOD, "things": {**GOOD["things"], "mails": {"state": "fine", "known_at": None, "days": {}}}},
        {**GOOD, "things": {**GOOD["things"], "mails": {"state": "outage", "known_at": None, "days": {"2026-02-30": day()}}}},
        {**GOOD, "things": {**GOOD["things"], "mails": {"state": "outage", "known_at": None, "days": {TODAY: day(outage=-1)}}}},
        {**GOOD, "things": {**GOOD["things"], "mails": {"state": "outage", "known_at": None, "days": {TODAY: day(DAY, 1)}}}},
        {**GOOD, "things": {**GOOD["things"], "mails": {"state": "outage", "known_at": None, "days": {TODAY: {"outage": 1}}}}},
    ],
)
def test_what_is_no_history_is_refused(broken):
    with pytest.raises(ValueError):
        history.from_document(broken)


def test_a_day_is_as_good_as_its_worst_and_no_better_than_what_was_seen_of_it():
    seconds = {
        1: day(operational=DAY),
        2: day(operational=DAY - 60, degraded=60),
        3: day(operational=DAY - 90, degraded=30, outage=60),
        4: day(operational=DAY * 9 // 10),
        5: day(operational=DAY // 2),
        6: day(outage=30),
        7: day(),
    }
    since = MIDNIGHT - 89 * DAY
    found = history.History(since, NOON, {name: history.Thing(days=past(NOON, seconds)) for name in history.THINGS})
    shown = {ago: shown_days(found)[-1 - ago] for ago in seconds}
    assert [each["state"] for each in shown.values()] == [
        "operational",
        "degraded",
        "outage",
        "operational",
        "no_data",
        "outage",
        "no_data",
    ]
    assert [each["availability"] for each in shown.values()] == [1, 1, 0.9993, 1, 1, 0, None]
    assert [each["recorded"] for each in shown.values()] == [1, 1, 1, 0.9, 0.5, 0, 0]


def test_a_second_without_service_in_ninety_days_is_not_hundred_percent():
    days = past(NOON, {3: day(operational=DAY - 1, outage=1)}, day(operational=DAY))
    found = history.History(MIDNIGHT - 89 * DAY, NOON, {name: history.Thing(days=days) for name in history.THINGS})
    assert expect_valid(report.report(found))["things"][0]["availability"] == 0.9999


def test_today_is_judged_by_what_has_passed_of_it_since_the_beginning():
    found = history.History(NOON - 100, NOON, {name: history.Thing(days={TODAY: day(operational=95)}) for name in history.THINGS})
    assert shown_days(found)[-1] == {"day": TODAY, "state": "operational", "availability": 1, "recorded": 0.95}
    assert {each["state"] for each in shown_days(found)[:-1]} == {"no_data"}


def test_days_without_data_have_no_share_and_count_for_nothing():
    shown = expect_valid(report.report(history.empty(NOON)))
    assert {each["state"] for thing in shown["things"] for each in thing["days"]} == {"no_data"}
    assert {thing["availability"] for thing in shown["things"]} == {None}
    assert {thing["state"] for thing in shown["things"]} == {"unknown"}
