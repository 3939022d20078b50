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
    reset = bystander.reset_password(token_of(victim.wait_for_mails(made.email, 2)[0]), changed)
    assert reset.status_code == 200
    for number in range(20):
        strangers[number % 3].login(made.email, new_password())
    expect_problem(bystander.login(made.email, changed), "too_many_attempts")
    assert bystander.login(made.email, changed, reset.json()["device_token"]).status_code == 200
    for each in strangers:
        each.close()


def test_whoever_has_the_mail_confirms_the_address_all_the_same(victim, bystander):
    made, token = bystander.new_registration()
    stranger = Api(victim)
    for _ in range(20):
        assert stranger.login(made.email, new_password()).status_code in (401, 429)
    expect_problem(bystander.login(made.email, made.password), "too_many_attempts")
    assert bystander.verify(token).status_code == 200
    stranger.close()


def test_what_an_old_password_left_behind_gives_no_guesses(victim, bystander):
    """Somebody who knew the password has kept the device tokens of many logins."""
    made = bystander.new_account()
    kept = [bystander.login(made.email, made.password).json()["device_token"] for _ in range(20)]
    assert bystander.forgot_password(made.email).status_code == 202
    assert bystander.reset_password(token_of(victim.wait_for_mails(made.email, 2)[0]), new_password()).status_code == 200
    answers = [bystander.login(made.email, new_password(), device).status_code for device in kept for _ in range(2)]
    assert answers.count(401) <= 6, f"{answers.count(401)} guesses"


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
