# SPDX-License-Identifier: Apache-2.0
"""How things are measured on a shared machine: pairs interleaved A-B-B-A, their median, and CPU time of the processes meant."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.processes import process_tree

PAIRS = 6
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Row:
    """One measured thing. `ratio` is None where the goal is an absolute number of `unit`."""

    id: str
    what: str
    unit: str
    subject: float
    reference: float | None
    ratio: float | None
    goal: float
    at_most: bool = False  # the goal is a limit, not something to reach
    note: str = ""

    @property
    def met(self) -> bool:
        value = self.subject if self.ratio is None else self.ratio
        return value <= self.goal if self.at_most else value >= self.goal

    def as_json(self) -> dict:
        return {**asdict(self), "met": self.met}


def progress(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its descendants, living and ended."""
    total = 0
    for member in process_tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue  # it has just ended
        total += sum(map(int, fields[11:15]))  # its own, and what its ended children had used
    return total / TICKS


def children_cpu_seconds() -> float:
    """Of the processes that this one has run and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def per_cpu_second(pids: list[int], work: Callable[[], float]) -> float:
    """How many of what `work` counts are done for each CPU-second of these processes."""
    before = sum(map(cpu_seconds, pids))
    done = work()
    used = sum(map(cpu_seconds, pids)) - before
    if used < 0.2:
        raise RuntimeError(f"{used:.2f} CPU-seconds are too few to be measured")
    return done / used


def pss_mib(pid: int) -> float:
    """The memory of a process, what it shares counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("smaps_rollup has no Pss")


def compare(subject: Callable[[], float], reference: Callable[[], float], pairs: int = PAIRS) -> tuple[float, float, float, str]:
    """Medians of both, the median of the pairs' ratios, and their range. A-B-B-A: what drifts, drifts over both."""
    subjects, references = [], []
    for number in range(pairs):
        order = ("subject", "reference") if number % 2 == 0 else ("reference", "subject")
        for which in order:
            (subjects if which == "subject" else references).append(subject() if which == "subject" else reference())
    ratios = [a / b for a, b in zip(subjects, references, strict=True)]
    spread = f"ratios {min(ratios):.2f} to {max(ratios):.2f} over {pairs} pairs"
    return statistics.median(subjects), statistics.median(references), statistics.median(ratios), spread


def repeat(subject: Callable[[], float], times: int = PAIRS) -> tuple[float, str]:
    values = [subject() for _ in range(times)]
    return statistics.median(values), f"{min(values):.4g} to {max(values):.4g} over {times} runs"


def table(rows: list[Row]) -> str:
    head = ("id", "what", "subject", "reference", "ratio", "goal", "")
    lines = [head]
    for row in rows:
        limit = "≤" if row.at_most else "≥"
        reference = "" if row.reference is None else f"{row.reference:,.4g}" if row.reference < 1000 else f"{row.reference:,.0f}"
        subject = f"{row.subject:,.4g}" if row.subject < 1000 else f"{row.subject:,.0f}"
        unit = "" if row.ratio is not None else f" {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append((row.id, row.what, subject, reference, ratio, f"{limit} {row.goal:g}{unit}", "met" if row.met else "SHORT"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    notes = [f"{row.id} {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([texts[0], "-" * len(texts[0]), *texts[1:], "", *notes])
