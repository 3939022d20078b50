# SPDX-License-Identifier: Apache-2.0
"""The drill with fewer users, from each repository; in the second one RabbitMQ and Redis are lost, too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from drill.drill import run_drill
from drill.moment import restore_to_a_moment
from drill.place import Place
from drill.run import faults, summary
from harness.packages import REPOSITORY

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
            wrong = faults(result) + restore_to_a_moment(place, repository, seconds=5)
        finally:
            place.close()
        print(summary(result))
    assert result.reconciliation.acknowledged.total() > 100
    assert wrong == []


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--users=0", '"0" is no number from 1 to 100000000'),
        ("--users=abc", '"abc" is no number'),
        ("--users=100000000", "users take 746 GiB, and"),
        ("--wal-seconds=-1", '"-1" is no number of seconds'),
        ("--to=yesterday", '"yesterday" is no number of seconds'),
        ("--repository=3", "invalid choice"),
        ("--user=5", "unrecognized arguments: --user=5"),
    ],
)
def test_wrong_arguments_are_told_before_anything_is_built(argument, said):
    done = subprocess.run(["./sayur", "drill", argument], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_the_command_runs_what_the_lane_runs(tmp_path):
    """As far as its arguments: it is the same module."""
    done = subprocess.run(
        [sys.executable, "-m", "drill.run", "--help"], cwd=REPOSITORY / "tests", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
