# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the deployment tests: the stack as a user starts it, with the limits of docker-compose.yml."""

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.compose_stack import ComposeStack
from harness.packages import REPOSITORY
from harness.processes import Session


@pytest.fixture(scope="session")
def stack():
    running = ComposeStack()
    yield running
    running.close()


@pytest.fixture
def folder():
    """A folder that goes with the test, and that containers may read."""
    with Session() as session:
        yield session.directory


@pytest.fixture
def repaired(stack):
    yield stack
    stack.repair()


@pytest.fixture
def tool():
    """Runs a program in the repository and returns its standard output; skips the test when the machine has no such program."""

    def run(name: str, *arguments: str | Path) -> str:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        done = subprocess.run([name, *map(str, arguments)], cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{name}: code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run
