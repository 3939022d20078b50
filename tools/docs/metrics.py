#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/operations/metrics.md from what two running services say about their metrics, after each has done all kinds of its work once.
With --check it only compares, and fails when they differ."""

from __future__ import annotations

import argparse
import re
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "docs" / "operations" / "metrics.md"
HEAD = """# Metrics

Made by `python3 tools/docs/metrics.py` from what running services say; do not edit.
[monitoring.md](monitoring.md) says what to do with them.

Each service answers `/metrics` on its own port, not through the gateway: Prometheus' text format 0.0.4, or OpenMetrics 1.0 with
exemplars for whoever accepts that. Names are those of [ADR 0026](../adr/0026-metrics.md); the values of labels come out of closed sets, so
that no series is added with a user.

| Metric | Kind | Labels | Service | What it is |
|---|---|---|---|---|
"""


@dataclass
class Family:
    kind: str
    help: str
    labels: set[str] = field(default_factory=set)
    services: list[str] = field(default_factory=list)


def families_of(text: str) -> dict[str, Family]:
    """By name; counters with their `_total`."""
    found: dict[str, Family] = {}
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        found[name] = Family(kind, helps[name])
    for sample, labels in re.findall(r"^([a-z_]\w*)\{(.*)\} \S+$", text, re.MULTILINE):
        family = found.get(sample) or found[re.sub(r"_(bucket|sum|count)$", "", sample)]
        family.labels |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    return found


def document(texts: dict[str, str]) -> str:
    """Of the text of /metrics by the service's name."""
    every: dict[str, Family] = {}
    for service, text in texts.items():
        for name, family in families_of(text).items():
            known = every.setdefault(name, family)
            known.labels |= family.labels
            known.services.append(service)
    rows = [
        f"| `{name}` | {family.kind} | {', '.join(f'`{label}`' for label in sorted(family.labels))} | "
        f"{'both' if len(family.services) == len(texts) else family.services[0]} | {family.help} |\n"
        for name, family in sorted(every.items())
    ]
    return HEAD + "".join(rows)


def read(url: str) -> str:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/metrics", timeout=10) as answer:
        return answer.read().decode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--users", default="http://127.0.0.1:8080", metavar="URL", help="the running user-service (default: that of ./sayur up)"
    )
    parser.add_argument("--notifications", default="http://127.0.0.1:8081", metavar="URL", help="the running notification-service")
    parser.add_argument("--check", action="store_true", help="compare only")
    given = parser.parse_args()
    made = document({"user-service": read(given.users), "notification-service": read(given.notifications)})
    if not given.check:
        TARGET.write_text(made)
    elif not TARGET.exists() or TARGET.read_text() != made:
        old = set(TARGET.read_text().splitlines()) if TARGET.exists() else set()
        new = set(made.splitlines())
        print(
            f"{TARGET} is stale:",
            *(f"- {line}" for line in sorted(old - new)),
            *(f"+ {line}" for line in sorted(new - old)),
            sep="\n",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
