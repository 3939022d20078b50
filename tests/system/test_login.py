# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/login: who gets tokens, who is told what, and who has to wait."""

import math
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from harness.client import Account, Api, expect_problem, faults_of, new_email, new_password, source_address, token_of, wait_until
from harness.stack import TRUSTED_PROXY


def wait_seconds(answer) -> int:
    expect_problem(answer, "too_many_attempts")
    return int(answer.headers["retry-after"])


def fail(api, email, times):
    for number in range(times):
        answer = api.login(email, "wrong " + new_password())
        assert answer.status_code == 401, f"attempt {number + 1}: {answer.text}"


def test_a_login_answers_tokens_and_the_account(api):
    made = api.new_account("Budi", log_in=False)
    answer = api.login(made.email, made.password)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "device_token", "user"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert 30 * 86400 - 5 <= body["refresh_expires_in"] <= 30 * 86400
    assert (body["user"]["id"], body["user"]["email"], body["user"]["name"]) == (made.id, made.email, "Budi")
    assert api.profile({"Authorization": f"Bearer {body['access_token']}"}).json() == body["user"]


def test_the_access_token_is_what_rfc_9068_wants(api, stack):
    made = api.new_account()
    token = made.tokens["access_token"]
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    key = jwt.PyJWKClient(f"{stack.user_url}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, ["ES256"], options={"verify_aud": False})
    assert claims.keys() >= {"iss", "aud", "sub", "sid", "roles", "iat", "exp", "jti"}
    assert claims["sub"] == made.id
    assert claims["roles"] == ["customer"]
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - time.time()) < 60


def test_each_login_is_a_session_of_its_own(api):
    made = api.new_account()
    second = api.must_log_in(made.email, made.password)
    assert second["refresh_token"] != made.tokens["refresh_token"]
    assert api.logout(made.bearer).status_code == 204
    assert api.profile({"Authorization": f"Bearer {second['access_token']}"}).status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_refused_alike(api):
    made = api.new_account(log_in=False)
    answers = [api.login(made.email, new_password()), api.login(new_email(), new_password()), api.login("no address", new_password())]
    bodies = [expect_problem(answer, "invalid_credentials") for answer in answers]
    for body in bodies:
        del body["request_id"]
    assert bodies == [bodies[0]] * 3
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers)


def test_missing_fields_are_named(api):
    assert faults_of(api.post("login", {})) == {"email": "required", "password": "required"}


def test_from_the_fifth_failure_on_an_account_waits_and_the_wait_doubles(api):
    made = api.new_account(log_in=False)
    fail(api, made.email, 5)
    asked = time.monotonic()
    answer = api.login(made.email, made.password)
    assert time.monotonic() - asked < 0.5, "throttling answers, it does not hold the request"
    first = wait_seconds(answer)
    assert first == 1
    # What is throttled is not tried: a 401 comes only after the wait, and the next wait is twice as long.
    wait_until(lambda: api.login(made.email, new_password()).status_code == 401, 5, "the end of the wait")
    assert wait_seconds(api.login(made.email, made.password)) == 2
    answer = wait_until(lambda: (it := api.login(made.email, made.password)).status_code == 200 and it, 5, "the end of the second wait")
    fail(api, made.email, 4)  # a success clears the account
    assert api.login(made.email, made.password).status_code == 200


def test_unknown_accounts_are_throttled_alike(api):
    email = new_email()
    fail(api, email, 5)
    assert wait_seconds(api.login(email, new_password())) == 1


def test_an_account_waits_whatever_address_and_spelling_it_is_tried_from(api, stack):
    email = new_email()
    fail(api, email, 3)
    other = Api(stack)
    fail(other, email.upper(), 2)
    third = Api(stack)
    assert wait_seconds(third.login(f" {email}", new_password())) == 1
    other.close()
    third.close()


def test_the_right_password_of_an_unverified_account_counts_as_a_failure(api):
    """Ten tries without a 429 would tell that the address has no account."""
    made, _ = api.new_registration()
    for _ in range(5):
        expect_problem(api.login(made.email, made.password), "invalid_credentials")
    assert wait_seconds(api.login(made.email, made.password)) == 1


@pytest.mark.past_the_gateway("a lock of one second is over when a client has waited for the gateway's bucket")
def test_strangers_do_not_lock_out_a_device_that_has_signed_in(api, stack):
    made = api.new_account()
    device = made.tokens["device_token"]
    assert api.refresh(made.tokens["refresh_token"]).json()["device_token"] is None
    stranger = Api(stack)
    fail(stranger, made.email, 5)
    wait_seconds(api.login(made.email, made.password))
    wait_seconds(api.login(made.email, made.password, "forged." + device))
    assert api.login(made.email, made.password, device).status_code == 200
    for _ in range(4):
        expect_problem(api.login(made.email, new_password(), device), "invalid_credentials")
    assert api.login(made.email, made.password, device).status_code == 200
    for _ in range(5):
        expect_problem(api.login(made.email, new_password(), device), "invalid_credentials")
    assert wait_seconds(api.login(made.email, made.password, device)) == 1, "a stolen device token gives few guesses"
    stranger.close()


def test_right_logins_at_once_are_all_answered(stack):
    api = Api(stack)
    made = api.new_account()
    clients = [Api(stack) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda client: client.login(made.email, made.password), clients))
    assert [answer.status_code for answer in answers] == [200] * 10
    for each in (api, *clients):
        each.close()


def test_guesses_at_once_get_no_more_tries_than_one_after_the_other(stack):
    email = new_email()
    clients = [Api(stack) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda number: clients[number % 16].login(email, f"guess {number} of many"), range(64)))
        took = time.monotonic() - began
    tried = [answer for answer in answers if answer.status_code == 401]
    ended_delays = math.floor(math.log2(took + 1))  # of 1, 2, 4 s and so on
    assert 5 <= len(tried) <= 5 + ended_delays
    assert {answer.status_code for answer in answers} == {401, 429}
    for each in clients:
        each.close()


def test_a_password_is_the_same_from_every_keyboard(api):
    """Composed and decomposed letters, and a no-break space (RFC 8265)."""
    composed, decomposed = "caf\u00e9 Andr\u00e9 kopi pahit 71", "cafe\u0301\u00a0Andre\u0301 kopi pahit 71"
    made = Account(new_email(), composed, "Andr\u00e9")
    assert api.register(made.email, composed).status_code == 202
    token = token_of(api.stack.wait_for_mails(made.email)[0])
    assert api.verify(token, decomposed).status_code == 200
    assert api.login(made.email, decomposed).status_code == api.login(made.email, composed).status_code == 200
    assert api.login(made.email, composed.upper()).status_code == 401


@pytest.mark.no_containers("Docker's proxy calls from one address, whoever calls it")
def test_a_client_address_waits_from_its_hundredth_failure_on(stack):
    """Also: an address that a trusted proxy forwards is the client's; one that anybody else claims is not."""
    proxy = Api(stack, TRUSTED_PROXY)
    client = source_address()
    forwarded = {"X-Forwarded-For": client}
    for _ in range(100):
        answer = proxy.login(new_email(), new_password(), headers=forwarded)
        assert answer.status_code == 401
    assert wait_seconds(proxy.login(new_email(), new_password(), headers=forwarded)) >= 1
    assert proxy.login(new_email(), new_password(), headers={"X-Forwarded-For": source_address()}).status_code == 401
    for _ in range(8):  # the last address counts, which the one trusted proxy saw, and each failure counts for it
        wait_until(lambda: proxy.login(new_email(), new_password(), headers=forwarded).status_code == 401, 10, "the end of the wait")
        chain = {"X-Forwarded-For": f"10.9.8.7, {client}"}
        if wait_seconds(proxy.login(new_email(), new_password(), headers=chain)) >= 2:
            break
    else:
        pytest.fail("the wait of the client address does not grow")
    direct = Api(stack, client)
    wait_seconds(direct.login(new_email(), new_password()))
    stranger = Api(stack)
    assert stranger.login(new_email(), new_password(), headers=forwarded).status_code == 401, (
        "a stranger's X-Forwarded-For counts for nothing"
    )
    for each in (proxy, direct, stranger):
        each.close()


@pytest.mark.mode("distributed")
def test_instances_share_their_counts(api, stack):
    email = new_email()
    with stack.instance() as second:
        other = Api(stack, user_url=second.user_url)
        fail(api, email, 3)
        fail(other, email, 2)
        assert wait_seconds(api.login(email, new_password())) == 1
        other.close()
