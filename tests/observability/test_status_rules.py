# SPDX-License-Identifier: Apache-2.0
"""What Prometheus says of each thing of the status page: by promtool, from series to level."""

from __future__ import annotations

from pathlib import Path

import yaml

from observability.test_rules import GROUPS, RULES, promtool

UP = {f'up{{job="{job}",instance="a"}}': "1x12" for job in ("gateway", "user-service", "notification-service")}
WORKS, DEGRADED, OUTAGE, UNKNOWN = 0, 1, 2, None


def answers(route: str, good: str, bad: str, more_labels: str = "") -> dict[str, str]:
    """Requests of a route that the gateway has counted, minute by minute."""
    counted = 'envoy_vhost_route_upstream_rq_xx{{job="gateway",envoy_route="{}",envoy_response_code_class="{}"{}}}'
    return {counted.format(route, 2, more_labels): good, counted.format(route, 5, more_labels): bad}


def times(route: str, within: str, all_of_them: str) -> dict[str, str]:
    """How long answers took: those within both limits of slo.yaml, and all."""
    named = f'job="gateway",envoy_route="{route}"'
    buckets = {f'envoy_vhost_route_upstream_rq_time_bucket{{{named},le="{limit}"}}': within for limit in ("250", "1000")}
    return buckets | {f"envoy_vhost_route_upstream_rq_time_count{{{named}}}": all_of_them}


def mails(in_time: str, all_of_them: str) -> dict[str, str]:
    named = 'sayur_notification_delivery_seconds_{}{{template="email_verification"{}}}'
    return {named.format("bucket", ',le="60"'): in_time, named.format("count", ""): all_of_them}


def without(job: str) -> dict[str, str]:
    return {name: "0x12" if f'"{job}"' in name else value for name, value in UP.items()}


CASES = {
    "nobody asks": (UP, WORKS, WORKS, WORKS),
    "nothing is reached, for long": ({}, OUTAGE, OUTAGE, OUTAGE),
    "all is well": (
        UP | answers("login", "0+60x12", "0x12") | answers("register", "0+60x12", "0x12") | mails("0+60x12", "0+60x12"),
        WORKS,
        WORKS,
        WORKS,
    ),
    "user-service is away": (without("user-service"), OUTAGE, OUTAGE, WORKS),
    "notification-service is away": (without("notification-service"), WORKS, WORKS, OUTAGE),
    "the gateway is away": (without("gateway"), OUTAGE, OUTAGE, WORKS),
    "the database is down": (UP | {'sayur_dependency_up{name="database",instance="a"}': "0x12"}, OUTAGE, OUTAGE, OUTAGE),
    "half of the sign-ins fail": (UP | answers("login", "0+30x12", "0+30x12"), OUTAGE, WORKS, WORKS),
    "half of the renewals fail, no sign-in": (
        UP | answers("refresh", "0+30x12", "0+30x12") | answers("login", "0+60x12", "0x12"),
        OUTAGE,
        WORKS,
        WORKS,
    ),
    "one in thirty registrations fails": (UP | answers("register", "0+58x12", "0+2x12"), WORKS, DEGRADED, WORKS),
    "one in a hundred fails": (UP | answers("login", "0+198x12", "0+2x12"), WORKS, WORKS, WORKS),
    "the first requests ever fail": (UP | answers("login", "_x12", "_x7 40x5", ',instance="a"'), OUTAGE, WORKS, WORKS),
    "they fail at a gateway that is new itself": (
        UP | {'envoy_server_uptime{job="gateway",instance="b"}': "_x7 30+60x5"} | answers("login", "_x12", "_x7 40x5", ',instance="b"'),
        OUTAGE,
        WORKS,
        WORKS,
    ),
    "Prometheus is new, the gateway has counted for long": (
        dict.fromkeys(UP, "_x7 1x5")
        | {'envoy_server_uptime{job="gateway",instance="a"}': "_x7 90000+60x5"}
        | answers("login", "_x7 1000x5", "_x7 900x5", ',instance="a"'),
        WORKS,
        WORKS,
        WORKS,
    ),
    "the gateway is reached again": (
        UP | {'up{job="gateway",instance="a"}': "1x3 0x3 1x6"} | answers("login", "1000x3 _x3 1000x6", "900x3 _x3 900x6", ',instance="a"'),
        WORKS,
        WORKS,
        WORKS,
    ),
    "one lonely request fails": (UP | answers("login", "0x12", "0x7 1x5"), WORKS, WORKS, WORKS),
    "all sign-ins are slow": (UP | times("login", "0x12", "0+60x12"), DEGRADED, WORKS, WORKS),
    "a tenth of the mails is late": (UP | mails("0+54x12", "0+60x12"), WORKS, WORKS, DEGRADED),
    "every mail is late": (UP | mails("0x12", "0+60x12"), WORKS, WORKS, DEGRADED),
    "a mail is overdue": (UP | {"sayur_notifications_overdue_seconds": "0+60x12"}, WORKS, WORKS, DEGRADED),
    "a mail is overdue for long": (UP | {"sayur_notifications_overdue_seconds": "0+120x12"}, WORKS, WORKS, OUTAGE),
    "an event waits for long": (UP | {'sayur_outbox_oldest_age_seconds{job="user-service"}': "0+120x12"}, WORKS, WORKS, OUTAGE),
}


def case_of(case: str, minute: int, levels: tuple[int | None, ...]) -> dict:
    said = zip(("sign_in", "registration", "mails"), levels, strict=True)
    samples = [{"labels": f'status:level{{thing="{thing}"}}', "value": level} for thing, level in said if level is not UNKNOWN]
    return {
        "name": case,
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in CASES[case][0].items()],
        "promql_expr_test": [{"expr": "status:level", "eval_time": f"{minute}m", "exp_samples": samples}],
    }


def run(tests: list[dict], folder: Path) -> None:
    document = {
        "rule_files": [str(path) for path in RULES],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in GROUPS],
        "tests": tests,
    }
    path = folder / "status.yml"
    path.write_text(yaml.safe_dump(document))
    assert "SUCCESS" in promtool("test", "rules", path)


def test_a_state_follows_from_what_users_meet(tmp_path):
    run([case_of(case, 10, levels) for case, (_, *levels) in CASES.items()], tmp_path)


def test_until_something_is_reached_or_missed_for_a_minute_nothing_is_said(tmp_path):
    run([case_of("nothing is reached, for long", 0, (UNKNOWN, UNKNOWN, UNKNOWN))], tmp_path)
