"""Forecasts for people at a terminal: a line for each series, points where few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from dsp.cli.lines import cut, fit, flat, folded, painter, wide, width_of
from dsp.numbers import NOTHING, amount, counted, metric, printable, seconds, share

if TYPE_CHECKING:
    from dsp.exports.forecasts import ForecastReport
    from dsp.records import ForecastPoint, ForecastSeries

NARROWEST, WIDEST = 60, 120
MOST_SERIES = 20
NEXT = 3
"""Values of each series in a table of several."""
NAME = 24
LABELS = {
    "seasonal_naive": "seasonal naive",
    "ets": "ETS",
    "arima": "ARIMA",
    "combined": "combination",
    "boosted": "boosted lags",
}


def show_forecast(report: ForecastReport) -> None:
    """Write a forecast to standard output, at the width of the terminal."""
    for line in lines(report, width_of(NARROWEST, WIDEST), painter()):
        click.echo(line)


def lines(report: ForecastReport, width: int, paint: Callable[..., str]) -> Iterator[str]:
    """Yield the lines of a report, folded to `width` cells."""
    yield paint(printable(report.source), bold=True)
    took = sum(report.elapsed_ms.values())
    yield printable(" · ".join([*_facts(report), seconds(took)]))
    yield ""
    if len(report.series) == 1:
        yield from _single(report, width, paint)
    else:
        yield from _table(report, width)
    yield ""
    yield from folded(_verdict(report).split(), width, " ")
    for note in _minded(report):
        yield from (
            paint(line, dim=True) for line in folded(flat(note).split(), width, " ")
        )


def _facts(report: ForecastReport) -> list[str]:
    first = next((row for row in report.series if row.n_periods), None)
    facts = [counted(report.n_rows, "row"), counted(len(report), "series", "series")]
    if first is not None:
        seasons = next((r.seasonalities for r in report.series if r.seasonalities), ())
        facts.append(f"{first.aggregate} by {first.frequency}")
        shown = " and ".join(seasons)
        facts.append(f"season of {shown}" if shown else "no season")
    return facts


def _single(
    report: ForecastReport, width: int, paint: Callable[..., str]
) -> Iterator[str]:
    row, points = report.series[0], report.of()
    yield paint(f"{cut(flat(row.series), width - 20)}: {_method(row)}", bold=True)
    if not points:
        return
    rows = [("period", "forecast", f"low ({report.level:.0%})", "high")]
    rows += [
        (when(p.ts, row.frequency), amount(p.value), amount(p.low), amount(p.high))
        for p in points[:MOST_SERIES]
    ]
    yield from _columns(rows, width)
    if len(points) > MOST_SERIES:
        yield f"and {counted(len(points) - MOST_SERIES, 'more step')}"


def _table(report: ForecastReport, width: int) -> Iterator[str]:
    points: dict[str, list[ForecastPoint]] = {}
    for point in report.points:
        if point.is_chosen and point.horizon <= NEXT:
            points.setdefault(point.series, []).append(point)
    heads = ("series", "method", "MASE", "naive", f"next values ({report.level:.0%})")
    rows: list[tuple[str, ...]] = [heads]
    for row in report.series[:MOST_SERIES]:
        found = points.get(row.series, [])
        following = "  ".join(_spread(point) for point in found)
        rows.append(
            (
                cut(flat(row.series) or "(blank)", NAME),
                _method(row),
                metric(row.mase),
                metric(row.baseline_mase),
                following or flat(row.reason or NOTHING),
            )
        )
    yield from _columns(rows, width, right=(2, 3))
    if len(report) > MOST_SERIES:
        left = counted(len(report) - MOST_SERIES, "more series", "more series")
        yield f"and {left}: --json, --output"


def _spread(point: ForecastPoint) -> str:
    if point.low is None or point.high is None:
        return amount(point.value)
    return f"{amount(point.value)} [{amount(point.low)}, {amount(point.high)}]"


def _method(row: ForecastSeries) -> str:
    if row.method is None:
        return "none"
    name = LABELS.get(row.method, row.method.replace("_", " "))
    return f"{name} {flat(row.detail)}" if row.detail else name


def _verdict(report: ForecastReport) -> str:
    """Return how good the forecasts were where that could be tested."""
    if report.mase is None:
        return "Not tested: the series are too short for earlier origins."
    own, base = report.mase
    figures = f"MASE {metric(own)} against {metric(base)} of the seasonal naive forecast"
    inside = ""
    if report.coverage is not None:
        inside = f"; {share(report.coverage)} of values were inside {report.level:.0%}"
        inside += " intervals at origins left out"
    if len(report) == 1:
        if not report.n_better:
            return f"No better than the seasonal naive forecast: {figures}{inside}."
        return f"{figures}{inside}."
    better = f"{report.n_better:,} of {report.n_tested:,} tested series"
    if not report.n_better:
        return f"Nothing beats the seasonal naive forecast: {figures}{inside}."
    return f"{better} beat the seasonal naive forecast: {figures}{inside}."


def _minded(report: ForecastReport) -> Iterator[str]:
    """Yield what to mind: of all series, then the most frequent of single ones."""
    yield from (f"Mind: {note}." for note in report.notes)
    if report.left_out:
        names = ", ".join(LABELS.get(n, n) for n in report.left_out)
        yield f"Out of time, not tried: {names}."
    reasons = [(row.series, row.reason) for row in report.series if row.reason]
    for series, reason in reasons[:5]:
        where = f"{cut(series, NAME)}: " if len(report) > 1 else ""
        yield f"Mind: {where}{reason}."
    if len(reasons) > 5:
        yield f"Mind: {counted(len(reasons) - 5, 'more series', 'more series')}; --json."


def when(ts: datetime, frequency: str) -> str:
    """Return the name of a period: as much of its time as its step needs.

    Examples
    --------
    >>> when(datetime(2024, 4, 1), "quarter"), when(datetime(2024, 4, 1), "month")
    ('2024 Q2', '2024-04')
    """
    if frequency == "year":
        return f"{ts:%Y}"
    if frequency == "quarter":
        return f"{ts:%Y} Q{(ts.month + 2) // 3}"
    if frequency == "month":
        return f"{ts:%Y-%m}"
    if frequency in ("day", "business day", "week"):
        return f"{ts:%Y-%m-%d}"
    return f"{ts:%Y-%m-%d %H:%M}"


def _columns(
    rows: Sequence[Sequence[str]], width: int, right: Sequence[int] = (1, 2, 3)
) -> Iterator[str]:
    sizes = [max(wide(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (fit(cell, sizes[i], is_right=i in right) for i, cell in enumerate(row))
        yield cut("  ".join(cells).rstrip(), width)
