# SPDX-License-Identifier: Apache-2.0
"""The lane `kill`: 50 rounds or more, MICRO_SAYUR_KILL_ROUNDS of them."""

import os

import pytest

from kill.rounds import chosen_seed, expect_nothing_lost, run_rounds

ROUNDS = int(os.environ.get("MICRO_SAYUR_KILL_ROUNDS", "60"))


@pytest.mark.mode("distributed")
@pytest.mark.timeout(1800)
def test_no_acknowledged_registration_is_lost(stack, capfd):
    with capfd.disabled():
        print()
        result = run_rounds(stack, ROUNDS, chosen_seed())
    assert result.faults.total() == ROUNDS
    assert result.events > ROUNDS
    expect_nothing_lost(result)
