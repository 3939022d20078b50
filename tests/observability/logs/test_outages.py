# SPDX-License-Identifier: Apache-2.0
"""A store that is away, a shipper that is killed: no line is lost, and none is there twice."""

from __future__ import annotations

import contextlib
import json
import statistics
import time

import pytest

from harness.client import wait_until
from observability.logs.chain import good_line, new_mark
from observability.logs.load import Load, milliseconds
from observability.logs.stores import LINES

SECONDS_AWAY = 60
pytestmark = pytest.mark.timeout(600)


def test_a_store_that_is_away_costs_no_line(chain, world, say):
    before, lacking = chain.wait_for_all(60)
    assert lacking == 0, chain.shipper.said()[-2000:]
    created, known = chain.door.created, chain.door.known
    with Load(world) as load:
        wait_until(lambda: len(load.seconds) >= 200, 60, "200 requests")
        calm = load.take()
        chain.door.lose_an_answer()
        wait_until(lambda: chain.door.lost_answers, 30, "a batch whose answer is lost")
        chain.store.stop()
        load.take()
        time.sleep(SECONDS_AWAY)  # the fault itself: there is nothing to wait for
        away = load.take()
        chain.store.start()
        wait_until(lambda: chain.door.created > created, 120, f"{chain.name}: lines after the store is back")
    assert load.failed == []
    lines, lost = chain.wait_for_all(180)
    say(
        f"{chain.name}: store away for {SECONDS_AWAY} s: {lines - before} lines shipped, {lost} lost, "
        f"{chain.door.known - known} doubles that their id removed; "
        f"the services before: {milliseconds(calm)}; meanwhile: {milliseconds(away)}"
    )
    assert lost == 0
    assert chain.door.known > known, "the batch whose answer was lost has been sent twice"
    assert statistics.median(away) < 2 * statistics.median(calm) + 0.02


def test_a_shipper_that_is_killed_loses_no_line(chain, world, say):
    before, lacking = chain.wait_for_all(60)
    assert lacking == 0, chain.shipper.said()[-2000:]
    known = chain.door.known
    with Load(world) as load:
        wait_until(lambda: len(load.seconds) >= 100, 60, "100 requests")
        chain.shipper.kill()
        wait_until(lambda: len(load.seconds) >= 200, 60, "100 more")
        chain.shipper.start()
    lines, lost = chain.wait_for_all(120)
    doubles = chain.door.known - known
    say(f"{chain.name}: shipper killed: {lines - before} lines shipped, {lost} lost, {doubles} doubles that their id removed")
    assert lost == 0


def test_a_shipper_that_is_killed_with_lines_waiting_loses_none(chain, say):
    mark, wanted = new_mark(), 20_000
    lines = [json.dumps({**good_line(mark), "event.duration": number}).encode() for number in range(wanted)]
    chain.door.shut.set()
    for began in range(0, wanted, 4000):
        chain.write("waiting", lines[began : began + 4000])
        time.sleep(1)  # what the shipper reads meanwhile waits in it
    chain.shipper.kill()
    chain.shipper.start()
    chain.door.shut.clear()
    began = time.monotonic()
    with contextlib.suppress(AssertionError):
        wait_until(lambda: chain.store.count(LINES, {"term": {"request_id": mark}}) == wanted, 120)
    stored = chain.store.count(LINES, {"term": {"request_id": mark}})
    say(f"{chain.name}: killed with {wanted} lines waiting: {wanted - stored} lost; all there after {time.monotonic() - began:.0f} s")
    assert stored == wanted
