# SPDX-License-Identifier: Apache-2.0
"""What Prometheus scrapes."""

from __future__ import annotations

import httpx

SERVICES = {"user-service", "notification-service", "gateway"}
WATCHED = SERVICES | {"postgres", "redis", "rabbitmq", "backup", "otel-collector", "alertmanager", "prometheus"}


def health_of_targets(prometheus: httpx.Client) -> dict[str, list[str]]:
    """Job -> "up", "down" or "unknown" of each of its targets."""
    found: dict[str, list[str]] = {}
    for each in prometheus.get("/api/v1/targets", params={"state": "active"}).json()["data"]["activeTargets"]:
        found.setdefault(each["labels"]["job"], []).append(each["health"])
    return found
