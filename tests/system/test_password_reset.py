# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/forgot-password and /reset-password."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, expect_problem, faults_of, link_of, new_email, new_password, token_of, wait_until


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
    assert answer.status_code == 200
    assert answer.json().keys() == {"email", "device_token"}
    assert answer.json()["email"] == made.email
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
    assert api.reset_password(ask_for_token(api, made), new_password()).status_code == 200
    assert [mail["subject"] for mail in stack.wait_for_mails(made.email, 3)[:2]] == ["Your password was changed", "Reset your password"]


# Of 102 and 400 code points, at most 100 grapheme clusters each: 408 and 1,600 bytes.
@pytest.mark.parametrize("name", ["\U0001f44d\U0001f3fd" * 51, "\U0001f44d\U0001f3fb\U000e0100\U000e0101" * 100], ids=["long", "longest"])
def test_no_name_that_a_profile_takes_keeps_a_mail_from_its_owner(api, name):
    made = api.new_account()
    assert api.patch_profile(made.bearer, {"name": name}).json()["name"] == name
    assert api.register(made.email, new_password()).status_code == 202
    attempted = api.stack.wait_for_mails(made.email, 2)[0]
    assert api.reset_password(ask_for_token(api, made, 2), new_password()).status_code == 200
    changed, reset = api.stack.wait_for_mails(made.email, 4)[:2]
    assert all(name in "".join(mail["text"].split("\n")) for mail in (attempted, reset, changed))


def test_a_token_works_once(api):
    made = api.new_account(log_in=False)
    token = ask_for_token(api, made)
    assert api.reset_password(token, new_password()).status_code == 200
    expect_problem(api.reset_password(token, new_password()), "invalid_token")


def test_a_used_token_takes_its_siblings_with_it(api):
    made = api.new_account(log_in=False)
    first = ask_for_token(api, made)
    second = ask_for_token(api, made, 2)
    assert api.reset_password(second, new_password()).status_code == 200
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
    assert api.reset_password(token, changed).status_code == 200
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
    """The wait belongs to guesses of the old password; the owner has proven the address and does not wait for others' guesses."""
    made = api.new_account(log_in=False)
    for _ in range(5):
        expect_problem(api.login(made.email, new_password()), "invalid_credentials")
    changed = new_password()
    assert api.reset_password(ask_for_token(api, made), changed).status_code == 200
    assert api.login(made.email, changed).status_code == 200


def test_no_session_opened_with_the_old_password_survives_a_reset(api, stack):
    """Logins that have looked at the old password when it is replaced, and open their session afterwards."""
    clients = [Api(stack) for _ in range(6)]
    opened = survived = 0
    for _ in range(4):
        made = api.new_account()
        device = made.tokens["device_token"]
        token = ask_for_token(api, made)
        with ThreadPoolExecutor(7) as pool:
            logins = [pool.submit(client.login, made.email, made.password, device) for client in clients]
            reset = pool.submit(api.reset_password, token, new_password())
            answers = [login.result() for login in logins]
            assert reset.result().status_code == 200
        sessions = [answer.json() for answer in answers if answer.status_code == 200]
        opened += len(sessions)
        survived += sum(api.refresh(tokens["refresh_token"]).status_code == 200 for tokens in sessions)
    for client in clients:
        client.close()
    print(f"{opened} sessions were opened beside 4 resets, {survived} survived")
    assert survived == 0


def test_a_request_for_a_reset_survives_the_process(api, stack):
    """202 is a promise: whatever becomes of the process right after it."""
    made = api.new_account(log_in=False)
    assert api.forgot_password(made.email).status_code == 202
    stack.user_service.kill()
    stack.user_service.start()
    assert api.reset_password(token_of(stack.wait_for_mails(made.email, 2)[0]), new_password()).status_code == 200
    api.settle()
    assert len([mail for mail in stack.mails(made.email) if "reset-password" in mail["raw"] or "kata sandi" in mail["subject"]]) >= 1
