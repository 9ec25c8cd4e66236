"""Time series: a table by period, its regularity, gaps, seasons and change points."""

from __future__ import annotations

from dsp.statistics.series.result import SeriesResult, series_of

__all__ = ["SeriesResult", "series_of"]
