# SPDX-License-Identifier: Apache-2.0
"""P1-traced: what it costs to record a tenth of all requests."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .http_benchmarks import GETS, SECONDS
from .instructions import per_profile_read
from .measure import Row, compare, per_cpu_second, progress
from .world import World


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes whatever is sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def a_tenth_recorded() -> Iterator[dict[str, str]]:
    """The variables with which a service sends a tenth of its traces to a Collector that is there."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "OTEL_TRACES_SAMPLER_ARG": "0.1"}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def traced_profile_reads(world: World) -> list[Row]:
    progress("P1-traced: profile GETs with a tenth recorded, and without tracing")
    tokens = world.make_tokens(world.make_accounts(50))
    with a_tenth_recorded() as variables:
        with world.stack.instance(**variables) as traced:

            def rate(stack) -> float:
                url = f"{stack.user_url}/api/v1/profile"
                return per_cpu_second([stack.user_service.process.pid], lambda: world.wrk(url, SECONDS, 32, GETS, tokens))

            rate(traced), rate(world.stack)  # caches fill
            rates = compare(lambda: rate(traced), lambda: rate(world.stack))
        plain, recorded = per_profile_read(world, {}), per_profile_read(world, variables)
    what = "profile GETs, a tenth of them recorded; the reference records none"
    return [
        Row("P1-traced", f"{what}, per CPU-second", "1/s", *rates[:3], 0.95, note=rates[3]),
        Row("P1-traced", f"{what}, instructions", "instructions", recorded, plain, recorded / plain, 1.03, at_most=True),
    ]
