# SPDX-License-Identifier: Apache-2.0
"""The units of deployments/data/systemd, as systemd reads them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from harness.packages import REPOSITORY

UNITS = sorted((REPOSITORY / "deployments/data/systemd").iterdir())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong(unit):
    """What it does not know it only warns of."""
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_runs_a_program_that_is_there():
    for unit in UNITS:
        for line in unit.read_text().splitlines():
            if line.startswith("ExecStart="):
                program = line.split()[1]
                assert (REPOSITORY / program.replace("/opt/micro-sayur/", "deployments/data/")).is_file(), line
