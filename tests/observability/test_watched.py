# SPDX-License-Identifier: Apache-2.0
"""Every target is scraped, every rule and panel speaks of series that exist, and every panel has data."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import pytest
import yaml

from harness.client import wait_until
from harness.packages import LAB, REPOSITORY
from observability.queries import series_of
from observability.targets import WATCHED, health_of_targets
from observability.watched_stack import maker

METRICS = REPOSITORY / "docs/operations/metrics.md"
DASHBOARDS = sorted((maker.OBSERVABILITY / "grafana/dashboards").glob("*.json"))


@pytest.fixture(scope="module")
def worked(stack):
    stack.work(20)
    return stack


def test_every_target_is_scraped(stack):
    wait_until(lambda: health_of_targets(stack.prometheus) == {job: ["up"] for job in WATCHED}, 60, "the targets")


def test_nobody_who_reaches_prometheus_ends_it_or_reads_it_from_a_page_of_his(stack):
    origin = {"Origin": "https://evil.example"}
    assert stack.prometheus.post("/-/quit", headers=origin).status_code in (403, 405)
    assert stack.prometheus.post("/-/reload", headers=origin).status_code in (403, 405)
    assert "Access-Control-Allow-Origin" not in stack.prometheus.get("/api/v1/query", params={"query": "up"}, headers=origin).headers


def test_three_replicas_are_three_targets(stack):
    """Each with a port of this machine of its own: a fixed one could be published once."""
    fixed = stack.project.environment.pop("USER_SERVICE_PORT")
    try:
        stack.project.compose("up", "--detach", "--wait", "--scale", "user-service=3", "user-service")
        wait_until(lambda: health_of_targets(stack.prometheus).get("user-service") == ["up"] * 3, 60, "three targets")
    finally:
        stack.project.environment["USER_SERVICE_PORT"] = fixed
        stack.project.compose("up", "--detach", "--wait", "--scale", "user-service=1", "user-service")


def test_rules_are_evaluated_without_a_fault(worked):
    groups = worked.prometheus.get("/api/v1/rules").json()["data"]["groups"]
    faults = {rule["name"]: rule.get("lastError") for group in groups for rule in group["rules"] if rule["health"] != "ok"}
    assert faults == {}


def expressions() -> list[str]:
    found = [
        rule["expr"]
        for file in maker.RULES.glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]
    for path in DASHBOARDS:
        found += [target["expr"] for panel in json.loads(path.read_text())["panels"] for target in panel["targets"]]
    return found


def test_no_rule_and_no_panel_names_a_series_that_does_not_exist(worked):
    known = set(worked.prometheus.get("/api/v1/label/__name__/values").json()["data"])
    functions = {"histogram_quantile", "label_replace", "avg_over_time", "clamp_min"}
    named = {name for expression in expressions() for name in series_of(expression)} - functions - {"ALERTS"}
    assert sorted(named - known) == []


def test_every_documented_metric_is_there(worked, capfd):
    documented = set(re.findall(r"^\| `(\w+)`", METRICS.read_text(), re.MULTILINE))

    def known() -> set[str]:
        names = worked.prometheus.get("/api/v1/label/__name__/values").json()["data"]
        return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names} & documented

    wait_until(lambda: known() == documented, 60, "every documented metric in Prometheus")
    with capfd.disabled():
        print(f"\nmetrics: {len(documented)} documented, {len(known())} found")


def test_every_panel_has_data(worked, capfd):
    check = LAB / "lab-tools" / "dashboard-check"
    if not check.exists():
        pytest.skip(f"there is no {check}")

    def run() -> subprocess.CompletedProcess:
        command = [sys.executable, check, worked.project.url("PROMETHEUS"), *DASHBOARDS, "--data"]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)

    done = run()
    deadline = time.monotonic() + 60
    while done.returncode != 0 and time.monotonic() < deadline:
        worked.work()
        done = run()
    assert done.returncode == 0, done.stdout
    with capfd.disabled():
        print(f"\n{done.stdout.strip()}")
