# SPDX-License-Identifier: Apache-2.0
"""People who register, log in and change their profile, without a pause, whatever happens to the servers."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Callable

import httpx

from harness.background import Background
from harness.client import Account, Api, new_email, new_password

from .ledger import Ledger

PACE_SECONDS = 0.02  # between two requests of one of them
REFUSED = 503
SESSION_ENDED = 401


class Writers(Background):
    """Notes in `ledger` what is acknowledged. 503 and broken connections are what an outage looks like; all else is unexpected."""

    def __init__(self, stack, ledger: Ledger, account: Account) -> None:
        self.stack, self.ledger, self.account = stack, ledger, account
        self.refused = Counter()
        self.ended: dict[str, bool] = {}
        self.unexpected: list[str] = []

    def tasks(self) -> list[Callable[[], None]]:
        return [self._register, self._log_in, self._change_profile]

    def _register(self) -> None:
        for api in self._paced():
            email = new_email("drill")
            if self._answer("registration", 202, api.register, email, new_password()) is not None:
                self.ledger.note("registration", email)

    def _log_in(self) -> None:
        for api in self._paced():
            answer = self._answer("login", 200, api.login, self.account.email, self.account.password)
            if answer is not None:
                self.ledger.note("login", claims(answer.json()["access_token"])["sid"])

    def _change_profile(self) -> None:
        for number, api in enumerate(self._paced(), 1):
            answer = self._answer("profile", 200, api.patch_profile, self.account.bearer, {"name": f"Siti {number}"})
            if self.ended.pop("profile", None):  # a restore ends every session
                self._sign_in_again(api)
            if answer is not None:
                self.ledger.note("profile", self.account.id, number)

    def _sign_in_again(self, api: Api) -> None:
        answer = api.login(self.account.email, self.account.password)
        if answer.status_code == 200:
            self.account.tokens = answer.json()

    def _paced(self):
        api = Api(self.stack)
        while not self.over.wait(PACE_SECONDS):
            yield api
        api.close()

    def _answer(self, kind: str, wanted: int, call: Callable[..., httpx.Response], *arguments) -> httpx.Response | None:
        try:
            answer = call(*arguments)
        except httpx.TransportError:
            self.refused[kind] += 1
            return None
        if answer.status_code == wanted:
            return answer
        if answer.status_code == REFUSED:
            self.refused[kind] += 1
        elif answer.status_code == SESSION_ENDED and kind == "profile":
            self.ended[kind] = True
        else:
            self.unexpected.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
        return None


def claims(token: str) -> dict:
    """Of an access token, unverified."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def wait_for(ledger: Ledger, since: float, kinds: tuple[str, ...], seconds: float) -> dict[str, float]:
    """When the first write of each kind was acknowledged after `since`."""
    deadline = time.monotonic() + seconds
    while True:
        found = {kind: ledger.first_after(since, kind) for kind in kinds}
        if None not in found.values():
            return found
        if time.monotonic() > deadline:
            absent = ", ".join(kind for kind, at in found.items() if at is None)
            raise TimeoutError(f"within {seconds:.0f} s nothing was acknowledged of: {absent}")
        time.sleep(0.01)
