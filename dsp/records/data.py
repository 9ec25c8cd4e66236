"""Records of the data: profile, checks and transforms.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """One row of `columns`: a column of the data as analyzed."""

    TABLE: ClassVar = "columns"

    column_name: str
    position: int
    source_name: str
    data_type: str
    family: str
    semantic_type: str
    role: str
    n_rows: int
    n_null: int
    n_nan: int
    n_infinite: int
    n_empty: int
    n_zero: int
    n_negative: int
    n_distinct: int
    distinct_exact: bool
    distinct_error: float | None = None
    min_value: str | None = None
    max_value: str | None = None
    min_number: float | None = None
    max_number: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    q01: float | None = None
    q05: float | None = None
    q25: float | None = None
    q50: float | None = None
    q75: float | None = None
    q95: float | None = None
    q99: float | None = None
    quantiles_exact: bool
    length_min: int | None = None
    length_mean: float | None = None
    length_max: int | None = None
    is_unique: bool
    is_constant: bool
    reason: str | None = None
    profile_sql: str
    mad: float | None = None
    mode_value: str | None = None
    n_mode: int | None = None
    entropy: float | None = None

    @property
    def is_level(self) -> bool:
        """Whether its values name something, even where they are numbers."""
        return self.semantic_type in (
            "category",
            "identifier",
            "year",
            "postcode",
            "phone",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin:
    """One row of `histograms`: a bin of a column."""

    TABLE: ClassVar = "histograms"

    column_name: str
    bin: int
    low: float
    high: float
    n_rows: int
    profile_sql: str
    kind: str = "width"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopValue:
    """One row of `top_values`: a frequent value of a column."""

    TABLE: ClassVar = "top_values"

    column_name: str
    rank: int
    value: str | None = None
    n_rows: int
    fraction: float
    profile_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One row of `checks`: a check of the data with its outcome."""

    TABLE: ClassVar = "checks"

    check_id: str
    kind: str
    name: str
    columns: tuple[str, ...]
    dimension: str
    severity: str
    outcome: str
    expectation: str
    observed: str
    n_rows: int
    n_failed: int
    failed_fraction: float
    tolerance: float
    action: str
    reason: str | None = None
    evidence_sql: str
    rule_id: str | None = None
    max_failed: int | None = None
    row_filter: str | None = None

    @property
    def is_failure(self) -> bool:
        """Whether it failed and that weighs something; notes do not."""
        return self.outcome == "failed" and self.severity != "info"

    @property
    def is_note(self) -> bool:
        """Whether it only notes something (a failed check of severity info)."""
        return self.outcome == "failed" and self.severity == "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """One row of `failures`: a sample of the rows that fail a check."""

    TABLE: ClassVar = "failures"

    check_id: str
    sample: int
    row_number: int | None = None
    row: str
    line_number: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of `steps`: a transform that was applied, or one that is proposed."""

    TABLE: ClassVar = "steps"

    position: int
    transform: str
    columns: tuple[str, ...]
    reason: str
    sql: str
    n_rows_before: int
    n_rows_after: int
    n_changed: int | None = None
    is_reversible: bool
    status: str = "applied"
    setting: str | None = None
    evidence: str | None = None
