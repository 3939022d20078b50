# SPDX-License-Identifier: Apache-2.0
"""Where services send their spans to, in place of an OpenTelemetry Collector."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    service: str
    trace: str
    id: str
    parent: str
    name: str
    kind: int
    seconds: float
    attributes: dict[str, str] = field(hash=False)
    links: list[str] = field(hash=False)  # ids of spans
    failed: bool = False


def attributes_of(found: list[dict]) -> dict[str, str]:
    return {each["key"]: next(iter(each["value"].values())) for each in found}


def spans_of(exported: dict) -> Iterator[Span]:
    """Of an ExportTraceServiceRequest in JSON."""
    for resource in exported["resourceSpans"]:
        service = attributes_of(resource["resource"]["attributes"])["service.name"]
        for scope in resource["scopeSpans"]:
            for each in scope["spans"]:
                yield Span(
                    service=service,
                    trace=each["traceId"],
                    id=each["spanId"],
                    parent=each.get("parentSpanId", ""),
                    name=each["name"],
                    kind=each["kind"],
                    seconds=(int(each["endTimeUnixNano"]) - int(each["startTimeUnixNano"])) / 1e9,
                    attributes=attributes_of(each["attributes"]),
                    links=[link["spanId"] for link in each.get("links", [])],
                    failed="status" in each,
                )


class SpanSink:
    """Listens on loopback until `close`; keeps what was sent."""

    def __init__(self) -> None:
        bodies = self._bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def environment(self, ratio: float = 0) -> dict[str, str]:
        """With which a service sends its spans here: those whose parent was sampled, and of the others that share."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self._server.server_port}", "OTEL_TRACES_SAMPLER_ARG": str(ratio)}

    @property
    def text(self) -> str:
        """All that was sent."""
        return "\n".join(self._bodies)

    def trace(self, trace_id: str) -> list[Span]:
        return [span for body in list(self._bodies) for span in spans_of(json.loads(body)) if span.trace == trace_id]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
