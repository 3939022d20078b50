# SPDX-License-Identifier: Apache-2.0
"""The rules of Prometheus: made from what they say they are made from, sound, and each alert heard and not heard once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.packages import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tools" / "observability"))
import rules as maker

RULES = sorted(maker.RULES.glob("*.yml"))
CASES = yaml.safe_load((Path(__file__).parent / "alert_cases.yaml").read_text())
GROUPS = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}


def promtool(*arguments: object) -> str:
    run = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_what_is_made_is_as_its_source_says():
    for path, content in maker.made_files().items():
        assert path.read_text() == content, f"{path} is stale: run python3 tools/observability/rules.py"


def test_promtool_has_no_complaint():
    promtool("check", "config", maker.OBSERVABILITY / "prometheus" / "prometheus.yml")
    promtool("check", "rules", *RULES)


@pytest.mark.parametrize("case", ["fires", "quiet", "few"])
def test_each_alert_is_heard_and_not_heard(case, tmp_path):
    assert CASES.keys() == ALERTS.keys()
    for step in {wanted.get("step", 1) for wanted in CASES.values()}:
        cases = {name: wanted for name, wanted in CASES.items() if case in wanted and wanted.get("step", 1) == step}
        tests = [unit_test(name, step, wanted["at"], wanted[case], case == "fires") for name, wanted in cases.items()]
        if tests:
            document = {
                "rule_files": [str(path) for path in RULES],
                "evaluation_interval": f"{step}m",
                "group_eval_order": [group["name"] for group in GROUPS],
                "tests": tests,
            }
            (tmp_path / f"{step}.yml").write_text(yaml.safe_dump(document))
            assert "SUCCESS" in promtool("test", "rules", tmp_path / f"{step}.yml")


def unit_test(alert: str, step: int, minute: int, series: dict[str, str], fires: bool) -> dict:
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) > bool 0'
    return {
        "name": alert,
        "interval": f"{step}m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": firing, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}],
    }


@pytest.mark.parametrize("alert", ALERTS)
def test_whoever_is_woken_finds_a_runbook(alert):
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"page", "ticket", "none"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"{maker.RUNBOOKS}/{alert}.md"
    assert (REPOSITORY / "docs/operations/runbooks" / f"{alert}.md").is_file()
