"""Records of what was found: relations, insights, models.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

STRENGTHS = ("pearson", "spearman", "cramers_v", "correlation_ratio")
"""Measures whose size, from 0 to 1, may be compared between pairs of columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """One row of `associations`: a measure of relation between two columns."""

    TABLE: ClassVar = "associations"

    association_id: str
    column_a: str
    column_b: str
    is_target: bool
    measure: str
    value: float | None = None
    direction: str | None = None
    low: float | None = None
    high: float | None = None
    test: str | None = None
    statistic: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    n_tests: int
    correction: str
    n_rows: int
    reason: str | None = None
    evidence_sql: str
    normalized: float | None = None
    method: str | None = None

    @property
    def strength(self) -> float | None:
        """How strong the relation is (0-1); None for measures on a scale of their own."""
        is_comparable = self.value is not None and self.measure in STRENGTHS
        return abs(self.value or 0.0) if is_comparable else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCollinearity:
    """One row of `collinearity`: a measure beside all other measures."""

    TABLE: ClassVar = "collinearity"

    column_name: str
    cluster_position: int
    vif: float | None = None
    r2: float | None = None
    n_columns: int
    n_rows: int
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One row of `dependencies`: a candidate key, near-key or functional dependency."""

    TABLE: ClassVar = "dependencies"

    dependency_id: str
    kind: str
    determinant: tuple[str, ...]
    dependent: str | None = None
    n_violations: int
    n_rows: int
    is_exact: bool
    share: float
    n_expected: float | None = None
    fix_hint: str | None = None
    violations_sql: str
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """One row of `insights`: a finding."""

    TABLE: ClassVar = "insights"

    insight_id: str
    rank: int
    score: float
    asserted: bool
    kind: str
    title: str
    columns: tuple[str, ...]
    target: str | None = None
    segment_column: str | None = None
    segment_value: str | None = None
    time_start: str | None = None
    time_end: str | None = None
    period: str | None = None
    lag: int | None = None
    direction: str | None = None
    baseline: float | None = None
    value: float | None = None
    effect_name: str | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    n_rows: int
    impact: float | None = None
    test: str | None = None
    unit: str
    statistic: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    n_tests: int
    correction: str
    stability: float | None = None
    explained_by: str | None = None
    severity: str
    statement: str
    recommendation: str
    evidence_sql: str
    chart_id: str | None = None
    detector: str | None = None

    @property
    def is_said(self) -> bool:
        """Whether it is shown: it holds, and no other finding explains it."""
        return self.asserted and self.explained_by is None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTests:
    """One row of `tests`: a detector that ran, with its tests."""

    TABLE: ClassVar = "tests"

    detector: str
    n_tests: int
    n_found: int
    n_explained: int
    n_set_aside: int
    smallest_p: float | None = None
    smallest_q: float | None = None
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One row of `models`: a model that was fitted."""

    TABLE: ClassVar = "models"

    model_id: str
    position: int
    name: str
    task: str
    target: str
    is_baseline: bool
    is_best: bool
    metric: str
    cv_mean: float | None = None
    cv_sd: float | None = None
    holdout: float | None = None
    holdout_low: float | None = None
    holdout_high: float | None = None
    n_train: int
    n_holdout: int
    split: str
    features: tuple[str, ...]
    excluded: str
    params: str
    note: str
    fit_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """One row of `model_scores`: a score of a model on a fold or the hold-out."""

    TABLE: ClassVar = "model_scores"

    model_id: str
    split: str
    fold: int
    metric: str
    value: float
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPoint:
    """One row of `learning_curve`: how good the best setting is on so many rows."""

    TABLE: ClassVar = "learning_curve"

    position: int
    n_rows: int
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelQuery:
    """One row of `model_queries`: the best model as a query that predicts new rows."""

    TABLE: ClassVar = "model_queries"

    model_id: str
    target: str
    task: str
    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    kinds: tuple[str, ...]
    n_leaves: int
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """One row of `importances`: the importance of a column for the best model."""

    TABLE: ClassVar = "importances"

    model_id: str
    feature: str
    rank: int
    method: str
    metric: str
    mean: float
    sd: float
    low: float
    high: float
    n_repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One row of `predictions`: a prediction for a row that the model had not seen."""

    TABLE: ClassVar = "predictions"

    model_id: str
    row_number: int
    split: str
    actual_number: float | None = None
    predicted_number: float | None = None
    low: float | None = None
    high: float | None = None
    actual_label: str | None = None
    predicted_label: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPoint:
    """One row of `forecasts`: a forecast point."""

    TABLE: ClassVar = "forecasts"

    series: str
    ts: datetime
    horizon: int
    value: float
    low: float | None = None
    high: float | None = None
    level: float
    method: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScore:
    """One row of `forecast_scores`: how far off a method was at earlier origins."""

    TABLE: ClassVar = "forecast_scores"

    series: str
    method: str
    metric: str
    origin: datetime | None = None
    horizon: int | None = None
    value: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSeries:
    """One row of `forecast_series`: a series that was forecast, and how well."""

    TABLE: ClassVar = "forecast_series"

    series: str
    target: str
    time_column: str
    frequency: str
    aggregate: str
    first_ts: datetime | None = None
    last_ts: datetime | None = None
    n_rows: int
    n_periods: int
    n_missing: int
    seasonalities: tuple[str, ...]
    method: str | None = None
    detail: str | None = None
    mase: float | None = None
    baseline_mase: float | None = None
    coverage: float | None = None
    n_origins: int
    reason: str | None = None
    evidence_sql: str

    @property
    def is_better(self) -> bool:
        """Whether its method was better than the seasonal naive one where tested."""
        if self.mase is None or self.baseline_mase is None:
            return False
        return self.mase < self.baseline_mase
