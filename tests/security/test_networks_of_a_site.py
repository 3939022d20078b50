# SPDX-License-Identifier: Apache-2.0
"""One site with IPv6 has 65,536 networks to call from (RFC 6177): it is one client among others all the same."""

import itertools
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.client import new_email, new_password, wait_until
from harness.stack import TRUSTED_PROXY

SITE_CONNECTIONS = 190
LOGINS = 15


@pytest.fixture
def from_network(victim):
    """Clients of the victim whose address is what a trusted proxy says."""
    transport = httpx.HTTPTransport(local_address=TRUSTED_PROXY, limits=httpx.Limits(max_connections=SITE_CONNECTIONS + 2))
    with httpx.Client(base_url=victim.user_url, transport=transport, timeout=60, trust_env=False) as client:
        yield lambda address, path, body: client.post(path, json=body, headers={"X-Forwarded-For": address})


def network(number: int) -> str:
    return f"2001:db8:77:{number:x}::1"


@pytest.mark.mode("embedded")
def test_a_site_does_not_keep_others_from_logging_in(from_network, bystander):
    made = bystander.new_account()
    stopped = threading.Event()
    numbers = itertools.count()
    answers: Counter = Counter()

    def hog() -> None:
        while not stopped.is_set():
            body = {"email": new_email(), "password": new_password()}
            answers[from_network(network(next(numbers) % 60000), "/api/v1/auth/login", body).status_code] += 1

    login = {"email": made.email, "password": made.password, "device_token": made.tokens["device_token"]}
    with ThreadPoolExecutor(SITE_CONNECTIONS) as pool:
        hogs = [pool.submit(hog) for _ in range(SITE_CONNECTIONS)]
        try:
            wait_until(lambda: sum(answers.values()) >= 20, 30, "the first answers")
            seen = [from_network("198.51.100.9", "/api/v1/auth/login", login).status_code for _ in range(LOGINS)]
        finally:
            stopped.set()
    for each in hogs:
        each.result()
    print(f"{Counter(seen)} beside {SITE_CONNECTIONS} networks of a site: {json.dumps(answers)}")
    assert seen == [200] * LOGINS


def test_a_site_uses_up_nobodys_mails(victim, from_network, bystander):
    made = bystander.new_account(log_in=False)
    for number in range(120):
        assert from_network(network(number), "/api/v1/auth/forgot-password", {"email": made.email}).status_code == 202
    bystander.settle()
    before = len(victim.mails(made.email))
    assert before <= 32
    assert bystander.forgot_password(made.email).status_code == 202
    victim.wait_for_mails(made.email, before + 1)


def test_a_home_guesses_no_more_than_some_networks_together(from_network):
    answers: Counter = Counter()
    for number in range(500):
        body = {"email": f"victim{number}@example.com", "password": "x"}
        answers[from_network(network(number % 250), "/api/v1/auth/login", body).status_code] += 1
    print(f"500 guesses from 250 networks of a home: {dict(answers)}")
    assert answers[429] > 50
