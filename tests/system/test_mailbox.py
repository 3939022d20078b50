# SPDX-License-Identifier: Apache-2.0
"""The mailbox that stands in for an SMTP server, in embedded mode alone."""

import re
import uuid
from pathlib import Path

import pytest

from harness.client import expect_problem, faults_of


@pytest.mark.mode("embedded")
def test_messages_are_listed_newest_first(api, stack):
    first, _ = api.new_registration()
    second, _ = api.new_registration()
    messages = api.notification.get("/mailbox/messages").json()
    assert isinstance(messages, list)
    mine = [message["to"] for message in messages if any(address in message["to"] for address in (first.email, second.email))]
    assert len(mine) == 2
    assert second.email in mine[0]
    times = [message["sent_at"] for message in messages]
    assert times == sorted(times, reverse=True)


@pytest.mark.mode("embedded")
def test_a_message_has_every_form(api, stack):
    made, token = api.new_registration("Ayu & Co")
    identity = stack.mails(made.email)[0]["id"]
    message = api.notification.get(f"/mailbox/messages/{identity}").json()
    assert message.keys() >= {"id", "to", "from", "subject", "text", "html", "raw", "sent_at"}
    assert made.email in message["to"]
    assert message["subject"] == "Verifikasi alamat surel Anda"
    assert token in message["text"]
    assert token in message["html"]
    assert message["raw"].startswith("From:")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", message["sent_at"])


@pytest.mark.mode("embedded")
def test_an_unknown_message_is_not_found(api):
    for identity in (uuid.UUID(int=1), "nonsense"):
        expect_problem(api.notification.get(f"/mailbox/messages/{identity}"), "not_found")


@pytest.mark.mode("embedded")
@pytest.mark.parametrize("address", ["%00", "a%00b@example.com", "%FF"])
def test_an_address_that_no_mail_can_have_is_a_fault(api, address):
    assert faults_of(api.notification.get(f"/mailbox/messages?to={address}")) == {"to": "not_allowed"}


@pytest.mark.mode("embedded")
def test_the_page_is_html_under_a_strict_policy(api):
    answer = api.notification.get("/mailbox")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.mode("embedded")
def test_the_html_of_a_mail_cannot_reach_out_of_its_frame(api, stack):
    """A mail holds what strangers typed: whatever shows it allows neither scripts nor our own pages to them."""
    made, _ = api.new_registration("<script>alert(1)</script>")
    identity = stack.mails(made.email)[0]["id"]
    assert "<script>" not in api.notification.get("/mailbox").text.replace("<script ", "")
    assert "<script>alert" not in api.notification.get(f"/mailbox/messages/{identity}").json()["html"]


@pytest.mark.mode("embedded")
@pytest.mark.parametrize(
    "path", ["/mailbox", "/mailbox/messages", "/mailbox/messages/{id}", "/mailbox/messages/{id}/html", "/mailbox/mailbox.js"]
)
def test_a_page_whose_name_was_rebound_to_this_machine_reads_nothing(api, stack, path):
    made, _ = api.new_registration()
    url = path.format(id=stack.mails(made.email)[0]["id"])
    for host in ("evil.example", f"evil.example:{stack.notification_port}", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"):
        refused = api.notification.get(url, headers={"Host": host})
        expect_problem(refused, "misdirected_request")
        assert made.email not in refused.text
    for host in ("localhost", f"LocalHost:{stack.notification_port}", "127.0.0.1", "[::1]:8081"):
        assert api.notification.get(url, headers={"Host": host}).status_code == 200


def listening(port: int) -> list[str]:
    """The IPv4 addresses, as /proc writes them, at which somebody listens on the port."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return [row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port]


@pytest.mark.mode("embedded")
def test_the_mailbox_stays_on_loopback_wherever_the_rest_listens(stack):
    with stack.instance(HTTP_HOST="0.0.0.0") as opened:
        assert listening(opened.user_port) == ["00000000"]
        assert listening(opened.notification_port) == ["0100007F"]


@pytest.mark.mode("embedded")
def test_the_landing_page_leads_to_the_mailbox(api, stack):
    assert f"{stack.notification_url}/mailbox" in api.user.get("/").text


@pytest.mark.mode("distributed")
@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/messages"])
def test_the_distributed_service_has_none(api, path):
    expect_problem(api.notification.get(path), "not_found")
