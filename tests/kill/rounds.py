# SPDX-License-Identifier: Apache-2.0
"""kill -9 of one of the five processes at a time, at a moment of chance, while people register; then a reckoning."""

from __future__ import annotations

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from harness.background import Background
from harness.client import Account, Api, new_email, new_password, token_of, wait_until

VICTIMS = ("user-service", "notification-service", "postgres", "rabbitmq", "redis")
CLIENTS = 4
PACE_SECONDS = 0.03  # between two requests of a client
MAIL_SECONDS = 90  # a mail found in `sending` after a crash waits for the end of its lease


def chosen_seed() -> int:
    return int(os.environ.get("MICRO_SAYUR_SEED") or random.SystemRandom().randrange(1 << 32))


class Load(Background):
    """Clients that register until stopped. What was acknowledged and what was not is told apart by the answer alone."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.accepted: list[Account] = []
        self.refused: list[Account] = []  # 503: must have had no effect, or its whole effect
        self.unanswered: list[Account] = []  # the connection broke: either
        self.unexpected: list[str] = []

    def tasks(self) -> list[Callable[[], None]]:
        return [self._register] * CLIENTS

    @property
    def attempts(self) -> int:
        return len(self.accepted) + len(self.refused) + len(self.unanswered)

    def _register(self) -> None:
        api = Api(self.stack)
        while not self.over.wait(PACE_SECONDS):
            made = Account(new_email("kill"), new_password(), "Siti Aminah")
            try:
                answer = api.register(made.email, made.password, made.name)
            except httpx.TransportError:
                self.unanswered.append(made)
                continue
            if answer.status_code == 202:
                self.accepted.append(made)
            elif answer.status_code == 503:
                self.refused.append(made)
            else:
                self.unexpected.append(f"{answer.status_code} {answer.text}")
        api.close()


@dataclass
class Reckoning:
    events: int = 0
    faults: Counter = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    duplicates: int = 0
    not_acknowledged: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return (
            f"{self.events} events, {self.faults.total()} faults, {len(self.lost)} lost, {self.duplicates} duplicates"
            f" ({kinds}; {self.not_acknowledged} registrations not acknowledged)"
        )


def kill_one(stack, name: str) -> None:
    (stack.services.get(name) or stack.servers[name]).kill()


def start_one(stack, name: str) -> None:
    service = stack.services.get(name)
    if service is None:
        stack.servers[name].start()
    else:
        service.start(wait=False)


def run_rounds(stack, rounds: int, seed: int) -> Reckoning:
    """Prints the seed, with which MICRO_SAYUR_SEED repeats the choices, though not the moments to the microsecond."""
    print(f"MICRO_SAYUR_SEED={seed}, {rounds} rounds", flush=True)
    chance = random.Random(seed)
    result = Reckoning()
    # Every victim has its turn once all others have had theirs.
    turns = [name for _ in range(rounds // len(VICTIMS) + 1) for name in chance.sample(VICTIMS, len(VICTIMS))][:rounds]
    with Load(stack) as load:
        for number, name in enumerate(turns, 1):
            accepted, wanted = len(load.accepted), chance.randint(1, 15)
            wait_until(lambda n=accepted + wanted: len(load.accepted) >= n, 90, f"round {number}: registrations before {name} dies")
            time.sleep(chance.uniform(0, PACE_SECONDS))  # the moment is one of chance, not one that an answer has just marked
            kill_one(stack, name)
            result.faults[name] += 1
            attempts, wanted = load.attempts, chance.randint(0, 10)
            wait_until(lambda n=attempts + wanted: load.attempts >= n, 90, f"round {number}: attempts without {name}")
            start_one(stack, name)
            print(f"round {number}: {name}; {len(load.accepted)} acknowledged", flush=True)
    stack.repair()
    for service in stack.services.values():
        service.wait_ready()
    reckon(stack, load, result)
    print(result, flush=True)
    return result


def mails_by_address(stack) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for mail in stack.sink.mails:
        for address in mail.recipients:
            found[address].append({"text": mail.part("plain"), "id": mail.message["Message-ID"]})
    return found


def reckon(stack, load: Load, result: Reckoning) -> None:
    """Every 202 has its registration, which its mailed token turns into an account, and exactly its mail."""
    result.events = len(load.accepted)
    result.not_acknowledged = len(load.refused) + len(load.unanswered)
    result.wrong += load.unexpected
    wanted = {made.email for made in load.accepted}

    def arrived() -> bool:
        return wanted <= {address for mail in stack.sink.mails for address in mail.recipients}

    deadline = time.monotonic() + MAIL_SECONDS
    while not arrived() and time.monotonic() < deadline:
        time.sleep(0.1)
    api = Api(stack)
    api.settle()
    mails = mails_by_address(stack)
    for made in [*load.accepted, *load.refused, *load.unanswered]:
        own = mails.get(made.email, [])
        if not own:
            if made.email in wanted:
                result.lost.append(f"{made.email}: no mail")
            continue
        result.duplicates += len(own) - 1
        if len({mail["id"] for mail in own}) != 1:
            result.wrong.append(f"{made.email}: {len(own)} mails under different Message-IDs")
        answer = api.verify(token_of(own[0]), made.password)
        if answer.status_code != 200 or answer.json()["user"]["email"] != made.email:
            kind = result.lost if made.email in wanted else result.wrong
            kind.append(f"{made.email}: its token answers {answer.status_code} {answer.text}")
    sample = load.accepted[:: max(1, len(load.accepted) // 20)]
    for made in sample:
        answer = api.login(made.email, made.password)
        if answer.status_code != 200:
            result.lost.append(f"{made.email}: login answers {answer.status_code}")
    api.close()


def expect_nothing_lost(result: Reckoning) -> None:
    assert result.lost == [], "\n".join(result.lost[:20])
    assert result.wrong == [], "\n".join(result.wrong[:20])
