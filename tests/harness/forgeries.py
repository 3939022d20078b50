# SPDX-License-Identifier: Apache-2.0
"""Access tokens like real ones, each with one thing wrong."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


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
