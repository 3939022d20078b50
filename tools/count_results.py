#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums up the reports of a test run and prints `N passed, N failed`; exit code 1 when something failed.

    count_results.py FOLDER

FOLDER holds one folder per lane with JUnit XML files of GoogleTest and pytest, and NAME.crashed for a program that ended
without the report of its failure. A lane that failed (its file `failed`) without a failed test counts as one failure.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def outcome(case: ElementTree.Element) -> str:
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    skipped = "skipped" in tags or case.get("status") == "notrun" or case.get("result") == "skipped"
    return "skipped" if skipped else "passed"


def name_of(case: ElementTree.Element) -> str:
    return f"{case.get('classname')}.{case.get('name')}"


def count_lane(lane: Path) -> tuple[int, list[str], int]:
    """Passed, names of the failed, skipped."""
    passed, failed, skipped = 0, [], 0
    for report in sorted(lane.rglob("*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            match outcome(case):
                case "failed":
                    failed.append(f"{report.stem}: {name_of(case)}")
                case "skipped":
                    skipped += 1
                case _:
                    passed += 1
    failed += [f"{crash.stem}: ended with code {crash.read_text().strip()}" for crash in sorted(lane.rglob("*.crashed"))]
    if (lane / "failed").exists() and not failed:
        failed.append("the lane itself")
    return passed, failed, skipped


def main(folder: Path) -> int:
    passed, failed, skipped = 0, [], 0
    for lane in sorted(path for path in folder.iterdir() if path.is_dir()):
        lane_passed, lane_failed, lane_skipped = count_lane(lane)
        print(f"{lane.name:<10} {lane_passed} passed, {len(lane_failed)} failed" + (f", {lane_skipped} skipped" if lane_skipped else ""))
        passed += lane_passed
        failed += [f"{lane.name}/{name}" for name in lane_failed]
        skipped += lane_skipped
    for name in failed:
        print(f"FAILED {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
