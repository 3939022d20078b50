#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the services against references on this machine and prints a table."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import http_benchmarks, mail_benchmarks, process_benchmarks, tracing_benchmarks
from bench.instructions import compare_instructions
from bench.measure import Row, table
from bench.versions import GOOD, RATES, compare_versions, comparison_table
from bench.world import World

TOOLS_ABSENT = 3
BENCHMARKS = {
    "P1": http_benchmarks.profile_reads,
    "P1-traced": tracing_benchmarks.traced_profile_reads,
    "P2": http_benchmarks.uncached_reads,
    "P3": http_benchmarks.logins,
    "P4": http_benchmarks.refreshes,
    "P5": http_benchmarks.registrations,
    "P6": mail_benchmarks.commit_to_250,
    "P7": mail_benchmarks.mails_per_cpu_second,
    "P8": process_benchmarks.memory,
    "P9": process_benchmarks.starts,
    "scrape": process_benchmarks.scrapes,
}
INSTRUCTIONS = "I1"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./sayur bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there as well")
    parser.add_argument("--preset", default="release", help="whose binaries: build/PRESET/bin (default: release)")
    parser.add_argument("--against", metavar="PRESET", help="compare with the binaries of build/PRESET/bin instead, interleaved in one run")
    parser.add_argument(
        "names", nargs="*", metavar="P1…P9", help=f"which (default: all); with --against {', '.join(RATES)} and {INSTRUCTIONS}"
    )
    given = parser.parse_args()
    if unknown := set(given.names) - ({*RATES, INSTRUCTIONS} if given.against else BENCHMARKS.keys()):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for tool in ("wrk", "valgrind"):
        if shutil.which(tool) is None:
            print(f"bench: {tool} is absent; install the packages of tools/packages/bench.txt", file=sys.stderr)
            return TOOLS_ABSENT
    if given.against:
        return run_against(given)
    rows: list[Row] = []
    broken = []
    world = World(given.preset)
    try:
        for name, measure in BENCHMARKS.items():
            if given.names and name not in given.names:
                continue
            try:
                made = measure(world)
                rows += made if isinstance(made, list) else [made]
            except Exception:  # the others are measured all the same
                traceback.print_exc()
                broken.append(name)
    finally:
        world.close()
    print(table(rows))
    if broken:
        print(f"not measured, because they broke: {', '.join(broken)}", file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps([row.as_json() for row in rows], indent=2, ensure_ascii=False) + "\n")
    return 1 if broken else 0


def run_against(given: argparse.Namespace) -> int:
    """Code 1 when there is a loss, or a row that stayed noisy."""
    names = given.names or [*RATES, INSTRUCTIONS]
    old = World(given.against)
    try:
        new = World(given.preset)
        try:
            rows = compare_versions(old, new, names)
            if INSTRUCTIONS in names:
                rows.append(compare_instructions(old, new))
        finally:
            new.close()
    finally:
        old.close()
    print(comparison_table(rows))
    if given.json:
        given.json.write_text(json.dumps([asdict(row) | {"verdict": row.verdict} for row in rows], indent=2) + "\n")
    return 0 if all(row.verdict in GOOD for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
