# SPDX-License-Identifier: Apache-2.0
"""A steady small load through the entrance: one that reads of each service, and one that logs in, which is sent once and never again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from harness.background import Background
from harness.client import Api
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

READ_PACE_SECONDS, LIST_PACE_SECONDS, LOGIN_PACE_SECONDS = 0.05, 0.1, 0.5  # below the rates of one gateway


@dataclass
class Bearer:
    """A token of an account, exchanged long before it expires."""

    email: str
    password: str
    _headers: dict[str, str] = field(default_factory=dict)
    _renew_at: float = 0

    def headers(self, client: httpx.Client) -> dict[str, str]:
        if time.monotonic() >= self._renew_at:
            answer = client.post("/users/api/v1/auth/login", json={"email": self.email, "password": self.password})
            if answer.status_code == 200:  # else the earlier token goes on, and its answers tell
                self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
                self._renew_at = time.monotonic() + 240
        return self._headers


@dataclass
class SteadyLoad(Background):
    """Use as a context manager. `failures` are answers other than 200, and connections that broke."""

    stack: object
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0

    def tasks(self) -> list[Callable[[], None]]:
        api = Api(self.stack)
        self._account = api.new_account()
        api.close()
        return [self._read, self._list, self._log_in]

    def __str__(self) -> str:
        return f"{self.answers} answers, {len(self.failures)} failures, slowest {self.slowest * 1000:.0f} ms"

    def expect_no_failure(self, at_least: int) -> None:
        assert self.failures == [], self.failures[:10]
        assert self.answers >= at_least

    def _read(self) -> None:
        bearer = Bearer(self._account.email, self._account.password)
        self._repeat(READ_PACE_SECONDS, lambda client: client.get("/users/api/v1/profile", headers=bearer.headers(client)))

    def _list(self) -> None:
        bearer = Bearer(ADMIN_EMAIL, ADMIN_PASSWORD)
        self._repeat(LIST_PACE_SECONDS, lambda client: client.get("/notifications/api/v1/notifications", headers=bearer.headers(client)))

    def _log_in(self) -> None:
        body = {"email": self._account.email, "password": self._account.password}
        self._repeat(LOGIN_PACE_SECONDS, lambda client: client.post("/users/api/v1/auth/login", json=body))

    def _repeat(self, pace: float, request) -> None:
        with self.stack.client() as client:
            while not self.over.wait(pace):
                began = time.monotonic()
                try:
                    answer = request(client)
                except httpx.TransportError as error:
                    self.failures.append(f"{time.strftime('%T')} {error!r}")
                    continue
                self.answers += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                if answer.status_code != 200:
                    self.failures.append(f"{time.strftime('%T')} {answer.status_code} {answer.text[:200]}")
