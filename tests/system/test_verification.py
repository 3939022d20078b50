# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/verify-email and /resend-verification: an account exists from verification on, and whose it is."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, expect_problem, faults_of, link_of, new_email, new_password, token_of, wait_until


def test_the_token_of_the_mail_makes_the_account(api):
    made, token = api.new_registration("Budi Santoso", "en")
    answer = api.verify(token)
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == api.must_log_in(made.email, made.password).keys(), "the first login"
    assert api.profile({"Authorization": f"Bearer {body['access_token']}"}).json() == body["user"]
    assert api.refresh(body["refresh_token"]).status_code == 200
    user = body["user"]
    assert (user["email"], user["name"], user["locale"]) == (made.email, "Budi Santoso", "en")
    assert user["roles"] == ["customer"]
    assert user["email_verified"] is True
    assert [user[name] for name in ("phone", "address", "lat", "lng")] == [None] * 4
    assert uuid.UUID(user["id"]).version == 7
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", user["created_at"])
    assert not {"password", "password_hash", "email_key", "status"} & user.keys()


def test_a_token_has_256_bits_and_stands_in_the_html_too(api, stack):
    made, token = api.new_registration()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43,}", token)
    (mail,) = stack.mails(made.email)
    assert link_of(mail) in mail["html"].replace("&amp;", "&")


def test_a_token_works_once(api):
    _, token = api.new_registration()
    assert api.verify(token).status_code == 200
    expect_problem(api.verify(token), "invalid_token")


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "x" * 512, "\u2603", "' or 1=1 --"])
def test_an_unknown_token_is_refused(api, token):
    expect_problem(api.verify(token), "invalid_token")


def test_an_absurdly_long_token_is_a_fault_of_its_field(api):
    assert faults_of(api.verify("x" * 513)) == {"token": "too_long"}


def test_an_expired_registration_is_none(api, stack):
    made, token = api.new_registration()
    stack.run_user_sql(f"update registrations set expires_at = created_at where email = '{made.email}'")
    expect_problem(api.verify(token), "invalid_token")
    expect_problem(api.login(made.email, made.password), "invalid_credentials")


def test_an_unverified_account_does_not_exist_yet(api):
    made, token = api.new_registration()
    pending = expect_problem(api.login(made.email, made.password), "invalid_credentials")
    wrong = expect_problem(api.login(made.email, new_password()), "invalid_credentials")
    assert {**pending, "request_id": ""} == {**wrong, "request_id": ""}
    assert api.verify(token).status_code == 200
    api.must_log_in(made.email, made.password)


def test_of_several_registrations_the_verified_one_counts_and_the_others_die(api, stack):
    email = new_email()
    first, first_token = api.new_registration("First", "id", email)
    second, second_token = api.new_registration("Second", "en", email)
    third, third_token = api.new_registration("Third", "id", email)
    user = api.verify(second_token).json()["user"]
    assert (user["name"], user["locale"]) == ("Second", "en")
    expect_problem(api.verify(first_token), "invalid_token")
    expect_problem(api.verify(third_token), "invalid_token")
    api.must_log_in(email, second.password)
    for other in (first, third):
        expect_problem(api.login(email, other.password), "invalid_credentials")


def test_who_registers_a_strangers_address_gets_no_account_with_a_password_of_theirs(api):
    """Pre-hijacking: the attacker registers first, the owner later; only the owner reads the mail of the owner's registration."""
    email = new_email("victim")
    attacker, _ = api.new_registration("Attacker", email=email)
    owner, owners_token = api.new_registration("Owner", email=email)
    assert api.verify(owners_token).json()["user"]["name"] == "Owner"
    expect_problem(api.login(email, attacker.password), "invalid_credentials")
    api.must_log_in(email, owner.password)


def test_a_strangers_registration_is_not_confirmed_by_who_got_its_mail(api):
    """Pre-hijacking without the owner's registration: she presses the button in a stranger's mail, and his password opens nothing."""
    stranger, token = api.new_registration("Attacker", email=new_email("victim"))
    refused = expect_problem(api.verify(token, new_password()), "invalid_credentials")
    assert "another one may be meant" in refused["detail"]
    expect_problem(api.login(stranger.email, stranger.password), "invalid_credentials")


def test_guesses_at_a_registration_are_throttled(api):
    made, token = api.new_registration()
    for _ in range(5):
        expect_problem(api.verify(token, new_password()), "invalid_credentials")
    refused = api.verify(token)
    expect_problem(refused, "too_many_attempts")
    wait_until(lambda: api.verify(token).status_code == 200, 5, "the end of the wait")
    assert api.login(made.email, made.password).status_code == 200


def test_a_password_is_needed(api):
    _, token = api.new_registration()
    assert faults_of(api.post("verify-email", {"token": token})) == {"password": "required"}


def test_a_token_used_by_many_at_once_makes_one_account(stack):
    first = Api(stack)
    made, token = first.new_registration()

    def verify(_):
        client = Api(stack)
        try:
            return client.verify(token)
        finally:
            client.close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(answer.status_code for answer in pool.map(verify, range(6)))
    assert answers == [200] + [422] * 5
    first.must_log_in(made.email, made.password)
    first.close()


def test_resending_mails_a_new_token_and_kills_the_older_one(api, stack):
    made, old = api.new_registration("Wati")
    answer = api.resend(made.email, made.password)
    assert answer.status_code == 202
    new = token_of(stack.wait_for_mails(made.email, 2)[0])
    assert new != old
    expect_problem(api.verify(old), "invalid_token")
    assert api.verify(new, made.password).json()["user"]["name"] == "Wati"


def test_resending_goes_to_the_registration_that_the_password_opens(api, stack):
    email = new_email()
    first, first_token = api.new_registration("First", email=email)
    _, second_token = api.new_registration("Second", email=email)
    assert api.resend(email, first.password).status_code == 202
    renewed = token_of(stack.wait_for_mails(email, 3)[0])
    expect_problem(api.verify(first_token), "invalid_token")
    assert renewed != second_token
    assert api.verify(renewed, first.password).json()["user"]["name"] == "First"


def test_resending_answers_alike_and_mails_nothing_where_nothing_waits(api, stack):
    verified = api.new_account(log_in=False)
    waiting, token = api.new_registration()
    unknown = new_email()
    answers = [
        api.resend(waiting.email, waiting.password),
        api.resend(waiting.email, new_password()),
        api.resend(verified.email, verified.password),
        api.resend(unknown, new_password()),
        api.resend("not an address", "x"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    api.settle()
    assert [len(stack.mails(address)) for address in (waiting.email, verified.email, unknown)] == [2, 1, 0]
    expect_problem(api.verify(token), "invalid_token")
