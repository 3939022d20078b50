# SPDX-License-Identifier: Apache-2.0
"""Requests without a pause, and how long their answers take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import httpx

from harness.background import Background
from harness.client import Api, new_email, new_password


class Load(Background):
    """Reads and registrations without a pause, until it is left; keeps how long each answer took."""

    def __init__(self, world) -> None:
        self.api = Api(world)
        self.account = self.api.new_account()
        self.seconds: list[float] = []
        self.failed: list[str] = []

    def tasks(self) -> list[Callable[[], None]]:
        return [self._read, self._register]

    def _read(self) -> None:
        with httpx.Client(base_url=self.api.user.base_url, trust_env=False, timeout=10, headers=self.account.bearer) as client:
            while not self.over.wait(0.02):
                began = time.monotonic()
                try:
                    answer = client.get("/api/v1/profile")
                except httpx.HTTPError as error:
                    self.failed.append(repr(error))
                    continue
                self.seconds.append(time.monotonic() - began)
                if answer.status_code not in (200, 401):  # the token may have had its time
                    self.failed.append(answer.text)

    def _register(self) -> None:
        while not self.over.wait(0.5):
            if (answer := self.api.register(new_email(), new_password())).status_code not in (202, 429):
                self.failed.append(answer.text)

    def take(self) -> list[float]:
        taken, self.seconds = self.seconds, []
        return taken

    def __exit__(self, *broken: object) -> None:
        super().__exit__(*broken)
        self.api.close()


def milliseconds(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds) * 1000:.1f} ms, 99% {statistics.quantiles(seconds, n=100)[98] * 1000:.1f} ms"
