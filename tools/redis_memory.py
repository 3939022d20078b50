#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much memory Redis needs so that it never has to refuse a write: prints the sum, and fails when maxmemory is less.

Usage: python3 tools/redis_memory.py [REDIS_CONF]

The counts are the budgets that an instance itself keeps to where the cache is in the process (budgets.hpp); under `noeviction` Redis holds
as many before anything is refused. A session's verdict has the budget of everything else.
"""

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BUDGETS = REPOSITORY / "services/user-service/adapters/cache/budgets.hpp"
CONFIGURATION = REPOSITORY / "deployments/compose/redis.conf"

# An entry costs 90 bytes beside its name (measured in Redis 7.0: 410,000 counters of 92-byte names with a TTL took 180 bytes each, the
# tables of names and of times in it). Names are as long as they may be: an address has 254 bytes, a device token's id 32, a network 45.
OVERHEAD, ADDRESS, DEVICE, NETWORK = 90, 254, 32, 45
SUBJECT = {
    "account": ADDRESS,
    "device": DEVICE + ADDRESS,
    "network": NETWORK,
    "blocked": DEVICE + ADDRESS,
    "turn": DEVICE + ADDRESS,
    "mails": ADDRESS + 16,
    "requests": NETWORK,
}
VERDICTS = ("session:", 36, 100_000)
SPARE = 0.1  # buffers of clients and of the log, fragmentation
UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}


def budgets() -> list[tuple[str, int, int]]:
    """Of each kind: how its names begin, how long the rest may be, and how many there are."""
    text = BUDGETS.read_text()
    prefixes = dict(re.findall(r'string_view (\w+) = "([^"]+)"', text))
    found = re.findall(r"\{of\((\w+)(?:, (\w+))?\), ([\d']+)", text)
    kinds = []
    for kind, subject, count in found:
        kinds.append((prefixes[kind] + prefixes.get(subject, ""), SUBJECT[subject or kind], int(count.replace("'", ""))))
    if len(kinds) < len(re.findall(r"of\(\w+[,)]", text)):
        raise SystemExit(f"{BUDGETS}: not every budget was understood")
    return [*kinds, VERDICTS]


def maxmemory(configuration: Path) -> int:
    found = re.search(r"^maxmemory (\d+)([kmg]b)?$", configuration.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{configuration}: it sets no maxmemory")
    return int(found[1]) * UNITS[found[2] or ""]


def main() -> int:
    configuration = Path(sys.argv[1]) if len(sys.argv) > 1 else CONFIGURATION
    total = 0
    print(f"{'kind':<28}{'entries':>9}{'bytes each':>12}{'MiB':>8}")
    for prefix, longest, count in budgets():
        each = OVERHEAD + len(prefix) + longest
        total += each * count
        print(f"{prefix:<28}{count:>9,}{each:>12}{each * count / 2**20:>8.1f}")
    needed = int(total * (1 + SPARE))
    given = maxmemory(configuration)
    print(f"sum {total / 2**20:.1f} MiB, with {SPARE:.0%} to spare {needed / 2**20:.1f} MiB; maxmemory {given / 2**20:.0f} MiB")
    if needed > given:
        print(f"{configuration}: maxmemory is less than the budgets may fill; set it to {-(-needed // 2**20)}mb", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
