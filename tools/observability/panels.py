# SPDX-License-Identifier: Apache-2.0
"""What a dashboard is made of, and the queries that many panels share."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str = ""
    exemplars: bool = False


@dataclass(frozen=True)
class Panel:
    """`warn` and `bad`: from these values on a figure is yellow, or red; with `bad` below `warn` it is so from there down."""

    title: str
    unit: str
    queries: list[Query]
    is_figure: bool = False
    warn: float | None = None
    bad: float | None = None
    runbook: str = ""
    width: int = 8


@dataclass(frozen=True)
class Board:
    uid: str
    title: str
    description: str
    panels: list[Panel] = field(default_factory=list)


def quantiles(metric: str, by: str = "", where: str = "", exemplars: bool = False) -> list[Query]:
    """Median and 99th percentile of a histogram, by a label where one is named."""
    names = f"le, {by}" if by else "le"
    legend = f"{{{{{by}}}}} " if by else ""
    return [
        Query(
            f"histogram_quantile({share}, sum by ({names}) (rate({metric}_bucket{{{where}}}[$__rate_interval])))",
            f"{legend}{name}",
            exemplars,
        )
        for share, name in ((0.5, "half"), (0.99, "99%"))
    ]


def rate(metric: str, by: str = "", where: str = "", legend: str = "", otherwise: int | None = None) -> Query:
    """`otherwise` stands where there is no series yet."""
    grouped = f" by ({by})" if by else ""
    shown = legend or " ".join(f"{{{{{name.strip()}}}}}" for name in by.split(",") if name)
    absent = "" if otherwise is None else f" or vector({otherwise})"
    return Query(f"sum{grouped} (rate({metric}{{{where}}}[$__rate_interval])){absent}", shown)
