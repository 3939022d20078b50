# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests on the lab cluster: the production overlay, from an empty namespace."""

import pytest

from harness.client import Api
from harness.kubernetes_production import KubernetesProduction


@pytest.fixture(scope="session")
def stack(say):
    running = KubernetesProduction()
    say(f"production: ready {running.seconds_to_ready:.0f} s after ./sayur k8s apply, in an empty namespace")
    yield running
    running.close()


@pytest.fixture
def api(stack):
    made = Api(stack)
    yield made
    made.close()
