"""Records of time series: times of a column, measures by period, and what they show.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """One row of `time_columns`: a column of times and how they follow each other."""

    TABLE: ClassVar = "time_columns"

    column_name: str
    n_rows: int
    n_dated: int
    n_backward: int
    is_sorted: bool
    first_time: str | None = None
    last_time: str | None = None
    n_times: int | None = None
    n_repeated: int | None = None
    step: str | None = None
    regularity: float | None = None
    n_missing: int | None = None
    entity_column: str | None = None
    entity_regularity: float | None = None
    granularity: str | None = None
    n_periods: int | None = None
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGap:
    """One row of `time_gaps`: periods without a row between two times."""

    TABLE: ClassVar = "time_gaps"

    column_name: str
    rank: int
    gap_start: str
    gap_end: str
    unit: str
    n_missing: int
    seconds: float
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """One row of `series`: the rows or a measure by period, and its statistics."""

    TABLE: ClassVar = "series"

    series_id: str
    time_column: str
    measure: str | None = None
    aggregate: str
    granularity: str
    first_period: str
    last_period: str
    n_periods: int
    n_filled: int
    n_partial: int
    mean: float | None = None
    sd: float | None = None
    adf_statistic: float | None = None
    adf_p_value: float | None = None
    adf_lags: int | None = None
    kpss_statistic: float | None = None
    kpss_p_value: float | None = None
    kpss_lags: int | None = None
    adf_trend_statistic: float | None = None
    adf_trend_p_value: float | None = None
    kpss_trend_statistic: float | None = None
    kpss_trend_p_value: float | None = None
    verdict: str | None = None
    lag_1: float | None = None
    ljung_box_statistic: float | None = None
    ljung_box_lags: int | None = None
    ljung_box_p_value: float | None = None
    cycle: str | None = None
    cycle_length: int | None = None
    cycle_autocorrelation: float | None = None
    trend_strength: float | None = None
    seasonal_strength: float | None = None
    peak: str | None = None
    valley: str | None = None
    n_changes: int | None = None
    n_spread_changes: int | None = None
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Autocorrelation:
    """One row of `autocorrelations`: how a series goes with itself some periods later."""

    TABLE: ClassVar = "autocorrelations"

    series_id: str
    lag: int
    acf: float
    pacf: float | None = None
    bound: float
    is_outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """One row of `change_points`: a step of the level or of the spread of a series."""

    TABLE: ClassVar = "change_points"

    series_id: str
    kind: str
    change: int
    changed_at: str
    before: float | None = None
    after: float | None = None
    effect: float | None = None
    gain: float
    evidence_sql: str
