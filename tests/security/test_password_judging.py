# SPDX-License-Identifier: Apache-2.0
"""A name of thirty thousand words, to make the judging of one password take a thread for seconds."""

import httpx

from harness.crowd import cpu_seconds


def cost_of(url: str, name: str) -> float:
    """CPU-seconds of a registration that is refused."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        before = cpu_seconds(url)
        body = {"email": "nobody", "password": "a" * 64, "name": name}
        assert client.post(f"{url}/api/v1/auth/register", json=body).status_code == 422
        return cpu_seconds(url) - before


def test_a_name_of_many_words_costs_no_more_than_a_long_one(victim):
    many, long = cost_of(victim.user_url, "a " * 29_000), cost_of(victim.user_url, "a" * 58_000)
    print(f"a name of 29,000 words {1e3 * many:.1f} ms, one of 58,000 letters {1e3 * long:.1f} ms")
    assert many < 2 * long + 0.05
