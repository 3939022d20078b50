# SPDX-License-Identifier: Apache-2.0
"""A stranger who guesses on and on, so that the owner cannot sign in."""

from harness.client import Api, expect_problem, new_password, token_of


def test_the_owners_device_and_a_reset_are_not_bound(victim, bystander):
    made = bystander.new_account()
    strangers = [Api(victim) for _ in range(3)]
    for number in range(40):
        answer = strangers[number % 3].login(made.email, new_password())
        assert answer.status_code in (401, 429)
    expect_problem(bystander.login(made.email, made.password), "too_many_attempts")
    assert bystander.login(made.email, made.password, made.tokens["device_token"]).status_code == 200
    assert bystander.forgot_password(made.email).status_code == 202
    changed = new_password()
    assert bystander.reset_password(token_of(victim.wait_for_mails(made.email, 2)[0]), changed).status_code == 204
    assert bystander.login(made.email, changed).status_code == 200
    for each in strangers:
        each.close()


def test_a_client_that_has_to_wait_fills_no_memory(victim, bystander):
    """Once it is blocked, a client names as many addresses as it likes: nothing is counted for them."""
    guesser = Api(victim)
    blocked = 0
    for number in range(400):
        answer = guesser.login(f"victim{number}@example.com", new_password())
        blocked += answer.status_code == 429
    assert blocked >= 290
    guesser.close()
    assert bystander.login("victim399@example.com", new_password()).status_code == 401, "nobody's account was touched by it"
