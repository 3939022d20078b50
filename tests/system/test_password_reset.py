# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/forgot-password and /reset-password."""

from harness.client import expect_problem, faults_of, link_of, new_email, new_password, token_of, wait_until


def ask_for_token(api, account, mails_before=1):
    """The account has had `mails_before` mails; the next one holds the token."""
    assert api.forgot_password(account.email).status_code == 202
    return token_of(api.stack.wait_for_mails(account.email, mails_before + 1)[0])


def test_the_mailed_token_sets_a_new_password_and_ends_every_session(api, stack):
    made = api.new_account()
    second = api.must_log_in(made.email, made.password)
    token = ask_for_token(api, made)
    mail = stack.mails(made.email)[0]
    assert mail["subject"] == "Atur ulang kata sandi Anda"
    assert link_of(mail).startswith(f"{stack.user_url}/reset-password?token=")
    changed = new_password()
    answer = api.reset_password(token, changed)
    assert (answer.status_code, answer.content) == (204, b"")
    for tokens in (made.tokens, second):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        wait_until(lambda bearer=bearer: api.profile(bearer).status_code == 401, 1, "the session's end")
        expect_problem(api.refresh(tokens["refresh_token"]), "invalid_refresh_token")
    expect_problem(api.login(made.email, made.password), "invalid_credentials")
    api.must_log_in(made.email, changed)
    notice = stack.wait_for_mails(made.email, 3)[0]
    assert notice["subject"] == "Kata sandi Anda telah diubah"
    assert "token=" not in notice["raw"]
    assert changed not in notice["raw"]


def test_mails_speak_the_accounts_language(api, stack):
    made = api.new_account(locale="en", log_in=False)
    assert api.reset_password(ask_for_token(api, made), new_password()).status_code == 204
    assert [mail["subject"] for mail in stack.wait_for_mails(made.email, 3)[:2]] == ["Your password was changed", "Reset your password"]


def test_a_token_works_once(api):
    made = api.new_account(log_in=False)
    token = ask_for_token(api, made)
    assert api.reset_password(token, new_password()).status_code == 204
    expect_problem(api.reset_password(token, new_password()), "invalid_token")


def test_a_used_token_takes_its_siblings_with_it(api):
    made = api.new_account(log_in=False)
    first = ask_for_token(api, made)
    second = ask_for_token(api, made, 2)
    assert api.reset_password(second, new_password()).status_code == 204
    expect_problem(api.reset_password(first, new_password()), "invalid_token")


def test_an_unknown_token_is_refused_whatever_the_password(api):
    expect_problem(api.reset_password("A" * 43, new_password()), "invalid_token")
    expect_problem(api.reset_password("A" * 43, "password123"), "invalid_token")


def test_a_weak_password_is_refused_and_leaves_the_token_usable(api):
    made = api.new_account("Hartono Wulandari", log_in=False)
    token = ask_for_token(api, made)
    for weak, code in (("password123", "too_weak"), ("short", "too_short"), ("x7" * 65, "too_long"), ("hartono wulandari", "too_weak")):
        assert faults_of(api.reset_password(token, weak)) == {"password": code}, weak
    changed = new_password()
    assert api.reset_password(token, changed).status_code == 204
    api.must_log_in(made.email, changed)


def test_a_verification_token_resets_nothing_and_the_other_way_round(api):
    _, verification = api.new_registration()
    expect_problem(api.reset_password(verification, new_password()), "invalid_token")
    made = api.new_account(log_in=False)
    expect_problem(api.verify(ask_for_token(api, made)), "invalid_token")


def test_asking_is_answered_alike_for_every_address_and_mails_only_an_owner(api, stack):
    known = api.new_account(log_in=False)
    waiting, _ = api.new_registration()
    unknown = new_email()
    answers = [api.forgot_password(email) for email in (known.email, waiting.email, unknown, "no address")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    stack.wait_for_mails(known.email, 2)
    api.settle()
    assert [len(stack.mails(email)) for email in (known.email, waiting.email, unknown)] == [2, 1, 0]


def test_an_expired_token_is_refused(api, stack):
    made = api.new_account(log_in=False)
    token = ask_for_token(api, made)
    long_ago = f"(select created_at from accounts where id = account_id and email = '{made.email}')"
    stack.run_user_sql(f"update password_resets set expires_at = coalesce({long_ago}, expires_at)")
    expect_problem(api.reset_password(token, new_password()), "invalid_token")
    api.must_log_in(made.email, made.password)


def test_a_reset_lets_a_throttled_owner_in(api):
    """The wait belongs to guesses of the old password; the owner has proven the address and must not wait for others' guesses long."""
    made = api.new_account(log_in=False)
    for _ in range(5):
        expect_problem(api.login(made.email, new_password()), "invalid_credentials")
    changed = new_password()
    assert api.reset_password(ask_for_token(api, made), changed).status_code == 204
    wait_until(lambda: api.login(made.email, changed).status_code == 200, 5, "the login with the new password")
