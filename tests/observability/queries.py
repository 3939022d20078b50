# SPDX-License-Identifier: Apache-2.0
"""What an expression of PromQL asks for, without a parser."""

import re


def series_of(expression: str) -> set[str]:
    """The names of series in an expression."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|ignoring|without) *\([^)]*\)', " ", expression)
    return {name for name in re.findall(r"[a-z_A-Z][\w:]*(?!\s*\()\b", bare) if "_" in name or ":" in name or name == "up"}


def patterns_of(expression: str) -> list[str]:
    """Those that are named by a value: `{__name__=~"…"}`."""
    return re.findall(r'__name__=~?"([^"]*)"', expression)
