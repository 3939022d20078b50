# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the deployment tests: the stack as a user starts it, with the limits of docker-compose.yml."""

import pytest

from harness.compose_stack import ComposeStack
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
