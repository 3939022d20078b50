# SPDX-License-Identifier: Apache-2.0
"""Reads and writes without a pause, while the database changes its role."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import httpx

from .background import Background
from .client import Account, Api, new_email, new_password

CLIENTS = 4


class Load(Background):
    """Registers, signs in and reads a profile, in threads, and keeps the statuses and what was promised."""

    def __init__(self, stack, owner: Account) -> None:
        self.stack, self.owner = stack, owner
        self.writes: list[int] = []
        self.reads: list[int] = []
        self.unwaited: list[int] = []  # 503 that do not say when to come again
        self.registered: list[str] = []
        self.acknowledged: list[float] = []  # when each of them was
        self.signed_in: list[str] = []  # refresh tokens
        self.slowest = 0.0

    def tasks(self) -> list[Callable[[], None]]:
        return [self._work] * CLIENTS

    def __str__(self) -> str:
        return f"writes {dict(Counter(self.writes))}, reads {dict(Counter(self.reads))}, slowest {self.slowest:.2f} s"

    def longest_gap(self) -> float:
        """Seconds in which no write was acknowledged."""
        times = sorted(self.acknowledged)
        return max(later - earlier for earlier, later in pairwise(times))

    def _work(self) -> None:
        api = Api(self.stack)
        while not self.over.is_set():
            email = new_email()
            if self._timed(api.register, email, new_password(), into=self.writes).status_code == 202:
                self.registered.append(email)
                self.acknowledged.append(time.monotonic())
            answer = self._timed(api.login, self.owner.email, self.owner.password, into=self.writes)
            if answer.status_code == 200:
                self.signed_in.append(answer.json()["refresh_token"])
            self._timed(api.profile, self.owner.bearer, into=self.reads)
        api.close()

    def _timed(self, call, *arguments, into: list[int]) -> httpx.Response:
        began = time.monotonic()
        answer = call(*arguments)
        self.slowest = max(self.slowest, time.monotonic() - began)
        into.append(answer.status_code)
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.unwaited.append(answer.status_code)
        return answer


def written_everywhere(stack) -> bool:
    """Every core has connections of its own."""
    return everywhere(stack, lambda api: api.register(new_email(), new_password()).status_code == 202)


def read_everywhere(stack, owner: Account) -> bool:
    """As written_everywhere, and both services say that they are ready, which they look at every two seconds."""

    def reads(api: Api) -> bool:
        answers = [api.profile(owner.bearer), api.user.get("/ready"), api.notification.get("/ready")]
        return all(answer.status_code == 200 for answer in answers)

    return everywhere(stack, reads)


def everywhere(stack, ask: Callable[[Api], bool]) -> bool:
    """Connections go to the cores in turns."""
    for _ in range(6):
        api = Api(stack)
        good = ask(api)
        api.close()
        if not good:
            return False
    return True
