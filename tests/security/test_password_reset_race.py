# SPDX-License-Identifier: Apache-2.0
"""Sessions that are being opened with the old password while it is replaced: none of them lives on."""

from concurrent.futures import ThreadPoolExecutor

from harness.client import Api, new_password, token_of

RESETS = 20
LOGINS = 8


def test_no_session_of_the_old_password_survives(victim, bystander):
    clients = [Api(victim) for _ in range(LOGINS)]
    opened = survived = 0
    for _ in range(RESETS):
        made = bystander.new_account()
        assert bystander.forgot_password(made.email).status_code == 202
        token = token_of(victim.wait_for_mails(made.email, 2)[0])
        with ThreadPoolExecutor(LOGINS + 1) as pool:
            logins = [pool.submit(each.login, made.email, made.password, made.tokens["device_token"]) for each in clients]
            reset = pool.submit(bystander.reset_password, token, new_password())
            sessions = [login.result().json() for login in logins if login.result().status_code == 200]
            assert reset.result().status_code == 200
        opened += len(sessions)
        survived += sum(bystander.refresh(tokens["refresh_token"]).status_code == 200 for tokens in sessions)
    for each in clients:
        each.close()
    print(f"{survived} of {opened} sessions survived {RESETS} resets")
    assert opened > 0
    assert survived == 0
