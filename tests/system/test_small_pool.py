# SPDX-License-Identifier: Apache-2.0
"""A user-service with the fewest connections to PostgreSQL that it takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api

pytestmark = pytest.mark.mode("distributed")


def test_one_connection_that_reads_and_one_that_writes_serve_a_crowd(stack):
    """Nothing that has one waits for another."""

    def live(_: int) -> int:
        api = Api(small)
        account = api.new_account()
        api.must_log_in(account.email, account.password)
        profile = api.profile(account.bearer)
        api.close()
        return profile.status_code

    with stack.instance(DB_POOL_SIZE="2") as small, ThreadPoolExecutor(6) as crowd:
        assert set(crowd.map(live, range(24))) == {200}
