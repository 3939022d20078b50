#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/errors.md from contracts/problem_types.hpp. With --check it only compares, and fails when they differ."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "contracts" / "problem_types.hpp"
TARGET = ROOT / "docs" / "errors.md"
HEAD = """# Errors

Made by `python3 tools/docs/errors.py` from `contracts/problem_types.hpp`; do not edit.

Every error is a problem document (RFC 9457, `application/problem+json`): `type` is `/problems/<code>`, `code` never changes its meaning,
`detail` says what was wrong and what to do, `request_id` finds the log line. Faults of single fields stand in `errors`, at most 20, each with `field`
(a path such as `items[2].id`), `code` and `message`.

| Status | Code | Title |
|---|---|---|
"""


def document() -> str:
    pattern = re.compile(r'problem_type \w+\{\s*"(\w+)",\s*(\d+),\s*"([^"]+)"\};')
    types = pattern.findall(SOURCE.read_text())
    if not types:
        raise SystemExit(f"{SOURCE}: no problem types found")
    return HEAD + "".join(f"| {status} | `{code}` | {title} |\n" for code, status, title in types)


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() == document():
            return 0
        print(f"{TARGET.name} is not what {SOURCE.name} says; run python3 tools/docs/errors.py", file=sys.stderr)
        return 1
    TARGET.write_text(document())
    return 0


if __name__ == "__main__":
    sys.exit(main())
