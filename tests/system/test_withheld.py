# SPDX-License-Identifier: Apache-2.0
"""MAIL_RECIPIENTS: mails to others are kept, until an operator releases them."""

from __future__ import annotations

import re
from email import message_from_string

import pytest

from harness.client import Account, expect_problem, new_email, new_password, token_of, wait_until
from harness.service import Service

pytestmark = pytest.mark.no_containers("starts the service again with another variable")

USAGE = 64


@pytest.fixture
def mail_only(stack):
    """Has the service that mails mail these only; everybody again afterwards."""
    service = stack.notification_service

    def start(recipients: str | None) -> Service:
        service.env.pop("MAIL_RECIPIENTS", None)
        if recipients is not None:
            service.env["MAIL_RECIPIENTS"] = recipients
        assert service.stop() == 0
        service.start()
        return service

    yield start
    service.ensure_running()
    start(None)


def register(api) -> Account:
    made = Account(new_email("withheld"), new_password(), "Siti")
    assert api.register(made.email, made.password).status_code == 202
    return made


def withheld(api, admin, email: str) -> dict:
    """The one notification to the address that is."""

    def look():
        items = api.notifications(admin, recipient=email, status="withheld").json()["items"]
        assert len(items) <= 1
        return items[0] if items else None

    return wait_until(look, 30, f"a mail to {email} that is withheld")


def count_withheld(api) -> float:
    found = re.findall(
        r'^sayur_notification_attempts_total\{outcome="withheld",.*\} (\S+)$', api.notification.get("/metrics").text, re.MULTILINE
    )
    return sum(map(float, found))


def test_what_is_withheld_is_kept_and_sent_once_released(api, admin, stack, mail_only):
    service = mail_only("mailed.example, somebody@example.com")
    before = count_withheld(api)
    made = register(api)
    item = withheld(api, admin, made.email)
    assert count_withheld(api) == before + 1
    assert (item["attempt_count"], item["content_erased"]) == (1, False)
    expect_problem(api.notification.post(f"/api/v1/notifications/{item['id']}/retry", headers=admin), "not_retryable")
    listed = service.run("withheld", "list", "example.com")
    assert made.email in listed and item["id"] in listed
    assert made.email not in service.run("withheld", "list", "everybody", "--since", "2100-01-01T00:00:00Z")
    assert stack.mails(made.email) == []

    assert service.run("withheld", "release", made.email.upper()) == "1 released\n"
    assert service.run("withheld", "release", made.email) == "0 released\n"
    (mail,) = stack.wait_for_mails(made.email)
    assert item["id"] in message_from_string(mail["raw"])["Message-ID"]
    assert api.verify(token_of(mail), made.password).status_code == 200

    def sent():
        told = api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).json()
        return told if told["status"] == "sent" else None

    told = wait_until(sent, 10, "its end")
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["withheld", "sent"]
    (line,) = [
        line for line in service.log_lines() if line.get("notification.id") == item["id"] and line["notification.outcome"] == "withheld"
    ]
    assert line["log.level"] == "info"
    assert [line["mail_recipients.count"] for line in service.log_lines() if "mail_recipients.count" in line][-1] == 2
    assert made.email not in service.log_text()


def test_who_is_named_is_mailed_by_domain_and_by_address(api, mail_only):
    address = new_email("named")
    mail_only(f"mailed.example,{address}")
    api.new_account(email=address)
    api.new_account(email=new_email().replace("@example.com", "@Mailed.Example"))


def test_it_stays_withheld_over_restarts_and_when_everybody_may_be_mailed(api, admin, stack, mail_only):
    service = mail_only("nobody")
    made = register(api)
    item = withheld(api, admin, made.email)
    service.kill()
    service.start()
    mail_only(None)
    api.settle()
    assert withheld(api, admin, made.email)["id"] == item["id"]
    assert stack.mails(made.email) == []
    mail_only("nobody").run("withheld", "release", "example.com", "--since", item["created_at"])
    assert len(stack.wait_for_mails(made.email)) == 1


def test_a_deleted_account_takes_what_is_withheld_with_it(api, admin, stack, mail_only):
    made = api.new_account(log_in=False)
    service = mail_only("nobody")
    assert api.forgot_password(made.email).status_code == 202
    item = withheld(api, admin, made.email)
    stack.user_service.run("delete-account", made.email)

    def erased():
        told = api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).json()
        return told if told["recipient"] is None else None

    told = wait_until(erased, 10, "the erasure")
    assert (told["status"], told["content_erased"]) == ("failed", True)
    service.run("withheld", "release", "everybody")
    mail_only(None)
    api.settle()
    assert len(stack.mails(made.email)) == 1, "the one of the registration"


def test_a_wrong_argument_is_told_and_nothing_is_released(api, admin, mail_only):
    service = mail_only("nobody")
    made = register(api)
    withheld(api, admin, made.email)
    refused = service.try_run("withheld", "release", "*@example.com,@example.com", "--since", "yesterday")
    assert refused.returncode == USAGE
    assert len(refused.stderr.splitlines()) == 3
    for wrong in ("*@example.com", '"@example.com"', "yesterday"):
        assert wrong in refused.stderr
    assert service.try_run("withheld", "release").returncode == USAGE
    for word in ("EVERYBODY", "all"):
        refused = service.try_run("withheld", "release", word)
        assert refused.returncode == USAGE
        assert f'"{word}" has no dot, so it is no domain; the words are everybody and nobody' in refused.stderr
    withheld(api, admin, made.email)
