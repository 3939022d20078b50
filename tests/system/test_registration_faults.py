# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a registration is told for every field at once, and nothing happens."""

import uuid

import pytest

from harness.client import Api, expect_problem, faults_of, new_email, new_password

GOOD = {"email": "nobody@example.com", "password": "lumbung-bayam-sawah-71c4", "name": "Siti Aminah"}


def register(api, **changed):
    return api.user.post("/api/v1/auth/register", json={**GOOD, "email": new_email(), **changed})


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"email": "no-at-sign"}, {"email": "invalid_format"}),
        ({"email": "two@@example.com"}, {"email": "invalid_format"}),
        ({"email": "a@b..example"}, {"email": "invalid_format"}),
        ({"email": "a b@example.com"}, {"email": "invalid_format"}),
        ({"email": "a\r\nBcc: c@example.com"}, {"email": "invalid_format"}),
        ({"email": ""}, {"email": "invalid_format"}),
        ({"email": "x" * 250 + "@example.com"}, {"email": "too_long"}),
        ({"email": 7}, {"email": "wrong_type"}),
        ({"email": None}, {"email": "wrong_type"}),
        ({"password": "x7#Kq"}, {"password": "too_short"}),
        ({"password": "kangkung " * 20}, {"password": "too_long"}),
        ({"password": "password123"}, {"password": "too_weak"}),
        ({"password": "12345678"}, {"password": "too_weak"}),
        ({"password": "aaaaaaaaaaaaaaaa"}, {"password": "too_weak"}),
        ({"name": ""}, {"name": "too_short"}),
        ({"name": "   "}, {"name": "too_short"}),
        ({"name": "x" * 101}, {"name": "too_long"}),
        ({"name": "a\nb"}, {"name": "invalid_format"}),
        ({"name": "a\u0085b"}, {"name": "invalid_format"}),
        ({"name": "Budi \u202eosotnaS"}, {"name": "invalid_format"}),
        ({"name": "Selamat! http://jahat.example"}, {"name": "invalid_format"}),
        ({"email": "bu\u200bdi@example.com"}, {"email": "invalid_format"}),
        ({"email": "budi@exam\u200bple.com"}, {"email": "invalid_format"}),
        ({"locale": "id_ID"}, {"locale": "invalid_format"}),
        ({"locale": True}, {"locale": "wrong_type"}),
        ({"email": "x", "password": "1", "name": ""}, {"email": "invalid_format", "password": "too_short", "name": "too_short"}),
        (
            {"email": "none", "password": "short", "name": "x" * 101, "locale": "?"},
            {"email": "invalid_format", "password": "too_short", "name": "too_long", "locale": "invalid_format"},
        ),
        (
            {"name": [], "email": "none", "locale": "?", "extra": 1, "password": "password123"},
            {
                "name": "wrong_type",
                "email": "invalid_format",
                "locale": "invalid_format",
                "extra": "unknown_field",
                "password": "too_weak",
            },
        ),
    ],
)
def test_each_fault_is_named_with_its_field(api, changed, faults):
    assert faults_of(register(api, **changed)) == faults


@pytest.fixture(scope="module")
def without_smtputf8(stack):
    """An instance that knows that the mail server takes ASCII before the @ only."""
    with stack.instance(MAIL_SMTPUTF8="false") as made:
        client = Api(made)
        yield client
        client.close()


@pytest.mark.parametrize("local", ["börje", "用户", "bo\u0308rje"])
def test_an_address_that_the_mail_server_will_not_take_is_refused_beforehand(without_smtputf8, local):
    answer = register(without_smtputf8, email=f"{local}@example.com")
    assert faults_of(answer) == {"email": "not_deliverable"}
    (fault,) = answer.json()["errors"]
    assert "before the @" in fault["message"]
    assert "use another address" in fault["message"]


def test_that_is_told_with_the_other_faults(without_smtputf8):
    faults = faults_of(register(without_smtputf8, email="börje@example.com", password="password123", name=""))
    assert faults == {"email": "not_deliverable", "password": "too_weak", "name": "too_short"}
    assert faults_of(register(without_smtputf8, email="börje@@example.com")) == {"email": "invalid_format"}


def test_a_domain_beyond_ascii_is_within_reach_of_every_mail_server(without_smtputf8):
    assert register(without_smtputf8, email=f"borje.{uuid.uuid4().hex}@bücher.example").status_code == 202


def test_nothing_is_refused_where_nobody_knows_what_the_mail_server_takes(api):
    assert register(api, email=f"börje.{uuid.uuid4().hex}@example.com").status_code == 202


def test_a_bad_idempotency_key_is_told_with_the_faults_of_the_body(api):
    answer = api.user.post("/api/v1/auth/register", json={"email": "x"}, headers={"Idempotency-Key": "two words"})
    assert faults_of(answer) == {
        "Idempotency-Key": "invalid_format",
        "email": "invalid_format",
        "password": "required",
        "name": "required",
    }


def test_faults_of_one_kind_are_told_all_at_once(api):
    assert faults_of(api.post("register", {})) == {"email": "required", "password": "required", "name": "required"}
    wrong_types = faults_of(api.post("register", {"email": 1, "password": [], "name": {}, "locale": 2}))
    assert wrong_types == dict.fromkeys(["email", "password", "name", "locale"], "wrong_type")
    rules = register(api, email="none", password="password1", name="a\u0007b")
    assert faults_of(rules) == {"email": "invalid_format", "password": "too_weak", "name": "invalid_format"}


def test_an_unknown_field_is_refused_by_name(api):
    assert faults_of(register(api, nmae="Budi"), "unknown_field") == {"nmae": "unknown_field"}


def test_a_password_made_of_the_owners_own_words_is_too_weak(api):
    email = "wulandari.hartono@example.com"
    for password in ("wulandari", "hartono wulandari", "Wulandari.Hartono1"):
        answer = api.post("register", {"email": email, "password": password, "name": "Wulandari Hartono"})
        assert faults_of(answer) == {"password": "too_weak"}, password


@pytest.mark.parametrize("length", [8, 128])
def test_passwords_of_the_shortest_and_the_longest_kind_are_taken(api, length):
    password = "kJ4!wz#Q" + "é7" * 60
    assert api.register(new_email(), password[:length]).status_code == 202


def test_nothing_is_mailed_for_a_refused_registration(api, stack):
    email = new_email()
    expect_problem(api.register(email, "password123"), "validation_failed")
    api.settle()
    assert stack.mails(email) == []


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_a_body_that_is_no_object_is_a_fault_of_type(api, body):
    answer = api.user.post("/api/v1/auth/register", content=body, headers={"Content-Type": "application/json"})
    assert list(faults_of(answer).values()) == ["wrong_type"]


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "tab\there", "k\u00e9y"])
def test_an_idempotency_key_must_be_visible_ascii(api, key):
    headers = {"Idempotency-Key": key.encode("latin-1")}
    answer = api.user.post("/api/v1/auth/register", json={**GOOD, "email": new_email()}, headers=headers)
    if key == "":  # an empty header is none
        assert answer.status_code == 202
    else:
        assert faults_of(answer) == {"Idempotency-Key": "invalid_format"}


def test_a_new_password_is_not_echoed_in_the_problem(api):
    secret = new_password()
    answer = api.post("register", {"email": "none", "password": secret, "name": "x"})
    assert secret not in answer.text
