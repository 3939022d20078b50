# SPDX-License-Identifier: Apache-2.0
"""What goes out: well-formed, safe, in both languages."""

import email
import email.policy
import re
from html.parser import HTMLParser

import pytest

from harness.client import link_of, new_email, new_password, token_of
from harness.stack import MAIL_FROM


def parsed(mail):
    return email.message_from_string(mail["raw"], policy=email.policy.default)


@pytest.fixture(scope="module")
def verification(module_api):
    made, _ = module_api.new_registration("Budi Santoso")
    return made, module_api.stack.mails(made.email)[0]


def test_headers_are_those_of_an_automatic_mail(verification, stack):
    made, mail = verification
    message = parsed(mail)
    assert message["From"].addresses[0].addr_spec == MAIL_FROM
    assert message["To"].addresses[0].addr_spec == made.email
    assert re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", message["Message-ID"])
    assert message["Date"].datetime is not None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        assert len(message.get_all(name)) == 1


def test_the_body_is_text_and_html_in_quoted_printable_utf_8(verification):
    message = parsed(verification[1])
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for part in (plain, html):
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"
    assert all(len(line) <= 998 for line in verification[1]["raw"].splitlines())


def test_the_html_carries_the_same_link_and_no_foreign_content(verification):
    _, mail = verification

    class Links(HTMLParser):
        found: list[str] = []  # noqa: RUF012  one parser, one list

        def handle_starttag(self, tag, attributes):
            assert tag not in ("script", "img", "iframe", "link", "form"), tag
            self.found += [value for name, value in attributes if name == "href"]

    parser = Links()
    parser.feed(mail["html"])
    assert set(parser.found) == {link_of(mail)}


def registration_attempt(api, stack, name):
    """A mail that greets by name: to an address that its owner has confirmed."""
    made = api.new_account(name, log_in=False)
    assert api.register(made.email, new_password()).status_code == 202
    return made, stack.wait_for_mails(made.email, 2)[0]


def test_a_name_is_escaped_in_html_and_plain_in_text(module_api, stack):
    name = '<b>Tom & "Jerry"</b> \' {{link}} {{{link}}}'
    _, mail = registration_attempt(module_api, stack, name)
    assert name in mail["text"]
    assert "<b>Tom" not in mail["html"]
    assert "&lt;b&gt;Tom &amp; " in mail["html"]


def test_a_mail_to_an_address_that_nobody_confirmed_holds_nothing_that_was_typed(module_api, stack):
    made, _ = module_api.new_registration("Selamat! Hadiah untuk Anda di pasar-hadiah.example", "en")
    (mail,) = stack.mails(made.email)
    for text in (mail["raw"], mail["text"], mail["html"]):
        assert "Selamat" not in text and "pasar-hadiah" not in text
    assert "from the network 127." in mail["text"], "where it was asked for"
    assert re.search(r"on \d+ \w+ \d{4} at \d\d:\d\d UTC", mail["text"]), "and when"
    link_of(mail)


@pytest.mark.parametrize(
    "name",
    [
        "Günther Größe 🥕",
        "李小龍",
        "=?utf-8?q?fake?=",
        '"quoted" <evil@example.net>',
        "a, b; c: d",
        "x" * 100,
        "क्\u200dषमा",
        "Bcc: evil@example.net",
    ],
)
def test_no_name_breaks_a_header(module_api, stack, name):
    made, mail = registration_attempt(module_api, stack, name)
    message = parsed(mail)
    addresses = message["To"].addresses
    assert [address.addr_spec for address in addresses] == [made.email]
    # Python 3.11 leaves a space between encoded words that RFC 2047 joins.
    assert addresses[0].display_name.replace(" ", "") in (name.replace(" ", ""), "")
    assert message["Bcc"] is None
    assert message["Cc"] is None


@pytest.mark.parametrize("tag", ["plus+tag", "under_score", "apo'strophe", "dot.ted", "sl/ash", "per%cent", "eq=ual", "and&amp"])
def test_unusual_addresses_get_their_mail(module_api, stack, tag):
    address = f"{tag}.{new_email('x')}"
    module_api.new_account(email=address)
    assert len(stack.mails(address)) == 1


def test_every_kind_of_mail_speaks_both_languages(module_api, stack):
    texts = {}
    for locale in ("id", "en"):
        made = module_api.new_account("Ayu", locale, log_in=False)
        assert module_api.register(made.email, new_password(), locale="id" if locale == "en" else "en").status_code == 202
        stack.wait_for_mails(made.email, 2)
        assert module_api.forgot_password(made.email).status_code == 202
        reset = stack.wait_for_mails(made.email, 3)[0]
        assert module_api.reset_password(token_of(reset), new_password()).status_code == 200
        texts[locale] = [mail["text"] for mail in stack.wait_for_mails(made.email, 4)]
    assert all(text.startswith("Halo Ayu,") for text in texts["id"][:3])
    assert all(text.startswith("Hello Ayu,") for text in texts["en"][:3])
    assert (texts["id"][3][:5], texts["en"][3][:6]) == ("Halo,", "Hello,"), "to an address that nobody has confirmed yet"
    assert len({text.splitlines()[2] for text in texts["id"] + texts["en"]}) == 8
