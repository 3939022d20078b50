# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/refresh and /logout: rotation, the lost answer, the stolen token, and the end of a session."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, expect_problem, faults_of, wait_until


def bearer(tokens) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_a_refresh_rotates_the_token(api):
    made = api.new_account()
    answer = api.refresh(made.tokens["refresh_token"])
    assert answer.status_code == 200
    renewed = answer.json()
    assert renewed.keys() == made.tokens.keys()
    assert renewed["device_token"] is None
    assert renewed["refresh_token"] != made.tokens["refresh_token"]
    assert renewed["access_token"] != made.tokens["access_token"]
    assert renewed["user"]["id"] == made.id
    assert api.profile(bearer(renewed)).status_code == 200
    assert api.refresh(renewed["refresh_token"]).status_code == 200


def test_a_lost_answer_is_no_attack(api):
    """The old token again within 10 s: the same successor, which still works."""
    made = api.new_account()
    old = made.tokens["refresh_token"]
    successors = {api.refresh(old).json()["refresh_token"] for _ in range(3)}
    assert len(successors) == 1
    assert api.refresh(successors.pop()).status_code == 200


def test_refreshes_at_the_same_time_get_one_successor(stack, api):
    made = api.new_account()
    clients = [Api(stack) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: client.refresh(made.tokens["refresh_token"]), clients))
    for client in clients:
        client.close()
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def age(stack, token, seconds):
    """As if the token had been used so much earlier."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    if stack.mode == "embedded":
        stack.run_user_sql(f"update refresh_tokens set used_at = used_at - {seconds} * 1000000 where digest = x'{digest}'")
    else:
        stack.run_user_sql(f"update refresh_tokens set used_at = used_at - interval '{seconds} seconds' where digest = '\\x{digest}'")


def test_an_answer_that_was_lost_for_long_is_given_again(api, stack):
    """A phone that comes back after a minute: the same successor, as long as nobody has used it."""
    made = api.new_account()
    old = made.tokens["refresh_token"]
    renewed = api.refresh(old).json()
    age(stack, old, 3600)
    assert api.refresh(old).json()["refresh_token"] == renewed["refresh_token"]
    assert api.refresh(renewed["refresh_token"]).status_code == 200


def test_an_old_token_whose_successor_was_used_revokes_the_whole_family(api):
    made = api.new_account()
    untouched = api.must_log_in(made.email, made.password)
    old = made.tokens["refresh_token"]
    renewed = api.refresh(api.refresh(old).json()["refresh_token"]).json()
    answer = api.refresh(old)
    expect_problem(answer, "refresh_token_reused")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    expect_problem(api.refresh(renewed["refresh_token"]), "invalid_refresh_token")
    wait_until(lambda: api.profile(bearer(renewed)).status_code == 401, 1, "the death of the family's access token")
    expect_problem(api.refresh(old), "invalid_refresh_token")
    assert api.profile(bearer(untouched)).status_code == 200, "another session of the account lives on"


def test_a_thief_five_minutes_behind_is_out_at_the_second_refresh(api, stack):
    made = api.new_account()
    first = made.tokens["refresh_token"]
    second = api.refresh(first).json()["refresh_token"]
    age(stack, first, 300)
    assert api.refresh(first).json()["refresh_token"] == second, "the thief's first"
    third = api.refresh(second).json()["refresh_token"]
    age(stack, second, 300)
    expect_problem(api.refresh(second), "refresh_token_reused")
    expect_problem(api.refresh(third), "invalid_refresh_token")


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\u2603" * 20])
def test_an_unknown_refresh_token_is_refused(api, token):
    answer = api.refresh(token)
    expect_problem(answer, "invalid_refresh_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_access_token_is_no_refresh_token(api):
    made = api.new_account()
    assert len(made.tokens["access_token"]) > 400
    assert api.refresh(made.tokens["access_token"]).status_code in (401, 422)


def test_a_refresh_without_a_token_names_the_field(api):
    assert faults_of(api.post("refresh", {})) == {"refresh_token": "required"}


def test_after_logout_both_tokens_are_dead_within_a_second(api):
    made = api.new_account()
    assert api.profile(made.bearer).status_code == 200
    answer = api.logout(made.bearer)
    assert (answer.status_code, answer.content) == (204, b"")
    wait_until(lambda: api.profile(made.bearer).status_code == 401, 1, "the access token's death")
    expect_problem(api.profile(made.bearer), "unauthenticated")
    expect_problem(api.refresh(made.tokens["refresh_token"]), "invalid_refresh_token")
    expect_problem(api.logout(made.bearer), "unauthenticated")


def test_logout_ends_what_was_refreshed_from_the_session_too(api):
    made = api.new_account()
    renewed = api.refresh(made.tokens["refresh_token"]).json()
    assert api.logout(made.bearer).status_code == 204
    wait_until(lambda: api.profile(bearer(renewed)).status_code == 401, 1, "the death of the renewed token")
    expect_problem(api.refresh(renewed["refresh_token"]), "invalid_refresh_token")


@pytest.mark.past_the_gateway("it answers in the service's place")
def test_a_logout_needs_a_bearer(api):
    answer = api.logout({})
    expect_problem(answer, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.mode("distributed")
def test_a_logout_is_known_to_every_instance_within_a_second(api, stack):
    with stack.instance() as second:
        other = Api(stack, user_url=second.user_url)
        for _ in range(3):
            made = api.new_account()
            # Both instances have just seen the session live.
            assert other.profile(made.bearer).status_code == api.profile(made.bearer).status_code == 200
            assert api.logout(made.bearer).status_code == 204
            wait_until(lambda made=made: other.profile(made.bearer).status_code == 401, 1, "the death at the other instance")
            expect_problem(other.refresh(made.tokens["refresh_token"]), "invalid_refresh_token")
        other.close()


@pytest.mark.mode("distributed")
def test_instances_rotate_to_the_same_successor(api, stack):
    """The key of the successors is one key for all instances and outlives each of them."""
    made = api.new_account()
    with stack.instance() as second:
        other = Api(stack, user_url=second.user_url)
        here = api.refresh(made.tokens["refresh_token"])
        there = other.refresh(made.tokens["refresh_token"])
        assert here.json()["refresh_token"] == there.json()["refresh_token"]
        other.close()


@pytest.mark.no_containers("the drain of a container outlasts the 10 s in which a lost answer is given again")
def test_a_session_and_a_lost_answer_survive_a_restart(api, stack):
    made = api.new_account()
    renewed = api.refresh(made.tokens["refresh_token"]).json()
    assert stack.user_service.stop() == 0
    stack.user_service.start()
    assert api.profile(bearer(renewed)).status_code == 200
    assert api.refresh(made.tokens["refresh_token"]).json()["refresh_token"] == renewed["refresh_token"]
