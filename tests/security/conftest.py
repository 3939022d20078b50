# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the attacks."""

import pytest

from harness.client import Api


@pytest.fixture
def victim(stack):
    """A user-service that an attack may leave in any state. Nobody is exempt from its limits, but for what a test sets."""
    with stack.instance() as running:
        yield running


@pytest.fixture
def bystander(victim):
    """Who wants to be served all the same."""
    made = Api(victim)
    yield made
    made.close()
