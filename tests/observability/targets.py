# SPDX-License-Identifier: Apache-2.0
"""What Prometheus scrapes."""

from __future__ import annotations

import httpx

JOBS = {"user-service", "notification-service", "gateway", "postgres", "redis", "rabbitmq", "alertmanager", "prometheus"}
WATCHED = JOBS | {"otel-collector", "backup"}


def health_of_targets(prometheus: httpx.Client) -> dict[str, list[str]]:
    """Job -> "up", "down" or "unknown" of each of its targets."""
    found: dict[str, list[str]] = {}
    for each in prometheus.get("/api/v1/targets", params={"state": "active"}).json()["data"]["activeTargets"]:
        found.setdefault(each["labels"]["job"], []).append(each["health"])
    return found
