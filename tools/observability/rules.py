#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Prometheus' rules of objectives out of deployments/observability/slo.yaml; the operator's PrometheusRule and the list of runbooks
out of all rules.

Multi-window, multi-burn-rate alerts as in the Site Reliability Workbook, chapter 5. Sloth knows no least number of events
(docs/adr/0027-objectives.md).
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from status_rules import status_group

ROOT = Path(__file__).resolve().parents[2]
OBSERVABILITY = ROOT / "deployments" / "observability"
RULES = OBSERVABILITY / "prometheus" / "rules"
OPERATOR = ROOT / "deployments" / "k8s" / "components" / "monitoring" / "rules.yaml"
HEAD = "# SPDX-License-Identifier: Apache-2.0\n# Made by `python3 tools/observability/rules.py`; do not edit.\n"
LIST = ROOT / "docs" / "operations" / "runbooks" / "README.md"
RUNBOOKS = "https://github.com/OWNER/NAME/blob/main/docs/operations/runbooks"

HEAD_OF_LIST = """# Runbooks

Made by `python3 tools/observability/rules.py` from the alerts; do not edit.

A page rings at once; a ticket waits for the next working day ([monitoring.md](../monitoring.md#who-is-told)). Each runbook says
what users notice, how to confirm it by one command, what to do, and when it is over. Commands are those of compose, in the folder of this
repository. On Kubernetes:

| A runbook says | On Kubernetes |
|---|---|
| `curl … 127.0.0.1:9090/…` | the same, while `kubectl -n micro-sayur port-forward service/prometheus 9090` runs |
| `./sayur compose exec postgres …` (`redis`, `rabbitmq`) | `kubectl -n micro-sayur exec postgres-0 -- …` (`redis-0`, `rabbitmq-0`) |
| `./sayur compose ps --all …` | `kubectl -n micro-sayur get pods`, `kubectl -n micro-sayur describe pod …` |
| `./sayur compose logs --tail 20 user-service` | `kubectl -n micro-sayur logs --tail 20 deployment/user-service` (`statefulset/postgres`) |
| `./sayur compose restart alertmanager` | `kubectl -n micro-sayur rollout restart statefulset/alertmanager` (`deployment/gateway`) |
| `./sayur doctor --stack` | `kubectl -n micro-sayur port-forward deployment/user-service 8080`, \
then `curl 127.0.0.1:8080/health` (notification-service: 8081) |

| Alert | Rings as | What it says; N and words in capitals are filled in |
|---|---|---|
"""

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Burn:
    """Alerts when both windows (seconds) have used up the budget at `times` the rate that would just last."""

    alert: str
    severity: str
    times: float
    long: int
    short: int
    lost: str


BURNS = [
    Burn("ErrorBudgetBurnsFast", "page", 14.4, HOUR, 5 * MINUTE, "2% of the month's budget went within an hour"),
    Burn("ErrorBudgetBurnsSteadily", "page", 6, 6 * HOUR, 30 * MINUTE, "5% of the month's budget went within six hours"),
    Burn("ErrorBudgetBurnsSlowly", "ticket", 1, 3 * DAY, 6 * HOUR, "10% of the month's budget went within three days"),
]
WINDOWS = sorted({window for burn in BURNS for window in (burn.long, burn.short)})


def duration(seconds: float) -> str:
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if seconds >= size and seconds % size == 0:
            return f"{round(seconds / size)}{unit}"
    return f"{max(1, round(seconds))}s"


def rate_at_gateway(selector: str) -> str:
    """A second, over WINDOW, which is SECONDS. Envoy begins a series with its first event, of which rate() knows nothing: what a series has
    counted that was not there a WINDOW ago is added, if the gateway was watched by then, or is younger itself."""
    watched = '(up{job="gateway"} offset WINDOW == 1 or envoy_server_uptime{job="gateway"} < SECONDS)'
    young = f"(({selector} unless {selector} offset WINDOW) and on (job, instance) {watched})"
    return f"sum(rate({selector}[WINDOW]) unless {young} or {young} / SECONDS)"


def rates(objective: dict) -> tuple[str, str]:
    """Good events and all, a second, over WINDOW."""
    if "total" in objective:
        return objective["good"], objective["total"]
    route = f'job="gateway",envoy_route="{objective["route"]}"'
    if limit := objective.get("within_ms"):
        return (
            rate_at_gateway(f'envoy_vhost_route_upstream_rq_time_bucket{{{route},le=~"{limit}(\\\\.0)?"}}'),
            rate_at_gateway(f"envoy_vhost_route_upstream_rq_time_count{{{route}}}"),
        )
    everything = rate_at_gateway(f"envoy_vhost_route_upstream_rq_xx{{{route}}}")
    bad = rate_at_gateway(f'envoy_vhost_route_upstream_rq_xx{{{route},envoy_response_code_class="5"}}')
    return f"({everything} - ({bad} or vector(0)))", everything


def recording_rules(objective: dict, shorten: float) -> list[dict]:
    """One ratio of errors and one number of events for each window; nothing where there were no events."""
    labels = {"objective": objective["name"]}
    good, total = rates(objective)
    made = []
    for window in WINDOWS:
        name, text, seconds = duration(window), duration(window / shorten), str(round(window / shorten))
        good_there, counted = (each.replace("WINDOW", text).replace("SECONDS", seconds) for each in (good, total))
        ratio = f"clamp_min(1 - {good_there} / (({counted}) > 0), 0)"
        made.append({"record": f"objective:errors:ratio_rate{name}", "expr": ratio, "labels": labels})
        made.append({"record": f"objective:events:increase{name}", "expr": f"({counted}) * {seconds}", "labels": labels})
    name = f'{{objective="{objective["name"]}"}}'
    bad = f"objective:errors:ratio_rate5m{name} * objective:events:increase5m{name}"
    made.append({"record": "objective:bad_events:increase5m", "expr": bad, "labels": labels})
    made.append({"record": "objective:target:ratio", "expr": f"vector({objective['percent'] / 100:g})", "labels": labels})
    return made


def burn_alert(burn: Burn, least: int) -> dict:
    limit = f"{burn.times} * (1 - objective:target:ratio)"
    long, short = (f"objective:errors:ratio_rate{duration(window)} > {limit}" for window in (burn.long, burn.short))
    return {
        "alert": burn.alert,
        "expr": f"({long}) and ({short}) and objective:events:increase{duration(burn.long)} >= {least}",
        "labels": {"severity": burn.severity},
        "annotations": {
            "summary": "the objective {{ $labels.objective }} is being missed: " + burn.lost,
            "description": "{{ $value | humanizePercentage }} of the events were bad, over "
            + f"{burn.times:g} times what the objective allows. Look at the dashboard Overview for what began at the same time.",
            "runbook_url": f"{RUNBOOKS}/{burn.alert}.md",
        },
    }


def objective_rules(shorten: float = 1) -> dict:
    wanted = yaml.safe_load((OBSERVABILITY / "slo.yaml").read_text())
    groups = [
        {"name": f"objective-{objective['name']}", "rules": recording_rules(objective, shorten)} for objective in wanted["objectives"]
    ]
    groups.append(status_group(wanted, BURNS[0].times))
    groups.append({"name": "error-budgets", "rules": [burn_alert(burn, wanted["minimum_events"]) for burn in BURNS]})
    return {"groups": groups}


def operator_rules(groups: list[dict]) -> dict:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "micro-sayur"},
        "spec": {"groups": groups},
    }


def line_of(rule: dict) -> str:
    """An alert's row; what its summary says of an instance is a word in capitals or N there."""
    summary = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: found[1].upper(), rule["annotations"]["summary"])
    summary = re.sub(r"\{\{ \$value.*?\}\}", "N", summary)
    severity = rule["labels"]["severity"]
    return f"| [{rule['alert']}]({rule['alert']}.md) | {'' if severity == 'none' else severity} | {summary} |\n"


def list_of_runbooks(groups: list[dict]) -> str:
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return HEAD_OF_LIST + "".join(line_of(rule) for rule in sorted(alerts, key=lambda rule: rule["alert"]))


def text_of(document: dict) -> str:
    return HEAD + yaml.safe_dump(document, sort_keys=False, width=160, allow_unicode=True)


def made_files() -> dict[Path, str]:
    """Every file that this script makes, with its content."""
    objectives = objective_rules()
    causes = yaml.safe_load((RULES / "causes.yml").read_text())
    groups = objectives["groups"] + causes["groups"]
    return {RULES / "objectives.yml": text_of(objectives), OPERATOR: text_of(operator_rules(groups)), LIST: list_of_runbooks(groups)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shorten", type=float, metavar="N", help="print the objectives' rules with windows N times shorter, for tests")
    given = parser.parse_args()
    if given.shorten:
        print(text_of(objective_rules(given.shorten)), end="")
        return
    for path, content in made_files().items():
        path.write_text(content)


if __name__ == "__main__":
    main()
