# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md lists every code that a fault of a field can have."""

from __future__ import annotations

import re

from harness.packages import REPOSITORY

WORDS = r'"([a-z]+_[a-z_]+|required)", (?:fmt::format\()?"(?:is|must|cannot) '


def test_every_code_of_a_field_is_listed():
    listed = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/errors.md").read_text(), re.MULTILINE))
    sources = [file for part in ("platform", "services") for file in (REPOSITORY / part).rglob("*.[ch]pp") if "tests" not in file.parts]
    used = {code for file in sources for code in re.findall(WORDS, file.read_text())}
    assert len(used) >= 10
    assert used <= listed
