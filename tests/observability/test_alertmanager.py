# SPDX-License-Identifier: Apache-2.0
"""Who is told of what, and what is not said beside what explains it."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from observability.test_rules import ALERTS, maker

CONFIGURATION = maker.OBSERVABILITY / "alertmanager" / "alertmanager.yml"
INHIBITIONS = yaml.safe_load(CONFIGURATION.read_text())["inhibit_rules"]
MATCHER = re.compile(r'(\w+) (=~|!=|=) "(.*)"')


def amtool(*arguments: object) -> str:
    run = subprocess.run(["amtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_amtool_has_no_complaint():
    assert "SUCCESS" in amtool("check-config", CONFIGURATION)


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_reaches_whom_it_is_for(alert):
    severity = ALERTS[alert]["labels"]["severity"]
    wanted = "dead-mans-switch" if alert == "Watchdog" else {"page": "pages", "ticket": "tickets"}[severity]
    told = amtool("config", "routes", "test", f"--config.file={CONFIGURATION}", f"alertname={alert}", f"severity={severity}")
    assert told.strip() == wanted


def matches(matchers: list[str], labels: dict[str, str]) -> bool:
    """As Alertmanager does it: a label that is absent is empty."""
    for matcher in matchers:
        name, how, value = MATCHER.fullmatch(matcher).groups()
        found = labels.get(name, "")
        if {"=": found == value, "!=": found != value, "=~": re.fullmatch(value, found) is not None}[how] is False:
            return False
    return True


def is_silenced(alert: dict[str, str], beside: dict[str, str]) -> bool:
    return any(
        matches(rule["source_matchers"], beside)
        and matches(rule["target_matchers"], alert)
        and all(alert.get(label, "") == beside.get(label, "") for label in rule.get("equal", []))
        for rule in INHIBITIONS
    )


def labels(alertname: str, **more: str) -> dict[str, str]:
    return {"alertname": alertname, "severity": ALERTS[alertname]["labels"]["severity"], **more}


USERS_ARE_AWAY = labels("ServiceAbsent", service="user-service")
NOTIFICATIONS_ARE_AWAY = labels("ServiceAbsent", service="notification-service")
GATEWAY_IS_AWAY = labels("ServiceAbsent", service="gateway")


@pytest.mark.parametrize(
    ("beside", "alert", "silenced"),
    [
        (USERS_ARE_AWAY, labels("TargetDown", job="user-service"), True),
        (USERS_ARE_AWAY, labels("TargetDown", job="redis"), False),
        (USERS_ARE_AWAY, labels("InstanceRestarts", job="notification-service"), False),
        (USERS_ARE_AWAY, labels("ErrorBudgetBurnsFast", objective="login-availability"), True),
        (USERS_ARE_AWAY, labels("ErrorBudgetBurnsFast", objective="verification-mail"), False),
        (NOTIFICATIONS_ARE_AWAY, labels("ErrorBudgetBurnsFast", objective="verification-mail"), False),
        (NOTIFICATIONS_ARE_AWAY, labels("ConsumerLag"), True),
        (GATEWAY_IS_AWAY, labels("ErrorBudgetBurnsFast", objective="profile-latency"), True),
        (GATEWAY_IS_AWAY, labels("MailsOverdue"), False),
        (labels("DatabaseDown"), labels("ErrorBudgetBurnsFast", objective="login-availability"), True),
        (labels("DatabaseDown"), labels("RedisDown"), False),
        (labels("RabbitMQAlarm"), labels("OutboxStuck", job="user-service"), True),
        (labels("ErrorBudgetBurnsFast", objective="login-latency"), labels("ErrorBudgetBurnsSlowly", objective="login-latency"), True),
        (labels("ErrorBudgetBurnsFast", objective="login-latency"), labels("ErrorBudgetBurnsSlowly", objective="profile-latency"), False),
    ],
)
def test_a_cause_silences_its_symptoms_and_no_more(beside, alert, silenced):
    assert is_silenced(alert, beside) is silenced


def test_nothing_silences_itself_or_the_watchdog():
    for alert in ALERTS:
        assert not is_silenced(labels("Watchdog"), labels(alert))
        assert not is_silenced(labels(alert), labels(alert))
