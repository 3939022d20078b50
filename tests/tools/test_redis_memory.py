# SPDX-License-Identifier: Apache-2.0
"""tools/redis_memory.py: Redis is given what the budgets of budgets.hpp may fill."""

from __future__ import annotations

import math
import re
import subprocess
import sys

from harness.packages import REPOSITORY

CONFIGURATION = REPOSITORY / "deployments/compose/redis.conf"


def judge(configuration) -> subprocess.CompletedProcess:
    command = [sys.executable, str(REPOSITORY / "tools/redis_memory.py"), str(configuration)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_redis_has_memory_for_every_budget():
    done = judge(CONFIGURATION)
    assert done.returncode == 0, done.stderr
    for kind in ("throttle:blocked:", "throttle:turn:", "throttle:failures:account:", "mails:", "session:"):
        assert kind in done.stdout
    assert "maxmemory 192 MiB" in done.stdout


def test_too_little_memory_is_told_with_what_is_needed(tmp_path):
    small = tmp_path / "redis.conf"
    small.write_text("maxmemory 128mb\n")
    done = judge(small)
    assert done.returncode == 1
    needed = float(re.search(r"to spare ([\d.]+) MiB", done.stdout)[1])
    assert needed > 128
    assert f"set it to {math.ceil(needed)}mb" in done.stderr


def test_a_full_redis_forgets_nothing():
    assert "\nmaxmemory-policy noeviction\n" in CONFIGURATION.read_text()
