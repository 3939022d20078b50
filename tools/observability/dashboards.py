#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Grafana's dashboards (deployments/observability/grafana/dashboards) of the boards beside it, with Grafana's Foundation SDK."""

from __future__ import annotations

from pathlib import Path

from boards import BOARDS
from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType, DataSourceRef, Threshold, ThresholdsMode
from panels import Board, Panel, Query
from rules import RUNBOOKS

TARGET = Path(__file__).resolve().parents[2] / "deployments" / "observability" / "grafana" / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
HEIGHT = 8


def thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    good, warn, bad = "green", "yellow", "red"
    if panel.bad is not None and panel.warn is not None and panel.bad < panel.warn:
        steps = [Threshold(value=None, color=bad), Threshold(value=panel.bad, color=warn), Threshold(value=panel.warn, color=good)]
    else:
        steps = [Threshold(value=None, color=good)]
        steps += [Threshold(value=value, color=color) for value, color in ((panel.warn, warn), (panel.bad, bad)) if value is not None]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def target(query: Query, number: int) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expr)
        .legend_format(query.legend)
        .ref_id(chr(ord("A") + number))
        .exemplar(query.exemplars)
        .datasource(SOURCE)
    )


def panel_of(panel: Panel, number: int) -> timeseries.Panel | stat.Panel:
    made = stat.Panel() if panel.is_figure else timeseries.Panel()
    made.id(number).title(panel.title).unit(panel.unit).datasource(SOURCE).span(panel.width).height(HEIGHT).thresholds(thresholds(panel))
    if not panel.is_figure:
        made.min(0)
        if panel.warn is not None or panel.bad is not None:
            made.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    if panel.runbook:
        made.description(f"Runbook: [{panel.runbook}]({RUNBOOKS}/{panel.runbook}.md)")
    for index, query in enumerate(panel.queries):
        made.with_target(target(query, index))
    return made


def links() -> list[dashboard.DashboardLink]:
    others = (
        dashboard.DashboardLink("MICRO-SAYUR").type(DashboardLinkType.DASHBOARDS).tags(["micro-sayur"]).as_dropdown(True).keep_time(True)
    )
    return [others]


def dashboard_of(board: Board) -> dashboard.Dashboard:
    made = dashboard.Dashboard(board.title).uid(board.uid).description(board.description).tags(["micro-sayur"]).links(links())
    made.time("now-1h", "now").refresh("30s").tooltip(DashboardCursorSync.CROSSHAIR).readonly()
    for number, panel in enumerate(board.panels, 1):
        made.with_panel(panel_of(panel, number))
    return made


def made_files() -> dict[Path, str]:
    """Every file that this script makes, with its content."""
    encoder = JSONEncoder(sort_keys=True, indent=1)
    return {TARGET / f"{board.uid}.json": encoder.encode(dashboard_of(board).build()) + "\n" for board in BOARDS}


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for path, content in made_files().items():
        path.write_text(content)


if __name__ == "__main__":
    main()
