# SPDX-License-Identifier: Apache-2.0
"""Keys that collide in the standard library's hash, which has a fixed seed, to make a request of 64 KiB cost what a thousand do."""

import json
import random
import string
import struct

import httpx

from harness.crowd import cpu_seconds

# libstdc++'s std::hash<std::string>: MurmurHash64A.
MULTIPLIER = 0xC6A4A7935BD1E995
SEED = 0xC70F6907
MASK = (1 << 64) - 1
INVERSE = pow(MULTIPLIER, -1, 1 << 64)
PLAIN = frozenset((string.ascii_letters + string.digits + " !#$%&'()*+,-./:;<=>?@[]^_`{|}~").encode())
ROUNDS = 40


def mix(block: int) -> int:
    block = block * MULTIPLIER & MASK
    return (block ^ block >> 47) * MULTIPLIER & MASK


def unmix(mixed: int) -> int:
    block = mixed * INVERSE & MASK
    return (block ^ block >> 47) * INVERSE & MASK


def colliding_keys(count: int) -> list[str]:
    """Keys of 16 bytes with one hash: the second half of each leads the state that the first half made to the same end."""
    source = random.Random(1)
    letters = [byte for byte in PLAIN if chr(byte).isalnum()]
    start = (SEED ^ 16 * MULTIPLIER) & MASK
    keys = []
    while len(keys) < count:
        first = bytes(source.choices(letters, k=8))
        state = (start ^ mix(int.from_bytes(first, "little"))) * MULTIPLIER & MASK
        second = struct.pack("<Q", unmix(state))
        if PLAIN.issuperset(second):
            keys.append((first + second).decode())
    return keys


def cost_of(url: str, body: str) -> float:
    """CPU-seconds of a request."""
    with httpx.Client(trust_env=False) as client:
        before = cpu_seconds(url)
        for _ in range(ROUNDS):
            answer = client.post(f"{url}/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422), answer.text
        return (cpu_seconds(url) - before) / ROUNDS


def test_colliding_keys_cost_no_more_than_other_bodies_of_their_size(victim):
    colliding = json.dumps(dict.fromkeys(colliding_keys(2500), 1), separators=(",", ":"))
    assert 45_000 < len(colliding) < 65_536
    ordinary = json.dumps({"email": "a@example.com", "password": "", "x": "x" * (len(colliding) - 60)})
    attack, other = cost_of(victim.user_url, colliding), cost_of(victim.user_url, ordinary)
    print(f"colliding {1e3 * attack:.2f} ms, ordinary {1e3 * other:.2f} ms")
    assert attack < 2 * other + 0.002
