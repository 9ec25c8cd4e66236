"""Forecasts as all their renderings show them, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dsp.engine.store import plain
from dsp.numbers import counted
from dsp.records import ForecastPoint, ForecastScore, ForecastSeries


@dataclass(frozen=True, kw_only=True)
class ForecastReport:
    """What was forecast from a source; iterates over its series, by name.

    Attributes
    ----------
    source
        What was read, as people name it.
    n_rows
        Its rows.
    forecast_at
        When, in UTC.
    time, target, by
        Columns: the times, what is forecast, what tells series apart.
    horizon, level
        Steps ahead; nominal coverage of the intervals (0-1).
    series
        A row for every series: method, errors, coverage, what to mind.
    points
        Forecasts of each series' own method, and of the seasonal naive one beside it.
    scores
        Errors of all methods at earlier origins.
    left_out
        Methods that the time limit did not allow.
    notes
        What was left out of all series.
    n_rejected
        Records of the source that could not be read.
    elapsed_ms
        What it took, in all and by part.
    """

    source: str
    n_rows: int
    forecast_at: datetime
    time: str
    target: str
    by: tuple[str, ...] = ()
    horizon: int
    level: float
    series: tuple[ForecastSeries, ...] = ()
    points: tuple[ForecastPoint, ...] = ()
    scores: tuple[ForecastScore, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    n_rejected: int = 0
    elapsed_ms: Mapping[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ForecastSeries]:
        """Iterate over the series."""
        return iter(self.series)

    def __len__(self) -> int:
        """Return the number of series."""
        return len(self.series)

    def of(self, series: str | None = None) -> tuple[ForecastPoint, ...]:
        """Return the forecast of a series by its own method; of the only one if None."""
        name = self.series[0].series if series is None and self.series else series
        return tuple(p for p in self.points if p.is_chosen and p.series == name)

    @property
    def n_better(self) -> int:
        """Series whose method was better than the seasonal naive one where tested."""
        return sum(row.is_better for row in self.series)

    @property
    def n_tested(self) -> int:
        """Series that were tested at earlier origins."""
        return sum(row.mase is not None for row in self.series)

    @property
    def coverage(self) -> float | None:
        """Share of values inside intervals at origins left out of their making (0-1)."""
        found = [
            (score.value, score.n) for score in self.scores if score.metric == "coverage"
        ]
        n = sum(count for _, count in found)
        return sum(value * count for value, count in found) / n if n else None

    @property
    def mase(self) -> tuple[float, float] | None:
        """Mean scaled error of the chosen methods and of the baseline, where tested."""
        pairs = [
            (row.mase, row.baseline_mase)
            for row in self.series
            if row.mase is not None and row.baseline_mase is not None
        ]
        if not pairs:
            return None
        own, base = zip(*pairs, strict=True)
        return sum(own) / len(pairs), sum(base) / len(pairs)

    def __repr__(self) -> str:
        """Return one line: what was forecast, how far, how well."""
        what = counted(len(self.series), "series", "series")
        return f"<Forecast of {self.target}: {what}, {counted(self.horizon, 'step')}>"


def document(report: ForecastReport) -> dict[str, Any]:
    """Return a report as the document that ``dsp forecast --json`` writes.

    Keys are added, never renamed or removed; what is undefined is null.
    """
    return {
        "schema": "dsp.forecast/1",
        "source": report.source,
        "n_rows": report.n_rows,
        "n_rejected": report.n_rejected,
        "forecast_at": report.forecast_at.isoformat(),
        "time": report.time,
        "target": report.target,
        "by": list(report.by),
        "horizon": report.horizon,
        "level": report.level,
        "n_better": report.n_better,
        "coverage": report.coverage,
        "left_out": list(report.left_out),
        "notes": list(report.notes),
        "series": [plain(row) for row in report.series],
        "forecasts": [plain(point) for point in report.points],
        "scores": [plain(score) for score in report.scores],
        "elapsed_ms": dict(report.elapsed_ms),
    }
