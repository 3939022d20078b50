# SPDX-License-Identifier: Apache-2.0
"""A client of both services, and the accounts that tests make with it."""

from __future__ import annotations

import json
import random
import re
import secrets
import threading
import time
from dataclasses import dataclass, field

import httpx

from .packages import REPOSITORY

PROBLEM_TYPE = re.compile(r'problem_type \w+\{"(\w+)", (\d+), "([^"]*)"\}')
PROBLEMS = {
    code: (int(status), title) for code, status, title in PROBLEM_TYPE.findall((REPOSITORY / "contracts" / "problem_types.hpp").read_text())
}

# Words from which zxcvbn makes no easy guess.
WORDS = ("kangkung", "bayam", "terong", "wortel", "gerobak", "lumbung", "sawah", "cangkul", "irigasi", "benih", "pupuk", "seledri")


class Secrets:
    """What must never be found in a log: every password and token that a test of this run has used."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._lock = threading.Lock()

    def add(self, text: str) -> str:
        with self._lock:
            self._texts.add(text)
        return text

    def all(self) -> list[str]:
        with self._lock:
            return sorted(self._texts)


SECRETS = Secrets()
PASSWORDS: dict[str, str] = {}
"""Of the registration that each token of a mail confirms."""


def source_address() -> str:
    """A loopback address to call from. Failed logins are counted by client address: with one of its own, no test disturbs another."""
    return f"127.{random.randint(1, 199)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def new_email(prefix: str = "user") -> str:
    return f"{prefix}.{secrets.token_hex(6)}@example.com"


def new_password() -> str:
    return SECRETS.add("-".join(random.sample(WORDS, 3)) + f"-{secrets.token_hex(4)}")


def wait_until(condition, seconds: float = 30, what: str = "the condition"):
    """Returns what `condition` returned when that was true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} was not met within {seconds} s"
        time.sleep(0.02)
    return value


def link_of(mail: dict[str, str]) -> str:
    """The one link of the text part, which stands unbroken on a line of its own."""
    links = [line for line in mail["text"].splitlines() if re.fullmatch(r"https?://\S+\?token=\S+", line)]
    assert len(links) == 1, f"the text has {len(links)} links on lines of their own:\n{mail['text']}"
    return links[0]


def token_of(mail: dict[str, str]) -> str:
    return SECRETS.add(link_of(mail).partition("?token=")[2])


def expect_problem(response: httpx.Response, code: str) -> dict:
    """Checks everything that is the same for all problems (RFC 9457 and our extensions) and returns the body."""
    status, title = PROBLEMS[code]
    assert response.headers.get("content-type", "").startswith("application/problem+json"), f"{response.status_code} {response.text}"
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), response.text
    assert body["type"] == f"/problems/{code}"
    assert body["title"] == title
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def faults_of(response: httpx.Response, code: str = "validation_failed") -> dict[str, str]:
    """Field -> code of a refused request; each has a message."""
    errors = expect_problem(response, code)["errors"]
    assert all(error["message"] for error in errors)
    return {error["field"]: error["code"] for error in errors}


class PatientTransport(httpx.HTTPTransport):
    """Does what a gateway asks for that counts requests by address: waits and asks again. Every test calls it from the same one."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        while True:
            answer = super().handle_request(request)
            if answer.status_code != 429 or json.loads(answer.read())["code"] != "rate_limited":
                return answer
            time.sleep(int(answer.headers["Retry-After"]))


@dataclass
class Account:
    email: str
    password: str
    name: str
    id: str = ""
    tokens: dict = field(default_factory=dict)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


class Api:
    """Calls both services of `stack` from one source address. Methods return the answer, whatever it is; those named `new_` and
    `must_` insist on success."""

    def __init__(self, stack, address: str | None = None, user_url: str | None = None, notification_url: str | None = None) -> None:
        self.stack = stack
        self.address = address or source_address()
        self.user = self._client(user_url or stack.user_url)
        self.notification = self._client(notification_url or stack.notification_url)

    def _client(self, url: str) -> httpx.Client:
        transport = PatientTransport(local_address=self.address, retries=0)
        return httpx.Client(base_url=url, headers=self.stack.headers_from(self.address), transport=transport, timeout=30, trust_env=False)

    def close(self) -> None:
        self.user.close()
        self.notification.close()

    def post(self, path: str, body: object = None, **options) -> httpx.Response:
        if isinstance(body, dict):
            for name in ("password", "token", "refresh_token", "device_token"):
                if isinstance(body.get(name), str) and len(body[name]) > 12:
                    SECRETS.add(body[name])
        answer = self.user.post(f"/api/v1/auth/{path}", json=body, **options)
        if answer.status_code == 200:
            for name in {"access_token", "refresh_token", "device_token"} & answer.json().keys():
                if answer.json()[name]:
                    SECRETS.add(answer.json()[name])
        return answer

    def register(self, email: str, password: str, name: str = "Siti Aminah", locale: str | None = None, **options) -> httpx.Response:
        body = {"email": email, "password": password, "name": name}
        if locale is not None:
            body["locale"] = locale
        return self.post("register", body, **options)

    def verify(self, token: str, password: str | None = None, **options) -> httpx.Response:
        """With the password of the registration whose token it is, where another is not given."""
        return self.post("verify-email", {"token": token, "password": password or PASSWORDS.get(token, "of no registration")}, **options)

    def resend(self, email: str, password: str) -> httpx.Response:
        return self.post("resend-verification", {"email": email, "password": password})

    def login(self, email: str, password: str, device_token: str | None = None, **options) -> httpx.Response:
        device = {} if device_token is None else {"device_token": device_token}
        return self.post("login", {"email": email, "password": password, **device}, **options)

    def refresh(self, token: str) -> httpx.Response:
        return self.post("refresh", {"refresh_token": token})

    def logout(self, bearer: dict[str, str]) -> httpx.Response:
        return self.user.post("/api/v1/auth/logout", headers=bearer)

    def forgot_password(self, email: str) -> httpx.Response:
        return self.post("forgot-password", {"email": email})

    def reset_password(self, token: str, password: str) -> httpx.Response:
        return self.post("reset-password", {"token": token, "password": password})

    def profile(self, bearer: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.user.get("/api/v1/profile", headers={**(bearer or {}), **headers})

    def patch_profile(self, bearer: dict[str, str], changes: object, **headers: str) -> httpx.Response:
        kept = {"Content-Type": "application/merge-patch+json", **bearer, **headers}
        return self.user.patch("/api/v1/profile", json=changes, headers=kept)

    def notifications(self, bearer: dict[str, str] | None = None, **query) -> httpx.Response:
        return self.notification.get("/api/v1/notifications", params=query, headers=bearer or {})

    def must_log_in(self, email: str, password: str) -> dict:
        answer = self.login(email, password)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def new_registration(self, name: str = "Siti Aminah", locale: str | None = None, email: str | None = None) -> tuple[Account, str]:
        """An account that still awaits verification, and the token of its mail."""
        made = Account(email or new_email(), new_password(), name)
        before = len(self.stack.mails(made.email))
        answer = self.register(made.email, made.password, made.name, locale)
        assert answer.status_code == 202, answer.text
        token = token_of(self.stack.wait_for_mails(made.email, before + 1)[0])
        PASSWORDS[token] = made.password
        return made, token

    def new_account(self, name: str = "Siti Aminah", locale: str | None = None, email: str | None = None, log_in: bool = True) -> Account:
        made, token = self.new_registration(name, locale, email)
        answer = self.verify(token)
        assert answer.status_code == 200, answer.text
        made.id = answer.json()["user"]["id"]
        if log_in:
            made.tokens = answer.json()
        return made

    def settle(self) -> None:
        """Returns when the mails that earlier requests caused have gone out: a later one has arrived."""
        self.new_registration()
