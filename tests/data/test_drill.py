# SPDX-License-Identifier: Apache-2.0
"""The drill with fewer users, from each repository; with the second one RabbitMQ and Redis are lost, too."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from drill import arguments
from harness.packages import REPOSITORY

SMALL = ("--users=50000", "--wal-seconds=600")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("repository", [("--repository=1",), ("--repository=2", "--everything")], ids=["1", "2"])
def test_a_database_that_is_lost_comes_back(request, capfd, repository):
    """What ./sayur drill runs."""
    preset = f"--preset={request.config.getoption('--preset')}"
    with capfd.disabled():
        print(flush=True)
        done = subprocess.run([sys.executable, "-m", "drill.run", *SMALL, *repository, preset], cwd=REPOSITORY / "tests", check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--users=0", '"0" is no number from 1 to 100000000'),
        ("--users=abc", '"abc" is no number'),
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


def test_too_small_a_disk_is_told_before_anything_is_built(monkeypatch, capsys):
    monkeypatch.setattr(arguments.shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 30))
    monkeypatch.setattr(sys, "argv", ["drill"])
    with pytest.raises(SystemExit):
        arguments.read()
    assert "1000000 users take 8 GiB" in capsys.readouterr().err
