"""Records of a comparison of two tables, A and B.

The columns are described in ``sql/comparison/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """The row of `comparison`: what was compared, and how much differs."""

    TABLE: ClassVar = "comparison"

    source_a: str
    source_b: str
    n_rows_a: int
    n_rows_b: int
    n_columns_a: int
    n_columns_b: int
    key: tuple[str, ...]
    key_origin: str
    tolerance: str | None = None
    n_only_a: int | None = None
    n_only_b: int | None = None
    n_changed: int | None = None
    n_unchanged: int | None = None
    n_duplicated_a: int = 0
    n_duplicated_b: int = 0
    rows_reason: str | None = None
    n_schema_differences: int
    n_drifted: int
    n_large: int
    threshold: float
    alpha: float
    n_tests: int
    correction: str
    notes: tuple[str, ...] = ()
    summary: str
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDifference:
    """One row of `schema_differences`: a way in which the columns differ."""

    TABLE: ClassVar = "schema_differences"

    column_name: str
    change: str
    a: str | None = None
    b: str | None = None
    is_guess: bool = False
    evidence: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedColumn:
    """One row of `compared_columns`: a column that both tables have."""

    TABLE: ClassVar = "compared_columns"

    rank: int
    column_name: str
    name_b: str
    position_a: int
    position_b: int
    type_a: str
    type_b: str
    kind: str
    verdict: str | None = None
    score: float | None = None
    leading_measure: str | None = None
    statement: str
    n_values_a: int
    n_values_b: int
    n_missing_a: int
    n_missing_b: int
    min_a: str | None = None
    min_b: str | None = None
    max_a: str | None = None
    max_b: str | None = None
    n_new_values: int | None = None
    n_lost_values: int | None = None
    new_values: tuple[str, ...] = ()
    lost_values: tuple[str, ...] = ()
    n_changed: int | None = None
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMeasure:
    """One row of `drift`: a measure of how far a column is apart."""

    TABLE: ClassVar = "drift"

    column_name: str
    measure: str
    value: float | None = None
    value_a: float | None = None
    value_b: float | None = None
    level: str | None = None
    test: str | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    n_a: int
    n_b: int
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftBin:
    """One row of `drift_bins`: a bin of a column, counted in both tables."""

    TABLE: ClassVar = "drift_bins"

    column_name: str
    purpose: str
    bin: int
    label: str
    low: float | None = None
    high: float | None = None
    n_a: int
    n_b: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """One row of `row_differences`: a sample of the rows that differ."""

    TABLE: ClassVar = "row_differences"

    kind: str
    sample: int
    key: str | None = None
    columns: tuple[str, ...] = ()
    row_a: str | None = None
    row_b: str | None = None
    n_a: int
    n_b: int


COMPARISON_RECORDS: tuple[type, ...] = (
    ComparisonRow,
    SchemaDifference,
    ComparedColumn,
    DriftMeasure,
    DriftBin,
    RowDifference,
)
"""Every record type of a comparison, in the order the tables are listed."""
