# SPDX-License-Identifier: Apache-2.0
"""The dashboards of the system and of its services. A panel answers the question in its title; a board has at most twelve."""

from __future__ import annotations

from panels import Board, Panel, Query, quantiles, rate
from server_boards import BACKUPS, DATA_SERVERS, GATEWAY


def program(job: str) -> list[Panel]:
    """What every service of ours has."""
    where = f'job="{job}"'
    return [
        Panel(
            "How many requests come, and how do they end?",
            "reqps",
            [rate("sayur_http_requests_total", "status", where)],
            runbook="ErrorBudgetBurnsFast",
        ),
        Panel(
            "How long do requests take?",
            "s",
            quantiles("sayur_http_request_duration_seconds", "route", where, exemplars=True),
        ),
        Panel(
            "Which statements take PostgreSQL's time?",
            "s",
            [Query(f"topk(5, sum by (statement) (rate(sayur_database_call_seconds_sum{{{where}}}[$__rate_interval])))", "{{statement}}")],
        ),
        Panel(
            "Does anything wait for a connection to PostgreSQL?",
            "short",
            [
                Query(f"sum(sayur_database_connections_busy{{{where}}})", "in use"),
                Query(f"sum(sayur_database_calls_waiting{{{where}}})", "waiting"),
                Query(f"sum(sayur_database_connections{{{where}}})", "open"),
            ],
            runbook="DatabasePoolExhausted",
        ),
        Panel("How long does Redis take?", "s", quantiles("sayur_cache_call_seconds", where=where), runbook="RedisDown"),
        Panel("Do the io threads keep up?", "s", quantiles("sayur_io_loop_lag_seconds", "core", where)),
        Panel(
            "What do instances take of the machine?",
            "bytes",
            [Query(f"process_resident_memory_bytes{{{where}}}", "{{instance}}")],
            runbook="InstanceRestarts",
        ),
        Panel(
            "How many processors do instances use?",
            "short",
            [Query(f"rate(process_cpu_seconds_total{{{where}}}[$__rate_interval])", "{{instance}}")],
        ),
    ]


EVENTS = "sum_over_time(objective:events:increase5m[30d])"
BAD_EVENTS = "sum_over_time(objective:bad_events:increase5m[30d])"

OVERVIEW = Board(
    "overview",
    "Overview",
    "Do people get what they are promised?",
    [
        Panel(
            "How much of the month's error budget is left?",
            "percentunit",
            [Query(f"1 - ({BAD_EVENTS} / {EVENTS}) / (1 - objective:target:ratio)", "{{objective}}")],
            is_figure=True,
            warn=0.5,
            bad=0.1,
            runbook="ErrorBudgetBurnsSlowly",
            width=24,
        ),
        Panel(
            "How fast is it being used up?",
            "short",
            [Query("objective:errors:ratio_rate1h / on (objective) (1 - objective:target:ratio)", "{{objective}}")],
            warn=6,
            bad=14.4,
            runbook="ErrorBudgetBurnsFast",
        ),
        Panel(
            "Which alerts fire?",
            "short",
            [Query('count by (alertname, severity) (ALERTS{alertstate="firing"})', "{{alertname}} ({{severity}})")],
        ),
        Panel("Which instances answer?", "short", [Query("sum by (job) (up)", "{{job}}")], runbook="ServiceAbsent"),
        Panel(
            "How many requests come in, by route?",
            "reqps",
            [rate("envoy_vhost_route_upstream_rq_xx", "envoy_route", 'job="gateway"')],
        ),
        Panel(
            "How many of them fail?",
            "reqps",
            [rate("envoy_vhost_route_upstream_rq_xx", "envoy_route", 'job="gateway",envoy_response_code_class="5"', otherwise=0)],
            runbook="ErrorBudgetBurnsFast",
        ),
        Panel(
            "How long do they take?",
            "ms",
            quantiles("envoy_vhost_route_upstream_rq_time", "envoy_route", 'job="gateway"'),
            runbook="ErrorBudgetBurnsFast",
        ),
        Panel(
            "How many who register get their mail, and confirm?",
            "short",
            [
                Query('sum(increase(sayur_outbox_published_total{type="user.email_verification_requested"}[1h]))', "registered"),
                Query('sum(increase(sayur_notification_attempts_total{template="email_verification",outcome="sent"}[1h]))', "mailed"),
                Query('sum(increase(sayur_outbox_published_total{type="user.registered"}[1h]))', "confirmed"),
            ],
        ),
        Panel("How do sign-ins end?", "ops", [rate("sayur_security_events_total", "event", 'event=~"authn_.*"')], runbook="HashPoolFull"),
        Panel(
            "How long from the commit to the mail server's 250?",
            "s",
            quantiles("sayur_notification_delivery_seconds"),
            warn=60,
            runbook="MailsOverdue",
        ),
    ],
)

USER_SERVICE = Board(
    "user-service",
    "User service",
    "Accounts, sessions and what they wait for.",
    [
        *program("user-service"),
        Panel("Do passwords wait for a processor?", "s", quantiles("sayur_password_hash_wait_seconds"), warn=0.5, runbook="HashPoolFull"),
        Panel(
            "Do events leave the outbox?",
            "short",
            [
                Query("max(sayur_outbox_events)", "waiting"),
                Query("max(sayur_outbox_unconfirmed_events)", "unconfirmed"),
                Query("max(sayur_outbox_oldest_age_seconds)", "age of the oldest, s"),
            ],
            runbook="OutboxStuck",
        ),
        Panel("What happens to accounts and sessions?", "ops", [rate("sayur_security_events_total", "event")]),
        Panel(
            "How old is the key that signs?",
            "s",
            [Query("max(sayur_signing_key_age_seconds)", "age")],
            is_figure=True,
            warn=80 * 86400,
            bad=90 * 86400,
            runbook="SigningKeyOld",
        ),
    ],
)

NOTIFICATION_SERVICE = Board(
    "notification-service",
    "Notification service",
    "Events, mails and what they wait for.",
    [
        *program("notification-service"),
        Panel(
            "How do attempts to send end?", "ops", [rate("sayur_notification_attempts_total", "template, outcome")], runbook="MailsOverdue"
        ),
        Panel(
            "How long from the commit to the mail server's 250?",
            "s",
            quantiles("sayur_notification_delivery_seconds", "template"),
            warn=60,
            runbook="MailsOverdue",
        ),
        Panel("How late do events arrive?", "s", quantiles("sayur_event_lag_seconds"), warn=30, runbook="ConsumerLag"),
        Panel(
            "Is anything set aside, or overdue?",
            "short",
            [
                Query("sum(increase(sayur_events_dead_lettered_total[1h]))", "dead letters of the hour"),
                Query("max(sayur_notifications_overdue_seconds)", "longest overdue, s"),
            ],
            runbook="DeadLetters",
        ),
    ],
)

KUBERNETES = Board(
    "kubernetes",
    "Kubernetes workload",
    "What each pod does and takes. In compose a pod is a container.",
    [
        Panel("How many instances answer?", "short", [Query("sum by (job) (up)", "{{job}}")], runbook="ServiceAbsent"),
        Panel(
            "Which instances began anew in the last hour?",
            "short",
            [Query("changes(process_start_time_seconds[1h])", "{{job}} {{instance}}")],
            runbook="InstanceRestarts",
        ),
        Panel("Is work shared evenly?", "reqps", [rate("sayur_http_requests_total", "job, instance")]),
        Panel("How much memory does each take?", "bytes", [Query("process_resident_memory_bytes", "{{job}} {{instance}}")]),
        Panel("How much processor does each take?", "short", [rate("process_cpu_seconds_total", "job, instance")]),
        Panel(
            "How near is each to its limit of files?",
            "percentunit",
            [Query("process_open_fds / process_max_fds", "{{job}} {{instance}}")],
            warn=0.7,
            bad=0.9,
        ),
        Panel("Which schema is each made for?", "short", [Query("sayur_schema_version", "{{job}} {{instance}}")]),
        Panel("Which version runs?", "short", [Query("count by (job, version) (sayur_build_info)", "{{job}} {{version}}")]),
    ],
)

BOARDS = [OVERVIEW, USER_SERVICE, NOTIFICATION_SERVICE, DATA_SERVERS, BACKUPS, GATEWAY, KUBERNETES]
