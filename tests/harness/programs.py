# SPDX-License-Identifier: Apache-2.0
"""The programs as they were built here, run alone and to their end."""

from __future__ import annotations

import os
import re
import subprocess

from .packages import REPOSITORY

EX_CONFIG, EX_USAGE = 78, 64


def binary(request, name: str) -> str:
    """Of the preset that the test run was started with."""
    return str(REPOSITORY / "build" / request.config.getoption("--preset") / "bin" / name)


def run(program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    """With these variables and none of the caller's, but for its PATH and what sanitizers are told."""
    kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key == "PATH"}
    return subprocess.run([program, *arguments], env=kept | env, capture_output=True, text=True, timeout=60, check=False)


def variables(program: str) -> dict[str, str]:
    """Every variable that --help lists, and its type."""
    listed = run(program, "--help").stdout.partition("VARIABLES")[2]
    return dict(re.findall(r"^  ([A-Z0-9_]+) +(\S+) ", listed, re.MULTILINE))


def faults(done: subprocess.CompletedProcess) -> set[str]:
    """The variables of which a program that ended with EX_CONFIG complained."""
    assert done.returncode == EX_CONFIG, (done.returncode, done.stderr)
    return set(re.findall(r"^  ([A-Z0-9_]+): ", done.stderr, re.MULTILINE))
