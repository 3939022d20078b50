# SPDX-License-Identifier: Apache-2.0
"""P1-traced: what it costs to record a tenth of all requests."""

from __future__ import annotations

from contextlib import closing

from harness.span_sink import SpanSink

from .http_benchmarks import GETS, SECONDS
from .instructions import per_profile_read
from .measure import Row, compare, per_cpu_second, progress
from .world import World


def traced_profile_reads(world: World) -> list[Row]:
    progress("P1-traced: profile GETs with a tenth recorded, and without tracing")
    tokens = world.make_tokens(world.make_accounts(50))
    with closing(SpanSink()) as sink:
        variables = sink.environment(ratio=0.1)
        with world.stack.instance(**variables) as traced:

            def rate(stack) -> float:
                url = f"{stack.user_url}/api/v1/profile"
                return per_cpu_second([stack.user_service.process.pid], lambda: world.wrk(url, SECONDS, 32, GETS, tokens))

            rate(traced), rate(world.stack)  # caches fill
            rates = compare(lambda: rate(traced), lambda: rate(world.stack))
        plain, recorded = per_profile_read(world, {}), per_profile_read(world, variables)
    what = "profile GETs, a tenth of them recorded; the reference records none"
    note = f"{recorded / plain - 1:+.1%}"
    return [
        Row("P1-traced", f"{what}, per CPU-second", "1/s", *rates[:3], 0.95, note=rates[3]),
        Row("P1-traced", f"{what}, instructions", "instructions", recorded, plain, recorded / plain, 1.03, at_most=True, note=note),
    ]
