"""A series for each label: a figure over time, side by side."""

from __future__ import annotations

from typing import Any

from dsp.charts.base import MAX_SERIES, Look
from dsp.charts.time_series import TimeSeries


class SeriesBy(TimeSeries):
    """Draws ts and value as a line for each label."""

    name = "series_by"
    shape = frozenset({"ts", "value", "label"})

    def aggregate(
        self,
        table: Any,
        *,
        ts: str,
        value: str | None = None,
        label: str | None = None,
        how: str = "mean",
        grain: str | None = "month",
        limit: int = MAX_SERIES,
    ) -> tuple[Any, Look]:
        """Return the mean of a number by period, for each value of a column."""
        return super().aggregate(
            table, ts=ts, value=value, label=label, how=how, grain=grain, limit=limit
        )


plugin = SeriesBy()
