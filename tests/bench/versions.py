# SPDX-License-Identifier: Apache-2.0
"""Two builds of the services, measured in one run: pairs interleaved A-B-B-A, and the 95% interval of their ratio."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from .http_benchmarks import GETS, LOGINS, REFRESHES
from .measure import per_cpu_second, progress
from .world import PASSWORD, World

PAIRS = 20
ROUNDS = 3  # a row that is noisy is run again, so often in all
SECONDS = 2
GOOD = ("no loss over 5%", "no growth over 1%")
LOSS = 0.95  # less than this share of the old rate is a loss over 5%

# Student's t, two-sided 95%, by degrees of freedom; more have the last.
T_95 = {9: 2.262, 10: 2.228, 11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 17: 2.110, 19: 2.093, 24: 2.064, 29: 2.045}


@dataclass
class Comparison:
    what: str
    old: float
    new: float
    low: float
    ratio: float
    high: float
    pairs: int

    @property
    def verdict(self) -> str:
        if self.low >= LOSS:
            return GOOD[0]
        return "LOSS" if self.high < LOSS else "noisy"

    def line(self, width: int) -> str:
        figures = f"{self.old:>9,.0f}  {self.new:>9,.0f}  {self.ratio:>7.3f}  {self.low:.3f} to {self.high:.3f}  {self.pairs:>5}"
        return f"{self.what:<{width}}  {figures}  {self.verdict}"


def interval(old: list[float], new: list[float]) -> tuple[float, float, float]:
    """The geometric mean of the pairs' ratios new/old, between the ends of its 95% interval."""
    logs = [math.log(after / before) for before, after in zip(old, new, strict=True)]
    freedom = len(logs) - 1
    t = T_95[max(known for known in T_95 if known <= freedom)]
    middle, half = statistics.mean(logs), t * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(middle - half), math.exp(middle), math.exp(middle + half)


def compare_pairs(what: str, old: Callable[[], float], new: Callable[[], float], pairs: int = PAIRS, rounds: int = ROUNDS) -> Comparison:
    """A noisy comparison is run again, whole: pairs are not added until the answer pleases."""
    for attempt in range(1, rounds + 1):
        olds: list[float] = []
        news: list[float] = []
        for number in range(pairs):
            for take, into in ((old, olds), (new, news)) if number % 2 == 0 else ((new, news), (old, olds)):
                into.append(take())
        made = Comparison(what, statistics.median(olds), statistics.median(news), *interval(olds, news), pairs)
        if made.verdict != "noisy":
            break
        progress(f"{what}: noisy ({made.low:.3f} to {made.high:.3f}), round {attempt} of {rounds}")
    return made


def profile_reads(world: World) -> Callable[[], float]:
    tokens = world.make_tokens(world.make_accounts(50))
    url = f"{world.stack.user_url}/api/v1/profile"
    return lambda: per_cpu_second([world.user.process.pid], lambda: world.wrk(url, SECONDS, 32, GETS, tokens))


def logins(world: World) -> Callable[[], float]:
    bodies = [f'{{"email":"{email}","password":"{PASSWORD}"}}' for email in world.make_accounts(200)]
    url = f"{world.stack.user_url}/api/v1/auth/login"
    return lambda: per_cpu_second([world.user.process.pid], lambda: world.wrk(url, SECONDS, 4 * world.cores, LOGINS, bodies))


def refreshes(world: World) -> Callable[[], float]:
    emails = world.make_accounts(20)
    url = f"{world.stack.user_url}/api/v1/auth/refresh"

    def rate() -> float:
        fresh = [world.api.must_log_in(email, PASSWORD)["refresh_token"] for email in emails]
        return per_cpu_second([world.user.process.pid], lambda: world.wrk(url, SECONDS, 16, REFRESHES, fresh))

    return rate


RATES = {
    "P1": ("authenticated profile GETs per CPU-second", profile_reads),
    "P3": ("logins per CPU-second", logins),
    "P4": ("refreshes per CPU-second", refreshes),
}


def compare_versions(old: World, new: World, names: list[str]) -> list[Comparison]:
    rows = []
    for name, (what, prepare) in RATES.items():
        if names and name not in names:
            continue
        progress(f"{name}: {what}, old and new")
        before, after = prepare(old), prepare(new)
        before(), after()  # caches fill
        rows.append(compare_pairs(f"{name} {what}", before, after))
        progress(f"{name}: {rows[-1].ratio:.3f}, {rows[-1].verdict}")
    return rows


def comparison_table(rows: list) -> str:
    """Of comparisons, and of other rows that have `what` and `line`."""
    width = max([4, *(len(row.what) for row in rows)])
    head = f"{'what':<{width}}  {'old':>9}  {'new':>9}  {'new/old':>7}  95% interval    pairs"
    return "\n".join([head, *(row.line(width) for row in rows)])
