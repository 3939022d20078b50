# SPDX-License-Identifier: Apache-2.0
"""./sayur: what it says that there is, there is."""

from __future__ import annotations

import re
import subprocess

import pytest

from harness.packages import REPOSITORY


def sayur(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([REPOSITORY / "sayur", *arguments], capture_output=True, text=True, timeout=60, check=False)


SUBCOMMANDS = re.findall(r"^  (\w+)  +\w", sayur("help").stdout, re.MULTILINE)


def test_its_help_names_them():
    assert {"up", "test", "drill", "compose"} <= set(SUBCOMMANDS)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_explains_itself(name):
    done = sayur(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"./sayur {name}" in done.stdout


def test_another_is_refused():
    done = sayur("rehearse")
    assert done.returncode == 64
    assert 'there is no subcommand "rehearse"' in done.stderr
