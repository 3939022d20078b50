# SPDX-License-Identifier: Apache-2.0
"""Nothing that failed is counted as passed."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "count_results.py"
REPORT = """<testsuites><testsuite><testcase name="a" classname="A"/><testcase name="b" classname="A"><failure/></testcase>
<testcase name="c" classname="A" result="skipped"><skipped/></testcase></testsuite></testsuites>"""
GOOD = '<testsuite><testcase name="a" classname="A"/></testsuite>'


@pytest.fixture
def count(tmp_path):
    def run(files: dict[str, str]) -> tuple[int, str]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()[-1]

    return run


def test_lanes_are_summed(count):
    assert count({"unit/a.xml": GOOD, "system/b.xml": GOOD}) == (0, "2 passed, 0 failed")


def test_a_failed_test_fails_the_run_and_a_skipped_one_counts_for_nothing(count):
    assert count({"unit/a.xml": REPORT}) == (1, "1 passed, 1 failed")


def test_a_crash_is_a_failure(count):
    assert count({"unit/a.xml": GOOD, "unit/b.crashed": "139"}) == (1, "1 passed, 1 failed")


def test_a_lane_that_failed_without_a_report_is_a_failure(count):
    assert count({"unit/failed": "", "contract/a.xml": GOOD}) == (1, "1 passed, 1 failed")
