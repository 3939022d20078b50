# SPDX-License-Identifier: Apache-2.0
"""Tokens that say on which server their account lies: docs/adr/0036-when-one-postgresql-ends.md."""

from __future__ import annotations

import base64
import hashlib
import uuid

from .client import Api

# How what is known of a token becomes what is known of another.
RENAME = {
    "refresh": "update refresh_tokens set digest = '{new}' where digest = '{old}'",
    "reset": "update password_resets set digest = '{new}' where digest = '{old}'",
    "verification": "update registrations set token_digest = '{new}' where token_digest = '{old}'",
}


def place_of_address(email_key: str) -> str:
    """Where an address without an account lies: several registrations may wait for one, and none has become its account yet."""
    return str(uuid.UUID(bytes=hashlib.sha256(email_key.encode()).digest()[:16]))


def routed_token(place: str, token: str) -> str:
    """22 characters for the place (the account's id, or that of its address), a point, and the token as it is."""
    return base64.urlsafe_b64encode(uuid.UUID(place).bytes).decode().rstrip("=") + "." + token


def place_in(token: str) -> str:
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(token.partition(".")[0] + "==")))


def digest(token: str) -> str:
    """As the database has it."""
    return "\\x" + hashlib.sha256(token.encode()).hexdigest()


def present(stack, kind: str, token: str, password: str) -> int:
    """The status of a request with this token."""
    api = Api(stack)
    match kind:
        case "refresh":
            answer = api.refresh(token)
        case "reset":
            answer = api.reset_password(token, password)
        case "verification":
            answer = api.verify(token, password)
    api.close()
    return answer.status_code
