# SPDX-License-Identifier: Apache-2.0
"""What is no valid access token gets 401 with WWW-Authenticate, from both services."""

import base64
import hmac
import json
import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.client import Api, expect_problem, wait_until


def encoded(part: dict | bytes) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forger:
    """Makes tokens like a real one, with one thing wrong."""

    def __init__(self, stack, good: str) -> None:
        self.header = jwt.get_unverified_header(good)
        self.claims = jwt.decode(good, options={"verify_signature": False})
        path = stack.keys_directory / f"{self.header['kid']}.pem"
        self.key = serialization.load_pem_private_key(path.read_bytes(), None)

    def sign(self, claims: dict | None = None, header: dict | None = None, key=None, without: tuple[str, ...] = ()) -> str:
        body = {k: v for k, v in {**self.claims, **(claims or {})}.items() if k not in without}
        head = {**{k: self.header[k] for k in ("typ", "kid")}, **(header or {})}
        return jwt.encode(body, key or self.key, "ES256", headers={k: v for k, v in head.items() if v is not None})

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def forger(stack, account):
    return Forger(stack, account.tokens["access_token"])


def with_hmac(forger, key: bytes) -> str:
    head = {"alg": "HS256", "typ": "at+jwt", "kid": forger.header["kid"]}
    text = f"{encoded(head)}.{encoded(forger.claims)}"
    # pyjwt refuses to sign with a PEM; an attacker would not.
    signature = hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{encoded(signature)}"


def without_signature(forger, algorithm: str) -> str:
    return f"{encoded({'alg': algorithm, 'typ': 'at+jwt', 'kid': forger.header['kid']})}.{encoded(forger.claims)}."


def with_embedded_key(forger) -> str:
    """Signed by a key that the token itself brings along."""
    own = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    return forger.sign(key=own, header={"jwk": public})


NOW = int(time.time())
FORGERIES = {
    "garbage": lambda f: "garbage",
    "two dots": lambda f: "..",
    "not base64": lambda f: "a.b.c",
    "too long": lambda f: "A" * 9000,
    "alg none": lambda f: without_signature(f, "none"),
    "alg None": lambda f: without_signature(f, "None"),
    "ES256 without signature": lambda f: without_signature(f, "ES256"),
    "HS256 with the public key as PEM": lambda f: with_hmac(f, f.public_pem()),
    "HS256 with the key id": lambda f: with_hmac(f, f.header["kid"].encode()),
    "another key under the known kid": lambda f: f.sign(key=ec.generate_private_key(ec.SECP256R1())),
    "a key that the token brings along": with_embedded_key,
    "unknown kid": lambda f: f.sign(header={"kid": str(uuid.uuid4())}),
    "kid that is a path": lambda f: f.sign(header={"kid": "../../../../etc/passwd"}),
    "typ JWT": lambda f: f.sign(header={"typ": "JWT"}),
    "typ absent": lambda f: f.sign(header={"typ": None}),
    "other issuer": lambda f: f.sign({"iss": "https://evil.example"}),
    "other audience": lambda f: f.sign({"aud": "somebody-else"}),
    "expired": lambda f: f.sign({"iat": NOW - 1000, "exp": NOW - 60}),
    "expires never": lambda f: f.sign(without=("exp",)),
    "exp that is text": lambda f: f.sign({"exp": "tomorrow"}),
    "without subject": lambda f: f.sign(without=("sub",)),
    "without session": lambda f: f.sign(without=("sid",)),
    "without issuer": lambda f: f.sign(without=("iss",)),
    "without audience": lambda f: f.sign(without=("aud",)),
    "subject that is no id": lambda f: f.sign({"sub": "1 or 1=1"}),
    "session that nobody has": lambda f: f.sign({"sid": str(uuid.uuid4())}),
    "changed payload": lambda f: ".".join([*f.sign().split(".")[:1], encoded({**f.claims, "roles": ["admin"]}), f.sign().split(".")[2]]),
}


def test_the_forger_makes_good_tokens_too(api, forger):
    """Otherwise the forgeries would prove nothing."""
    assert api.profile({"Authorization": f"Bearer {forger.sign()}"}).status_code == 200
    assert api.profile({"Authorization": f"bearer {forger.sign()}"}).status_code == 200, "the scheme is case-insensitive"


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
        client = Api(stack)
        answer = client.notifications(admin)
        expect_problem(answer, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        forged = {"Authorization": f"Bearer {forger.sign(key=ec.generate_private_key(ec.SECP256R1()))}"}
        expect_problem(client.notifications(forged), "unauthenticated")
        client.close()
    finally:
        stack.user_service.start()
    assert api.notifications(admin).status_code == 200
