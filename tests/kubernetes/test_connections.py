# SPDX-License-Identifier: Apache-2.0
"""Connections to PostgreSQL are arithmetic: wherever it runs, it takes all that may connect at once."""

from __future__ import annotations

import dataclasses

import pytest

from harness.packages import REPOSITORY
from kubernetes import connections

PLACES = connections.places()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_server_takes_all_who_may_connect(place, capfd):
    with capfd.disabled():
        print(f"\n{place}", flush=True)
    assert place.connections <= place.free, str(place)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_document_has_the_sum(place):
    assert place.row() in (REPOSITORY / "docs/operations/data.md").read_text(), f"docs/operations/data.md lacks: {place.row()}"


def test_what_is_too_much_is_told_with_its_parts():
    (place,) = (each for each in PLACES if each.name == "overlay production")
    pods = connections.service("user-service", 10, 3, 10)
    told = str(dataclasses.replace(place, parts=(pods, *place.parts[1:]), max_connections=100))
    assert "overlay production: " in told
    assert "max_connections 100 - 3 reserved = 97" in told
    assert "user-service (10 + 3 + 3) x 10 = 160" in told
