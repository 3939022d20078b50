# SPDX-License-Identifier: Apache-2.0
"""Runbooks have one outline, and the command that confirms an alert asks what the alert asked, so that it can be answered."""

from __future__ import annotations

import re

import pytest
import yaml

from harness.packages import REPOSITORY
from observability.queries import patterns_of, series_of
from observability.test_rules import ALERTS, maker, promtool

RUNBOOKS = {path.stem: path.read_text() for path in maker.LIST.parent.glob("*.md") if path != maker.LIST}
PARTS = ("**What users notice.**", "**Confirm.**", "**What to do.**", "**It is over when**")
QUERY = re.compile(r"curl -fsS 127\.0\.0\.1:9090/api/v1/query --data-urlencode 'query=([^']*)'")
METRICS = (REPOSITORY / "docs/operations/metrics.md").read_text()


def confirmation(alert: str) -> str:
    """The commands under Confirm."""
    section = RUNBOOKS[alert].partition("**Confirm.**")[2].partition("**What to do.**")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)\n```$", section, re.DOTALL | re.MULTILINE))


QUERIES = {alert: query for alert in RUNBOOKS for query in QUERY.findall(confirmation(alert))}


def test_each_alert_has_a_runbook_and_each_runbook_an_alert():
    assert RUNBOOKS.keys() == ALERTS.keys()


@pytest.mark.parametrize("alert", RUNBOOKS)
def test_the_outline(alert):
    text = RUNBOOKS[alert]
    places = [text.find(part) for part in PARTS]
    assert -1 not in places and places == sorted(places)
    assert len(text.splitlines()) <= 40
    assert len(confirmation(alert).splitlines()) == 1, "one command confirms"


@pytest.mark.parametrize("alert", RUNBOOKS)
def test_commands_work_as_they_stand(alert):
    """Of compose by our own script, which knows the files of the stack that runs; no port that may be another one."""
    text = RUNBOOKS[alert]
    assert "docker compose" not in text
    assert re.findall(r"127\.0\.0\.1:(?:808\d|8443)", text) == []
    assert "`/health`" not in text


@pytest.mark.parametrize("alert", QUERIES)
def test_a_query_can_be_answered_whole(alert):
    """`a or b` leaves out b where its labels are those of a, and the rate of several names fails where their labels are the same."""
    query = QUERIES[alert]
    assert " or " not in query
    assert re.search(r"\[\d+[smhd]\]", query) is None or patterns_of(query) == []


def test_queries_can_be_parsed(tmp_path):
    rules = [{"record": f"runbook:{alert}", "expr": query} for alert, query in QUERIES.items()]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": rules}]}))
    promtool("check", "rules", tmp_path / "queries.yml")


@pytest.mark.parametrize("alert", sorted(QUERIES.keys() & ALERTS.keys() - {"Watchdog"}))
def test_a_query_asks_what_the_alert_asks(alert):
    """At least one series of the alert's; of what Prometheus records, which exists for several windows, none but the alert's."""
    query, expression = QUERIES[alert], ALERTS[alert]["expr"]
    asked, wanted = series_of(query), series_of(expression) | set(patterns_of(expression))
    named = {name for name in wanted if any(re.fullmatch(pattern, name) for pattern in patterns_of(query))}
    assert asked & wanted or named
    assert {name for name in asked if ":" in name} <= wanted
    windows = re.findall(r"_bucket\[(\w+)\]", expression)
    assert re.findall(r"_bucket\[(\w+)\]", query) in ([], windows)


@pytest.mark.parametrize("alert", RUNBOOKS)
def test_our_series_that_are_named_exist(alert):
    documented = set(re.findall(r"`(sayur_\w+)`", METRICS))
    exact = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\b(sayur_\w+)(?![\w(])", RUNBOOKS[alert])}
    assert exact - documented - {"sayur_database_"} == set()


def test_values_of_outcomes_that_are_named_exist():
    text = RUNBOOKS["OutboxStuck"]
    known = re.search(r"^\| `sayur_outbox_publish_failures_total` \| `outcome` \| (.*) \|$", METRICS, re.MULTILINE)[1]
    sentence = text.partition("by `outcome`:")[2].partition("\n")[0]
    assert sorted(re.findall(r"`(\w+)`", sentence)) == sorted(re.findall(r"`(\w+)`", known))
