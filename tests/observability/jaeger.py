# SPDX-License-Identifier: Apache-2.0
"""Traces, as Jaeger has them."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from harness.client import wait_until


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    kind: str
    id: str
    parent: str | None
    links: tuple[str, ...]  # ids of spans
    attributes: dict[str, object]


class Jaeger:
    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def text(self, trace_id: str) -> str:
        """All that it tells about a trace."""
        return self._client.get(f"/api/traces/{trace_id}").text

    def trace(self, trace_id: str) -> list[Span]:
        """By their start; empty while it knows of none."""
        answer = self._client.get(f"/api/traces/{trace_id}")
        if answer.status_code == 404:
            return []
        (found,) = answer.json()["data"]
        services = {process: each["serviceName"] for process, each in found["processes"].items()}
        return [span_of(each, services) for each in sorted(found["spans"], key=lambda span: span["startTime"])]

    def close(self) -> None:
        self._client.close()


def span_of(found: dict, services: dict[str, str]) -> Span:
    attributes = {tag["key"]: tag["value"] for tag in found["tags"] if not tag["key"].startswith("otel.scope.")}
    kind = attributes.pop("span.kind", "internal")
    ids = {kind: [each["spanID"] for each in found["references"] if each["refType"] == kind] for kind in ("CHILD_OF", "FOLLOWS_FROM")}
    # Of a parent that is linked to as well, Jaeger tells the link alone.
    parent = next(iter(ids["CHILD_OF"] or ids["FOLLOWS_FROM"]), None)
    links = tuple(ids["FOLLOWS_FROM"])
    return Span(services[found["processID"]], found["operationName"], str(kind), found["spanID"], parent, links, attributes)


WAY_OF_A_MAIL = {
    ("gateway", "server"),
    ("user-service", "server"),
    ("user-service", "producer"),
    ("notification-service", "consumer"),
    ("notification-service", "client"),
}


def whole_trace(jaeger: Jaeger, trace_id: str) -> list[Span]:
    """Waits until every part of the way from a request to its mail has sent its spans."""
    found: list[Span] = []

    def complete() -> bool:
        found[:] = jaeger.trace(trace_id)
        return {(each.service, each.kind) for each in found} >= WAY_OF_A_MAIL and any(each.name == "send mail" for each in found)

    wait_until(complete, 60, "the whole trace in Jaeger")
    return found
