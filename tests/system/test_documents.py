# SPDX-License-Identifier: Apache-2.0
"""docs/configuration.md is what the programs say of themselves."""

import subprocess
import sys

import pytest

from harness.packages import REPOSITORY


@pytest.mark.no_containers("runs the programs alone, as they were built here")
def test_the_variables_are_those_of_the_programs(stack):
    command = [sys.executable, REPOSITORY / "tools/docs/configuration.py", stack.binaries, "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
