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
`detail` says what was wrong and what to do, `request_id` finds the log line. Faults of single fields stand in `errors`, at most 20, each
with `field` (a path such as `items[2].id`), `code` and `message`.

Statuses that pass by themselves carry `Retry-After`, in whole seconds: wait that long, then ask again.

| Status | Code | Title | `Retry-After` |
|---|---|---|---|
"""

# Those that some answer has: always for the delay of a throttle, the gateway's rates and what passes by itself.
WITH_RETRY_AFTER = {"idempotency_key_in_use", "too_many_attempts", "rate_limited", "unavailable", "overloaded"}

FIELD_CODES = {
    "required": "is absent, or is null where it cannot be cleared",
    "unknown_field": "is no field of this request",
    "unknown_parameter": "is no parameter of this address",
    "given_twice": "is a parameter that is given more than once",
    "wrong_type": "is not of the JSON type that the message names",
    "too_short": "has fewer characters than the message says",
    "too_long": "has more characters (or bytes, where the message says so) than it may",
    "too_small": "is less than the message says",
    "too_large": "is more than the message says",
    "not_allowed": "is none of the values that the message lists",
    "invalid_format": "has not the form that the message describes: an address, a time, a UUID, a telephone number, a language tag",
    "not_deliverable": "is an address that the mail server here does not take: beyond ASCII before the @ (`MAIL_SMTPUTF8=false`)",
    "too_weak": "is a password that is easily guessed",
}
FIELD_HEAD = """
## Faults of fields

`code` in an entry of `errors`; `message` says more, for people.

| Code | The field |
|---|---|
"""


def document() -> str:
    pattern = re.compile(r'problem_type \w+\{\s*"(\w+)",\s*(\d+),\s*"([^"]+)"\};')
    types = pattern.findall(SOURCE.read_text())
    if not types:
        raise SystemExit(f"{SOURCE}: no problem types found")
    rows = [f"| {status} | `{code}` | {title} | {'yes' if code in WITH_RETRY_AFTER else ''} |\n" for code, status, title in types]
    fields = [f"| `{code}` | {meaning} |\n" for code, meaning in FIELD_CODES.items()]
    return "".join([HEAD, *rows, FIELD_HEAD, *fields])


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
