# SPDX-License-Identifier: Apache-2.0
"""The drill with fewer users, from each repository; in the second one RabbitMQ and Redis are lost, too."""

from __future__ import annotations

import pytest

from drill.drill import run_drill
from drill.moment import restore_to_a_moment
from drill.place import Place
from drill.run import faults, summary

USERS = 50_000
WAL_SECONDS = 600.0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("repository", [1, 2])
def test_a_database_that_is_lost_comes_back(request, capfd, repository):
    with capfd.disabled():
        print()
        place = Place(request.config.getoption("--preset"))
        try:
            result = run_drill(place, USERS, WAL_SECONDS, repository, everything=repository == 2)
            restore_to_a_moment(place, repository)
        finally:
            place.close()
        print(summary(result))
    assert result.reconciliation.acknowledged.total() > 100
    assert faults(result) == []
