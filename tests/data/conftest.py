# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the lane data: a PostgreSQL whose backups are kept by the job of the deployments."""

from __future__ import annotations

import pytest

from data.cluster import Cluster


@pytest.fixture(scope="module")
def cluster():
    """With a backup in both repositories and some WAL after it; shared by the tests of a module, which repair what they break."""
    made = Cluster()
    try:
        made.begin()
        yield made
    finally:
        made.close()


@pytest.fixture
def cluster_to_restore(cluster):
    yield cluster
    if not cluster.database.running:
        cluster.database.start()
    cluster.database.wait_promoted()
