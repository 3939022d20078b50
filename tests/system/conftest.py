# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system tests."""

import pytest

from harness.client import Api
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD


def addresses(request, stack) -> dict[str, str]:
    return stack.service_urls if request.node.get_closest_marker("past_the_gateway") else {}


@pytest.fixture
def api(request, stack):
    """Calls the services from a source address of the test's own."""
    made = Api(stack, **addresses(request, stack))
    yield made
    made.close()


@pytest.fixture(scope="module")
def module_api(request, stack):
    made = Api(stack, **addresses(request, stack))
    yield made
    made.close()


@pytest.fixture(scope="module")
def account(module_api):
    """A logged-in customer, shared by the tests of a module that do not change it."""
    return module_api.new_account()


@pytest.fixture(scope="module")
def admin(module_api) -> dict[str, str]:
    """The header that makes a request the first admin's."""
    tokens = module_api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture
def repaired(stack):
    """Distributed: whatever the test takes down runs again afterwards."""
    yield stack
    stack.repair()
