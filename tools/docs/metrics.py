#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/operations/metrics.md from what two running services say about their metrics, after each has done all kinds of its work once,
and from what the backup job would say. With --check it only compares, and fails when they differ."""

from __future__ import annotations

import argparse
import re
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deployments" / "data" / "backup"))
from backup_metrics import samples
from backup_schedule import Backup, Repository

TARGET = Path(__file__).resolve().parents[2] / "docs" / "operations" / "metrics.md"
HEAD = """# Metrics

Made by `python3 tools/docs/metrics.py` from what running services, and the backup job, say; do not edit.
[monitoring.md](monitoring.md) says what to do with them.

Each service answers `/metrics` on its own port, not through the gateway: Prometheus' text format 0.0.4, or OpenMetrics 1.0 with
exemplars for whoever accepts that. The [backup job](data.md) answers at port 9854.

```sh
curl -s "$(./sayur compose port user-service 8080)/metrics"     # notification-service: 8081
curl -s -H 'Accept: application/openmetrics-text' "$(./sayur compose port user-service 8080)/metrics"
```

| Series of others that runbooks name | Where they come from |
|---|---|
| `objective:…` | recorded by Prometheus: `deployments/observability/slo.yaml`, [ADR 0027](../adr/0027-objectives.md) |
| `status:level` | recorded by Prometheus, for the [status page](status-page.md) |
| `envoy_…` | the gateway |
| `pg_…`, `redis_…` | the exporters beside PostgreSQL and Redis |
| `rabbitmq_…`, `otelcol_…`, `alertmanager_…`, `prometheus_…` | these programs themselves |

## What there is

Names are those of [ADR 0026](../adr/0026-metrics.md).

| Metric | Kind | Labels | Service | What it is |
|---|---|---|---|---|
"""
VALUES = """
## What labels say

The values come out of closed sets, so that no series is added with a user.

| Metric | Label | Values |
|---|---|---|
"""
# Of these there is one value for each part of the program, or they come with what happens: described by hand.
OPEN = {"core", "method", "route", "statement", "status", "version"}
BY_HAND = """| `sayur_events_received_total` | `outcome` | `stored`, `ignored` (no mail follows from it), `duplicate`, \
`forgotten` (its account is deleted), `retried`, `malformed`, `failed` |
| `sayur_events_received_total` | `type` | those of `sayur_outbox_published_total`, or `other` |
| `sayur_http_requests_total`, `sayur_http_request_duration_seconds` | `method`, `route`, `status` | \
HTTP's; the route's template; `-` where no route is meant |
| `sayur_database_call_seconds` | `statement` | the statement's name in the code |
| `sayur_io_loop_lag_seconds` | `core` | the io thread's number, from 0 |
| `sayur_build_info` | `version` | the program's |
"""
AS_THEY_HAPPEN = "sayur_events_received_total"


@dataclass
class Family:
    kind: str
    help: str
    labels: dict[str, set[str]] = field(default_factory=dict)  # name -> values
    services: list[str] = field(default_factory=list)


def families_of(text: str) -> dict[str, Family]:
    """By name; counters with their `_total`."""
    found: dict[str, Family] = {}
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        found[name] = Family(kind, helps[name])
    for sample, labels in re.findall(r"^([a-z_]\w*)\{(.*)\} \S+$", text, re.MULTILINE):
        family = found.get(sample) or found[re.sub(r"_(bucket|sum|count)$", "", sample)]
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
            if label != "le":
                family.labels.setdefault(label, set()).add(value)
    return found


def document(texts: dict[str, str]) -> str:
    """Of the text of /metrics by the service's name."""
    every: dict[str, Family] = {}
    for service, text in texts.items():
        for name, family in families_of(text).items():
            known = every.setdefault(name, family)
            for label, values in family.labels.items():
                known.labels[label] = known.labels.get(label, set()) | values
            known.services.append(service)
    rows = [
        f"| `{name}` | {family.kind} | {', '.join(f'`{label}`' for label in sorted(family.labels))} | "
        f"{'both' if len(family.services) > 1 else family.services[0]} | {family.help} |\n"
        for name, family in sorted(every.items())
    ]
    return HEAD + "".join(rows) + VALUES + "".join(values_of(every)) + BY_HAND


def values_of(families: dict[str, Family]) -> list[str]:
    """A row for each label all of whose values are there from the start."""
    return [
        f"| `{name}` | `{label}` | {', '.join(f'`{value}`' for value in sorted(values))} |\n"
        for name, family in sorted(families.items())
        for label, values in sorted(family.labels.items())
        if name != AS_THEY_HAPPEN and label not in OPEN
    ]


def text_of_backups() -> str:
    made = tuple(Backup(kind=kind, began=0, ended=0, bytes=0, label="", first_wal="", last_wal="") for kind in ("full", "incr"))
    known = [Repository(number, fault="", has_no_stanza=False, backups=made, cluster="", newest_wal="", system=0) for number in (1, 2)]
    return samples(known, {1: 0, 2: 0}, {}, 0).text()


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
    texts = {"user-service": read(given.users), "notification-service": read(given.notifications), "backup": text_of_backups()}
    made = document(texts)
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
