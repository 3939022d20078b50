# SPDX-License-Identifier: Apache-2.0
"""The judgement of ./sayur bench --against."""

from __future__ import annotations

import random

from bench.versions import compare_pairs


def rates(middle: float, spread: float, seed: int):
    source = random.Random(seed)
    return lambda: middle * (1 + source.uniform(-spread, spread))


def test_equal_rates_are_no_loss():
    assert compare_pairs("equal", rates(1000, 0.02, 1), rates(1000, 0.02, 2)).verdict == "no loss over 5%"


def test_a_loss_of_a_tenth_is_a_loss():
    found = compare_pairs("slower", rates(1000, 0.02, 1), rates(900, 0.02, 2))
    assert found.verdict == "LOSS"
    assert found.low < 0.9 < found.high


def test_what_cannot_be_told_is_noisy_and_was_run_again():
    calls = []
    old, new = rates(1000, 0.5, 3), rates(960, 0.5, 4)
    found = compare_pairs("noisy", lambda: calls.append(1) or old(), new, pairs=10, rounds=3)
    assert found.verdict == "noisy"
    assert len(calls) == 30


def test_pairs_are_interleaved():
    order = []
    compare_pairs("order", lambda: order.append("A") or len(order), lambda: order.append("B") or len(order), pairs=10, rounds=1)
    assert "".join(order) == "ABBA" * 5
