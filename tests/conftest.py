# SPDX-License-Identifier: Apache-2.0
"""Options and fixtures of the black-box tests."""

import pytest

from harness.stack import make_stack


def pytest_addoption(parser):
    parser.addoption("--mode", choices=("embedded", "distributed"), default="embedded", help="what runs: micro-sayur, or both services")
    parser.addoption("--preset", default="dev", help="whose binaries: build/PRESET/bin")


@pytest.fixture(scope="session")
def mode(request) -> str:
    return request.config.getoption("--mode")


@pytest.fixture(scope="session")
def stack(request, mode):
    """The running system, shared by every test of the run: a test uses accounts of its own and repairs what it breaks."""
    running = make_stack(mode, request.config.getoption("--preset"))
    yield running
    running.close()
