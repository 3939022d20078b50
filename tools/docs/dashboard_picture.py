#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a dashboard's panels from a running Prometheus: a rendering of the queries that Grafana is given, not a picture of Grafana."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "observability"))
from boards import BOARDS
from panels import Board, Panel, Query

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 3
POINTS = 240
UNITS = {
    "s": "seconds",
    "ms": "milliseconds",
    "reqps": "requests/s",
    "ops": "per second",
    "bytes": "bytes",
    "percentunit": "share",
    "short": "",
}


class Prometheus:
    """The last `minutes` of a Prometheus at `url`."""

    def __init__(self, url: str, minutes: float) -> None:
        self.url = url
        self.end = time.time()
        self.begin = self.end - 60 * minutes
        self.step = max(1, round((self.end - self.begin) / POINTS))

    def series(self, query: Query) -> list[dict]:
        """As /api/v1/query_range has them; $__rate_interval is four scrapes, as in Grafana."""
        expression = query.expr.replace("$__rate_interval", f"{max(60, 4 * self.step)}s")
        parameters = {"query": expression, "start": self.begin, "end": self.end, "step": self.step}
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{self.url}/api/v1/query_range?{urllib.parse.urlencode(parameters)}", timeout=30
        ) as answer:
            return json.load(answer)["data"]["result"]


def name_of(query: Query, labels: dict[str, str]) -> str:
    name = query.legend
    for label, value in labels.items():
        name = name.replace(f"{{{{{label}}}}}", value)
    return re.sub(r"{{\w+}}", "none", name)


def draw(axes, panel: Panel, prometheus: Prometheus) -> None:
    for query in panel.queries:
        for series in prometheus.series(query):
            points = [(datetime.datetime.fromtimestamp(at, datetime.UTC), float(value)) for at, value in series["values"]]
            axes.plot(*zip(*points, strict=True), label=name_of(query, series["metric"]), linewidth=1.4)
    axes.set_title(panel.title, loc="left", fontsize=10, fontweight="bold")
    axes.set_ylabel(UNITS.get(panel.unit, panel.unit), fontsize=8)
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))  # a budget that is spent is below 0
    if axes.lines:
        axes.legend(fontsize=6, loc="upper left", ncols=2, frameon=False)


def picture(board: Board, prometheus: Prometheus, target: Path) -> None:
    rows = -(-len(board.panels) // COLUMNS)
    figure = Figure(figsize=(6 * COLUMNS, 3 * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.flat[len(board.panels) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid.flat, board.panels, strict=False):
        draw(axes, panel, prometheus)
    figure.suptitle(f"{board.title}: {board.description}  (rendered from the dashboard's queries by {Path(__file__).name})", fontsize=12)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=80, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", help="default: that of ./sayur compose up --observability")
    parser.add_argument("--board", default="overview", choices=[board.uid for board in BOARDS])
    parser.add_argument("--minutes", type=float, default=15, help="how far back (default: 15)")
    parser.add_argument("--target", type=Path, help="default: docs/pictures/BOARD.png")
    given = parser.parse_args()
    (board,) = (each for each in BOARDS if each.uid == given.board)
    picture(board, Prometheus(given.prometheus, given.minutes), given.target or ROOT / "docs" / "pictures" / f"{board.uid}.png")


if __name__ == "__main__":
    main()
