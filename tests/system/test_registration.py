# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/auth/register: one answer for every address, one mail for every request."""

import uuid

import pytest

from harness.client import Account, expect_problem, link_of, new_email, new_password


def test_a_registration_is_accepted_and_causes_exactly_one_mail(api, stack):
    email = new_email()
    answer = api.register(email, new_password())
    assert answer.status_code == 202
    assert answer.json() == {"status": "verification_required"}
    assert answer.headers["cache-control"] == "no-store"
    stack.wait_for_mails(email)
    api.settle()
    assert len(stack.mails(email)) == 1


@pytest.mark.past_the_gateway("it refuses an unknown host by itself")
def test_the_link_stands_on_the_public_base_url_whatever_the_host_header_says(api, stack):
    email = new_email()
    assert api.register(email, new_password(), headers={"Host": "evil.example"}).status_code == 202
    (mail,) = stack.wait_for_mails(email)
    assert link_of(mail).startswith(f"{stack.user_url}/verify-email?token=")
    assert "evil.example" not in mail["raw"]


def test_the_mail_is_indonesian_unless_english_is_asked_for(api, stack):
    subjects = {}
    for locale in (None, "id", "en"):
        email = new_email()
        assert api.register(email, new_password(), locale=locale).status_code == 202
        subjects[locale] = stack.wait_for_mails(email)[0]["subject"]
    for locale, accepted in (("en-US", ""), ("fr", "en-GB"), (None, "en;q=0.5, fr"), ("IN", "en")):
        email = new_email()
        assert api.register(email, new_password(), locale=locale, headers={"Accept-Language": accepted}).status_code == 202
        (mail,) = stack.wait_for_mails(email)
        language = "id" if locale == "IN" else "en"
        assert mail["subject"] == ("Verifikasi alamat surel Anda" if language == "id" else "Verify your e-mail address")
        assert f"Content-Language: {language}\r\n" in mail["raw"].replace("\r\n", "\n").replace("\n", "\r\n")
    assert subjects[None] == subjects["id"] == "Verifikasi alamat surel Anda"
    assert subjects["en"] == "Verify your e-mail address"


def test_a_known_address_gets_the_same_answer_to_the_letter_and_its_owner_one_mail_without_a_token(api, stack):
    known = api.new_account(log_in=False)
    fresh_answer = api.register(new_email(), new_password())
    known_answer = api.register(known.email, new_password(), "Somebody Else")
    assert known_answer.status_code == fresh_answer.status_code == 202
    assert known_answer.content == fresh_answer.content
    varying = {"date", "x-request-id", "traceparent"}
    assert {k: v for k, v in known_answer.headers.items() if k not in varying} == {
        k: v for k, v in fresh_answer.headers.items() if k not in varying
    }
    mail = stack.wait_for_mails(known.email, 2)[0]
    assert mail["subject"] == "Anda sudah memiliki akun"
    assert "token=" not in mail["raw"]
    assert "Somebody Else" not in mail["text"], "the owner's mail must not carry what a stranger typed"
    api.settle()
    assert len(stack.mails(known.email)) == 2


def test_the_owners_password_stays_when_somebody_registers_the_address_again(api):
    known = api.new_account(log_in=False)
    others = new_password()
    assert api.register(known.email, others).status_code == 202
    expect_problem(api.login(known.email, others), "invalid_credentials")
    api.must_log_in(known.email, known.password)


@pytest.mark.parametrize("spelling", [str.upper, lambda email: f"  {email} ", lambda email: email.replace("example.com", "EXAMPLE.com")])
def test_an_address_is_the_same_in_every_spelling(api, stack, spelling):
    known = api.new_account(log_in=False)
    assert api.register(spelling(known.email), new_password()).status_code == 202
    assert stack.wait_for_mails(known.email, 2)[0]["subject"] == "Anda sudah memiliki akun"
    api.must_log_in(spelling(known.email), known.password)


def test_an_international_domain_is_one_address_in_both_its_forms(api, stack):
    local = f"user.{uuid.uuid4().hex[:12]}"
    password = new_password()
    assert api.register(f"{local}@bücher.example", password).status_code == 202
    (mail,) = stack.wait_for_mails(local)
    token = link_of(mail).partition("token=")[2]
    verified = api.verify(token, password).json()["user"]
    assert verified["email"] == f"{local}@bücher.example", "stored as typed"
    api.must_log_in(f"{local}@xn--bcher-kva.example", password)


def test_the_address_is_stored_as_typed(api):
    email = "User." + new_email("Typed")
    made = api.new_account(email=email)
    assert api.profile(made.bearer).json()["email"] == email


@pytest.mark.parametrize("name", ["Ng", "Nyai Ratu 🌶️ <b>&amp;", "O'Brien; DROP TABLE accounts; --", "李小龍", "x" * 100, "ẹ́" * 30])
def test_a_name_may_be_nearly_anything(api, name):
    made = api.new_account(name)
    assert api.profile(made.bearer).json()["name"] == name


def test_a_name_is_trimmed(api):
    made = api.new_account("  Budi Santoso\t")
    assert api.profile(made.bearer).json()["name"] == "Budi Santoso"


def test_a_password_may_hold_any_characters(api):
    password = "kata sandi 🥬 平仮名 пробел \"\\ ' {}"
    made = Account(new_email(), password, "Siti")
    assert api.register(made.email, password, made.name).status_code == 202
    token = link_of(api.stack.wait_for_mails(made.email)[0]).partition("token=")[2]
    assert api.verify(token, password).status_code == 200
    api.must_log_in(made.email, password)
    expect_problem(api.login(made.email, password.lower() + " "), "invalid_credentials")
