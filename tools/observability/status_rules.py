# SPDX-License-Identifier: Apache-2.0
"""The recording rules behind the public status page: one series a thing, out of the section `status` of slo.yaml.

status:level{thing} is 2 in an outage, 1 when degraded, 0 when it works, and absent when nobody knows: without an instance that Prometheus
reaches, silence is no good news.
"""

from __future__ import annotations


def firing(alert: str, label: str, values: list[str]) -> str:
    return f'ALERTS{{alertstate="firing",alertname="{alert}",{label}=~"{"|".join(values)}"}}'


def missed(objectives: list[str], limit: str, least: int) -> str:
    """Objectives of whose events of five minutes a share beyond the limit was bad, and not a few."""
    named = f'{{objective=~"{"|".join(objectives)}"}}'
    return f"(objective:errors:ratio_rate5m{named} {limit} and objective:bad_events:increase5m{named} >= {least})"


def level_rule(thing: dict, wanted: dict, answering: set[str], page_rate: float) -> dict:
    """`answering`: the objectives that count answers; `page_rate`: times the budget's rate at which somebody is called."""
    least = wanted["minimum_bad_events"]
    outages = [firing("ServiceAbsent", "service", thing["jobs"]), *thing.get("outage_when", [])]
    if counted := [name for name in thing["objectives"] if name in answering]:
        outages.append(missed(counted, f">= {wanted['outage_ratio']:g}", least))
    budget = f"> {page_rate:g} * (1 - objective:target:ratio)"
    degraded = [missed(thing["objectives"], budget, least), *thing.get("degraded_when", [])]
    reached = " and ".join(f'group(up{{job="{job}"}} == 1)' for job in thing["jobs"])
    expression = f"2 * group({' or '.join(outages)})\nor 1 * group({' or '.join(degraded)})\nor 0 * ({reached})"
    return {"record": "status:level", "expr": expression, "labels": {"thing": thing["name"]}}


def status_group(slo: dict, page_rate: float) -> dict:
    answering = {each["name"] for each in slo["objectives"] if "route" in each and "within_ms" not in each}
    wanted = slo["status"]
    return {"name": "status", "rules": [level_rule(thing, wanted, answering, page_rate) for thing in wanted["things"]]}
