# SPDX-License-Identifier: Apache-2.0
"""What is no valid access token gets 401 with WWW-Authenticate, from both services."""

import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.client import Api, expect_problem, wait_until
from harness.forgeries import FORGERIES, NOW, Forger

pytestmark = pytest.mark.past_the_gateway("it answers in the services' place; test_gateway.py sends it the same forgeries")


@pytest.fixture(scope="module")
def forger(stack, account):
    return Forger(stack, account.tokens["access_token"])


def test_the_forger_makes_good_tokens_too(api, forger):
    """Otherwise the forgeries would prove nothing."""
    assert api.profile({"Authorization": f"Bearer {forger.sign()}"}).status_code == 200
    assert api.profile({"Authorization": f"bearer {forger.sign()}"}).status_code == 200, "the scheme is case-insensitive"


def test_spaces_before_the_token_are_read_over_and_tabs_are_not(api, account):
    """RFC 9110 section 11.4: one or more spaces."""
    token = account.tokens["access_token"]
    for spaces in (" ", "  ", "      "):
        assert api.profile({"Authorization": f"Bearer{spaces}{token}"}).status_code == 200
        assert api.notifications({"Authorization": f"Bearer{spaces}{token}"}).status_code == 403
    for other in ("\t", " \t", "\t ", ""):
        expect_problem(api.profile({"Authorization": f"Bearer{other}{token}"}), "unauthenticated")


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_token_opens_nothing(api, forger, what):
    headers = {"Authorization": f"Bearer {FORGERIES[what](forger)}"}
    answer = api.profile(headers)
    expect_problem(answer, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    admins = api.notifications({"Authorization": f"Bearer {FORGERIES[what](forger)}"})
    expect_problem(admins, "unauthenticated")
    assert admins.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dXNlcjpwYXNz", "Token abc"])
def test_without_a_token_the_challenge_names_no_error(api, header):
    headers = {} if header is None else {"Authorization": header}
    for answer in (api.profile(headers), api.notifications(headers)):
        expect_problem(answer, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_lives_through_the_leeway_and_no_longer(api, forger):
    ten_late = forger.sign({"iat": NOW - 700, "exp": int(time.time()) - 10})
    assert api.profile({"Authorization": f"Bearer {ten_late}"}).status_code == 200
    future = forger.sign({"iat": int(time.time()) + 3600, "exp": int(time.time()) + 4000})
    assert api.profile({"Authorization": f"Bearer {future}"}).status_code == 401


def test_an_id_token_of_the_role_admin_must_be_signed_by_us(api, forger):
    """Roles count only with our signature: with it they open the admin's API, without it nothing."""
    as_admin = {"Authorization": f"Bearer {forger.sign({'roles': ['customer', 'admin']})}"}
    assert api.notifications(as_admin).status_code == 200
    own = {"Authorization": f"Bearer {forger.sign({'roles': ['admin']}, key=ec.generate_private_key(ec.SECP256R1()))}"}
    expect_problem(api.notifications(own), "unauthenticated")


def test_two_authorization_headers_do_not_confuse(api, account):
    bearer = account.bearer["Authorization"]
    answer = api.user.get("/api/v1/profile", headers=[("Authorization", "Bearer garbage"), ("Authorization", bearer)])
    assert answer.status_code in (400, 401)


@pytest.mark.no_containers("writes key files for its own user's eyes, and the container's is another")
def test_a_new_key_is_published_before_it_signs_and_a_token_of_it_is_known(api, stack, forger):
    kid = f"later-{uuid.uuid4()}"
    own = ec.generate_private_key(ec.SECP256R1())
    path = stack.keys_directory / f"{kid}.pem"
    token = {"Authorization": f"Bearer {forger.sign(header={'kid': kid}, key=own)}"}
    expect_problem(api.profile(token), "unauthenticated")
    text = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.touch(0o600)
    path.write_bytes(text)
    try:
        published = lambda: kid in [key["kid"] for key in api.user.get("/.well-known/jwks.json").json()["keys"]]  # noqa: E731
        wait_until(published, 5, "the new key in the JWKS")
        assert api.profile(token).status_code == 200
        signing = api.new_account().tokens["access_token"]
        assert jwt.get_unverified_header(signing)["kid"] != kid, "a key signs only when everybody can know it"
    finally:
        path.unlink()
    wait_until(lambda: not published(), 5, "the withdrawal of the key")


def test_the_jwks_holds_public_parts_only(api):
    keys = api.user.get("/.well-known/jwks.json").json()["keys"]
    assert keys
    for key in keys:
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
        assert "d" not in key


@pytest.mark.mode("distributed")
def test_notification_service_lets_nobody_in_while_user_service_cannot_tell_of_sessions(stack, api, admin, forger):
    assert api.notifications(admin).status_code == 200
    assert stack.user_service.stop() == 0
    try:
        client = Api(stack, **stack.service_urls)
        answer = client.notifications(admin)
        expect_problem(answer, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        forged = {"Authorization": f"Bearer {forger.sign(key=ec.generate_private_key(ec.SECP256R1()))}"}
        expect_problem(client.notifications(forged), "unauthenticated")
        client.close()
    finally:
        stack.user_service.start()
    assert api.notifications(admin).status_code == 200
