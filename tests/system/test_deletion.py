# SPDX-License-Identifier: Apache-2.0
"""Accounts that are deleted by an operator, and those that are disabled."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import expect_problem, new_password, token_of, wait_until


def delete(stack, email: str) -> None:
    assert email in stack.user_service.run("delete-account", email)


def notifications_of(api, admin, user_id: str) -> list[dict]:
    items = api.notifications(admin, limit=200).json()["items"]
    return [item for item in items if item["user_id"] == user_id]


def test_a_deleted_account_is_over_everywhere_and_its_address_registers_anew(api, stack, admin):
    made = api.new_account()
    assert api.patch_profile(made.bearer, {"phone": "+62 812 3456", "address": "Jalan Pasar 1"}).status_code == 200
    assert api.profile(made.bearer).status_code == 200
    delete(stack, made.email.upper())
    wait_until(lambda: api.profile(made.bearer).status_code == 401, 1, "the end of the session")
    expect_problem(api.profile(made.bearer), "unauthenticated")
    expect_problem(api.refresh(made.tokens["refresh_token"]), "invalid_refresh_token")
    expect_problem(api.login(made.email, made.password), "invalid_credentials")

    wait_until(
        lambda: all(each["recipient"] is None for each in notifications_of(api, admin, made.id)), 10, "the erasure of the notifications"
    )
    (kept,) = notifications_of(api, admin, made.id)
    assert (kept["status"], kept["content_erased"]) == ("sent", True)
    assert api.notifications(admin, recipient=made.email).json()["items"] == []

    mails = len(stack.mails(made.email))
    assert api.forgot_password(made.email).status_code == 202
    api.settle()
    assert len(stack.mails(made.email)) == mails
    again = api.new_account(email=made.email)
    assert again.id != made.id
    assert api.profile(again.bearer).json()["phone"] is None


def test_tokens_that_were_mailed_to_a_deleted_account_are_dead(api, stack):
    made = api.new_account(log_in=False)
    assert api.forgot_password(made.email).status_code == 202
    token = token_of(stack.wait_for_mails(made.email, 2)[0])
    delete(stack, made.email)
    expect_problem(api.reset_password(token, new_password()), "invalid_token")


@pytest.mark.mode("distributed")
def test_nothing_of_a_deleted_account_stays_in_the_databases(api, stack):
    made = api.new_account("Siti Yang Dihapus")
    delete(stack, made.email)
    postgres = stack.servers["postgres"]

    def rows_with(text: str) -> int:
        tables = ("user_service.accounts", "user_service.registrations", "user_service.outbox", "notification_service.notifications")
        counts = [postgres.run_sql(f"select count(*) from {table} t where t::text ilike '%{text}%'") for table in tables]
        return sum(int(count) for count in counts)

    wait_until(lambda: rows_with(made.email) == 0, 10, "the erasure of the address")
    assert rows_with(made.name) == 0


@pytest.mark.mode("distributed")
def test_mails_that_still_wait_for_a_deleted_account_are_not_sent(api, repaired, admin):
    made = api.new_account(log_in=False)
    repaired.sink.reject = "451 4.2.0 later"
    assert api.forgot_password(made.email).status_code == 202

    def waiting():
        return [item for item in notifications_of(api, admin, made.id) if item["status"] == "pending" and item["attempt_count"] > 0]

    (unsent,) = wait_until(waiting, 20, "a mail that waits")
    delete(repaired, made.email)
    wait_until(lambda: not waiting(), 20, "its cancellation")
    repaired.sink.reject = None
    told = api.notification.get(f"/api/v1/notifications/{unsent['id']}", headers=admin).json()
    assert (told["status"], told["recipient"]) == ("failed", None)
    expect_problem(api.notification.post(f"/api/v1/notifications/{unsent['id']}/retry", headers=admin), "content_erased")
    api.settle()
    assert len(repaired.mails(made.email)) == 1


def test_an_address_without_an_account_is_told(stack):
    refused = stack.user_service.try_run("delete-account", "nobody@example.com")
    assert refused.returncode == 1
    assert "nobody@example.com" in refused.stderr


@pytest.mark.mode("distributed")
def test_a_command_waits_for_a_database_that_is_away(api, repaired):
    made = api.new_account()
    repaired.servers["postgres"].stop()
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(repaired.user_service.try_run, "delete-account", made.email)
        wait_until(lambda: api.user.get("/ready").status_code == 503, 10, "the services without it")
        repaired.servers["postgres"].start()
        done = asked.result(30)
    assert done.returncode == 0, done.stderr
    assert made.email in done.stdout and "log.level" not in done.stdout


def test_a_disabled_account_can_do_nothing(api, stack):
    made = api.new_account()
    assert api.profile(made.bearer).status_code == 200
    stack.run_user_sql(f"update accounts set status = 'disabled' where email_key = '{made.email}'")
    wait_until(lambda: api.profile(made.bearer).status_code == 401, 1, "the end of the session")
    expect_problem(api.refresh(made.tokens["refresh_token"]), "invalid_refresh_token")
    expect_problem(api.login(made.email, made.password), "account_disabled")
    expect_problem(api.login(made.email, new_password()), "invalid_credentials")
    mails = len(stack.mails(made.email))
    assert api.forgot_password(made.email).status_code == 202
    api.settle()
    assert len(stack.mails(made.email)) == mails
