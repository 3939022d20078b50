# SPDX-License-Identifier: Apache-2.0
"""What the user's document's limit of 200m costs a login, whose password is hashed: the figures of docs/adr/0012-kubernetes.md."""

from __future__ import annotations

import statistics
import threading
import time

import httpx
import pytest

from harness.client import Api

pytestmark = pytest.mark.timeout(600)
DOCUMENTED, PRODUCTION = "200m", "1"
CLIENTS = (1, 4, 8)
LOGINS = 40


def median_of_logins(url: str, accounts: list, clients: int) -> tuple[float, float]:
    """Milliseconds of a login at one pod while so many clients log in, and logins in a second. Each has an account of its own, since one
    account takes four attempts at a time."""
    took: list[float] = []

    def log_in(account) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            for _ in range(LOGINS // clients):
                began = time.monotonic()
                answer = client.post("/api/v1/auth/login", json={"email": account.email, "password": account.password})
                assert answer.status_code == 200, answer.text
                took.append(time.monotonic() - began)

    threads = [threading.Thread(target=log_in, args=(account,)) for account in accounts[:clients]]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == LOGINS
    return statistics.median(took) * 1000, LOGINS / (time.monotonic() - began)


def test_what_the_limit_costs(stack, api: Api, say):
    accounts = [api.new_account() for _ in range(max(CLIENTS))]
    medians = {}
    for limit in (DOCUMENTED, PRODUCTION):  # the overlay's own last, so that it stays
        stack.namespace.kubectl("set", "resources", "deployment/user-service", f"--limits=cpu={limit},memory=256Mi")
        stack.namespace.kubectl("rollout", "status", "deployment/user-service", "--timeout=240s", seconds=250)
        url = f"http://{stack.namespace.pods('user-service')[0]['status']['podIP']}:8080"
        for clients in CLIENTS:
            medians[limit, clients], rate = median_of_logins(url, accounts, clients)
            say(f"limit {limit}, {clients} at once: median login {medians[limit, clients]:.0f} ms, {rate:.0f} a second")
    assert medians[DOCUMENTED, 4] > 2 * medians[PRODUCTION, 4], "else production may have the document's limit again"
