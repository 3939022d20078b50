# SPDX-License-Identifier: Apache-2.0
"""The mail sink keeps what it accepts, and only that."""

import smtplib

import pytest

from harness.mail_sink import MailSink

TEXT = "From: a@example.com\r\nTo: b@example.com\r\nSubject: Selamat\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhalo\r\n"


@pytest.fixture
def sink():
    made = MailSink()
    made.start()
    yield made
    made.stop()


def send(sink):
    with smtplib.SMTP(sink.host, sink.port) as client:
        client.sendmail("a@example.com", ["b@example.com"], TEXT)


def test_an_accepted_mail_is_kept_as_it_came(sink):
    send(sink)
    (mail,) = sink.to("b@example.com")
    assert mail.message["Subject"] == "Selamat"
    assert mail.part("plain").strip() == "halo"
    assert mail.part("html") == ""
    assert sink.to("c@example.com") == []


def test_a_rejected_mail_is_not_kept(sink):
    sink.reject = "451 try later"
    with pytest.raises(smtplib.SMTPDataError):
        send(sink)
    assert sink.mails == []


def test_a_stopped_sink_refuses_connections_and_serves_again(sink):
    sink.stop()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
    sink.start()
    send(sink)
    assert len(sink.mails) == 1
