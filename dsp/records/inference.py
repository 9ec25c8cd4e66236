"""Records of tests between groups and of regressions.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionFit:
    """One row of `regression_fits`: a regression as a whole."""

    TABLE: ClassVar = "regression_fits"

    regression_id: str
    target: str
    event: str | None = None
    family: str
    terms: tuple[str, ...]
    has_intercept: bool
    covariance: str
    method: str
    digits: float | None = None
    n_rows: int
    n_left_out: int
    n_steps: int
    df_model: int
    df_residual: int
    r_squared: float | None = None
    adjusted_r_squared: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    residual_sd: float | None = None
    residual_ss: float | None = None
    log_likelihood: float | None = None
    null_log_likelihood: float | None = None
    aic: float | None = None
    bic: float | None = None
    condition: float | None = None
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """One row of `regressions`: a coefficient."""

    TABLE: ClassVar = "regressions"

    regression_id: str
    position: int
    term: str
    column_name: str | None = None
    power: int | None = None
    level: str | None = None
    reference: str | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    low: float | None = None
    high: float | None = None
    vif: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest:
    """One row of `group_tests`: a test, or the size of a difference, between groups."""

    TABLE: ClassVar = "group_tests"

    test_id: str
    value_column: str
    by_column: str
    is_target: bool
    kind: str
    name: str
    event: str | None = None
    group_a: str | None = None
    group_b: str | None = None
    statistic: float | None = None
    df: float | None = None
    df_residual: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    n_tests: int
    correction: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    n_groups: int
    n_rows: int
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSummary:
    """One row of `group_summaries`: a group of rows by the value of a column."""

    TABLE: ClassVar = "group_summaries"

    value_column: str
    by_column: str
    position: int
    group_value: str
    event: str | None = None
    n_rows: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    evidence_sql: str
