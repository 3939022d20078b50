# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the lane observability."""

import pytest

from harness.processes import Session
from observability.watched_stack import WatchedStack


@pytest.fixture(scope="session")
def stack():
    with Session() as session:
        running = WatchedStack(session.directory)
        yield running
        running.close()
