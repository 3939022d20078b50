# SPDX-License-Identifier: Apache-2.0
"""Strangers cannot fill an inbox (docs/adr/0009-mails-are-rationed.md), and nothing of that shows."""

import re

import httpx
import pytest

from harness.client import Api, expect_problem, new_email, new_password, source_address, token_of, wait_until

pytestmark = pytest.mark.past_the_gateway("counts are read from /metrics, which is not reachable through it")

BY_ONE_CLIENT = 10
REQUESTS_OF_ONE_CLIENT = 100


def rationed(api, cause: str) -> float:
    found = re.search(rf'^sayur_mails_rationed_total{{cause="{cause}"}} (\d+)', api.user.get("/metrics").text, re.MULTILINE)
    return float(found[1])


@pytest.fixture
def other_client(stack):
    made = Api(stack, **stack.service_urls)
    yield made
    made.close()


def expect_alike(answers) -> None:
    varying = {"date", "x-request-id", "traceparent"}
    looks = [(each.status_code, each.content, {k: v for k, v in each.headers.items() if k not in varying}) for each in answers]
    assert looks[0][0] == 202
    assert all(look == looks[0] for look in looks)


def test_registrations_of_an_address_mail_so_many_times_and_its_owner_gets_a_mail_still(api, other_client, stack):
    email, password = new_email(), new_password()
    before = rationed(api, "registration")
    expect_alike([api.register(email, new_password()) for _ in range(BY_ONE_CLIENT + 2)])
    stack.wait_for_mails(email, BY_ONE_CLIENT)
    assert other_client.register(email, password).status_code == 202
    token = token_of(stack.wait_for_mails(email, BY_ONE_CLIENT + 1)[0])
    api.settle()
    assert len(stack.mails(email)) == BY_ONE_CLIENT + 1
    assert rationed(api, "registration") == before + 2
    assert other_client.verify(token, password).status_code == 200
    other_client.must_log_in(email, password)


def test_whose_registration_was_not_mailed_can_have_it_resent(api, stack):
    email, password = new_email(), new_password()
    for _ in range(BY_ONE_CLIENT):
        api.register(email, new_password())
    assert api.register(email, password).status_code == 202
    stack.wait_for_mails(email, BY_ONE_CLIENT)
    assert api.resend(email, password).status_code == 202
    assert api.verify(token_of(stack.wait_for_mails(email, BY_ONE_CLIENT + 1)[0]), password).status_code == 200
    api.must_log_in(email, password)


def test_attempts_at_a_known_address_mail_its_owner_so_many_times(api, stack):
    known = api.new_account(log_in=False)  # one mail of its share
    expect_alike([api.register(known.email, new_password()) for _ in range(BY_ONE_CLIENT + 2)])
    stack.wait_for_mails(known.email, BY_ONE_CLIENT)
    api.settle()
    assert len(stack.mails(known.email)) == BY_ONE_CLIENT


def test_resends_are_throttled_before_they_are_rationed(api, stack):
    """The password of a registration that waits counts as a wrong one: whoever has it cannot tell from 429 that there is no account."""
    made, _ = api.new_registration()
    unknown = new_email()
    for email, password in ((made.email, made.password), (unknown, new_password())):
        expect_alike([api.resend(email, password) for _ in range(5)])
        refused = api.resend(email, password)
        expect_problem(refused, "too_many_attempts")
        assert int(refused.headers["retry-after"]) >= 1
    stack.wait_for_mails(made.email, 6)
    api.settle()
    assert len(stack.mails(made.email)) == 6


def test_forgotten_passwords_mail_so_many_times(api, stack):
    known = api.new_account(log_in=False)
    before = rationed(api, "forgotten_password")
    expect_alike([api.forgot_password(known.email) for _ in range(BY_ONE_CLIENT + 2)])
    wait_until(lambda: rationed(api, "forgotten_password") == before + 2, 10, "the count of what was not sent")
    stack.wait_for_mails(known.email, 1 + BY_ONE_CLIENT)
    api.settle()
    assert len(stack.mails(known.email)) == 1 + BY_ONE_CLIENT


def test_a_client_asks_so_often_for_new_passwords_whatever_the_address(api, other_client, stack):
    known = api.new_account(log_in=False)
    with httpx.Client(base_url=stack.service_urls["user_url"], transport=httpx.HTTPTransport(local_address=source_address())) as greedy:

        def ask(email: str) -> httpx.Response:
            return greedy.post("/api/v1/auth/forgot-password", json={"email": email})

        strangers = [new_email() for _ in range(REQUESTS_OF_ONE_CLIENT - 2)]
        expect_alike([ask(email) for email in (*strangers, known.email, "no address")])
        refused = [ask(email) for email in (known.email, new_email(), "no address")]
    for each in refused:
        expect_problem(each, "rate_limited")
        assert 1 <= int(each.headers["retry-after"]) <= 900
    assert other_client.forgot_password(known.email).status_code == 202
    stack.wait_for_mails(known.email, 3)


@pytest.mark.mode("distributed")
def test_while_redis_is_away_it_is_rationed_still(api, repaired):
    repaired.servers["redis"].kill()
    email = new_email()
    expect_alike([api.register(email, new_password()) for _ in range(BY_ONE_CLIENT + 2)])
    repaired.wait_for_mails(email, BY_ONE_CLIENT)
    api.settle()
    assert len(repaired.mails(email)) == BY_ONE_CLIENT
