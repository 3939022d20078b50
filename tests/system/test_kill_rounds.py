# SPDX-License-Identifier: Apache-2.0
"""A taste of the lane `kill`: three rounds of kill -9 under load, then the reckoning."""

import pytest

from kill.rounds import chosen_seed, expect_nothing_lost, run_rounds


@pytest.mark.mode("distributed")
def test_three_kills_lose_nothing(repaired):
    expect_nothing_lost(run_rounds(repaired, 3, chosen_seed()))
