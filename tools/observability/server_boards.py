# SPDX-License-Identifier: Apache-2.0
"""What stands on the dashboards of the servers that are not ours."""

from __future__ import annotations

from panels import Board, Panel, Query, quantiles, rate

BLOCKS_FROM_MEMORY = rate("pg_stat_database_blks_hit", where='datname="micro_sayur"').expr
BLOCKS_READ = rate("pg_stat_database_blks_read", where='datname="micro_sayur"').expr

DATA_SERVERS = Board(
    "data-servers",
    "Data servers",
    "PostgreSQL, Redis and RabbitMQ.",
    [
        Panel(
            "Do they answer?",
            "short",
            [Query("pg_up", "PostgreSQL"), Query("redis_up", "Redis"), Query('up{job="rabbitmq"}', "RabbitMQ")],
            runbook="DatabaseDown",
        ),
        Panel(
            "How many connections has PostgreSQL left?",
            "short",
            [Query("sum(pg_stat_activity_count)", "in use"), Query("max(pg_settings_max_connections)", "limit")],
            runbook="DatabaseConnectionsNearLimit",
        ),
        Panel(
            "How much does PostgreSQL do?",
            "ops",
            [
                rate("pg_stat_database_xact_commit", where='datname="micro_sayur"', legend="commits"),
                rate("pg_stat_database_xact_rollback", where='datname="micro_sayur"', legend="rollbacks"),
            ],
        ),
        Panel(
            "Does PostgreSQL read from memory?",
            "percentunit",
            [Query(f"{BLOCKS_FROM_MEMORY} / ({BLOCKS_FROM_MEMORY} + {BLOCKS_READ})", "hits")],
        ),
        Panel("How large is the database?", "bytes", [Query('max(pg_database_size_bytes{datname="micro_sayur"})', "micro_sayur")]),
        Panel(
            "Does anything wait for locks?",
            "short",
            [
                Query('sum(pg_locks_count{datname="micro_sayur"})', "locks"),
                Query('sum(increase(pg_stat_database_deadlocks{datname="micro_sayur"}[1h]))', "deadlocks of the hour"),
            ],
        ),
        Panel(
            "How full is Redis?",
            "bytes",
            [Query("redis_memory_used_bytes", "used"), Query("redis_memory_max_bytes", "limit")],
            runbook="RedisFull",
        ),
        Panel("How much does Redis do?", "ops", [rate("redis_commands_processed_total", legend="commands")]),
        Panel("Who is connected to Redis?", "short", [Query("redis_connected_clients", "clients")]),
        Panel(
            "Do events pile up in RabbitMQ?",
            "short",
            [Query("sum(rabbitmq_queue_messages_ready)", "ready"), Query("sum(rabbitmq_queue_messages_unacked)", "unacknowledged")],
            runbook="ConsumerLag",
        ),
        Panel(
            "How many events pass RabbitMQ?",
            "ops",
            [
                rate("rabbitmq_channel_messages_published_total", legend="published"),
                rate("rabbitmq_channel_messages_acked_total", legend="acknowledged"),
            ],
        ),
        Panel(
            "Does an alarm of RabbitMQ block?",
            "short",
            [
                Query("max(rabbitmq_alarms_memory_used_watermark)", "memory"),
                Query("max(rabbitmq_alarms_free_disk_space_watermark)", "disk"),
            ],
            runbook="RabbitMQAlarm",
        ),
    ],
)

BACKUPS = Board(
    "backups",
    "Backups",
    "What would come back, and how old it would be (docs/operations/data.md).",
    [
        Panel(
            "How old is the newest backup?",
            "s",
            [
                Query(
                    "time() - min by (repository, type) (sayur_backup_last_completed_timestamp_seconds)",
                    "{{type}}, repository {{repository}}",
                )
            ],
            runbook="BackupOld",
        ),
        Panel(
            "How long does WAL wait?",
            "s",
            [Query("sayur_backup_archive_lag_seconds", "repository {{repository}}")],
            runbook="ArchiveLags",
        ),
        Panel(
            "How far behind are the replicas?",
            "s",
            [Query("max(sayur_database_replica_lag_seconds)", "the one that is most behind")],
            runbook="ReplicaLags",
        ),
        Panel(
            "Can the repositories be read?",
            "short",
            [Query("sayur_backup_repository_usable", "repository {{repository}}")],
            runbook="BackupRepositoryUnusable",
        ),
        Panel(
            "How many backups fail?",
            "short",
            [Query("sum by (repository) (increase(sayur_backup_failures_total[1d]))", "repository {{repository}}, in a day")],
        ),
        Panel(
            "How large is what is backed up?",
            "bytes",
            [Query('max by (repository) (sayur_backup_last_size_bytes{type="full"})', "repository {{repository}}")],
        ),
        Panel(
            "How much room has the database?",
            "bytes",
            [Query("sayur_database_disk_free_bytes", "free")],
            runbook="DiskFills",
        ),
    ],
)

GATEWAY = Board(
    "gateway",
    "Gateway",
    "What comes in, what is refused at the door, and whether the services are reached.",
    [
        Panel(
            "How do answers end?",
            "reqps",
            [
                rate(
                    "envoy_http_downstream_rq_xx",
                    "envoy_response_code_class",
                    'envoy_http_conn_manager_prefix!="inside"',
                    "{{envoy_response_code_class}}xx",
                )
            ],
        ),
        Panel(
            "How long do routes take?",
            "ms",
            quantiles("envoy_vhost_route_upstream_rq_time", "envoy_route"),
            runbook="ErrorBudgetBurnsFast",
        ),
        Panel(
            "How many are slowed at the door?",
            "reqps",
            [rate("envoy_http_local_rate_limit_rate_limited", legend="429")],
        ),
        Panel("How many come with a bad token?", "reqps", [rate("envoy_http_jwt_authn_denied", legend="401")]),
        Panel(
            "How many connections are open?",
            "short",
            [
                Query('sum(envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix!="inside"})', "clients"),
                Query("sum by (envoy_cluster_name) (envoy_cluster_upstream_cx_active)", "{{envoy_cluster_name}}"),
            ],
        ),
        Panel(
            "Are the services reached?",
            "short",
            [Query("envoy_cluster_membership_healthy", "{{envoy_cluster_name}}")],
            runbook="ServiceAbsent",
        ),
        Panel(
            "How often is it tried again?",
            "reqps",
            [rate("envoy_cluster_upstream_rq_retry", "envoy_cluster_name")],
        ),
        Panel(
            "When does the certificate end?",
            "d",
            [Query("min(envoy_server_days_until_first_cert_expiring)", "days left")],
            is_figure=True,
            warn=30,
            bad=14,
            runbook="CertificateExpires",
        ),
    ],
)
