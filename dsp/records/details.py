"""Records of what columns of one family hold: texts, dates, nested values, fits.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProfile:
    """One row of `text_profiles`: a column of texts."""

    TABLE: ClassVar = "text_profiles"

    column_name: str
    n_values: int
    n_empty: int
    n_blank: int
    n_padded: int
    n_control: int
    n_multiline: int
    n_non_ascii: int
    n_upper: int
    n_lower: int
    n_with_letters: int
    n_with_digits: int
    n_with_punctuation: int
    n_digits_only: int
    n_number_like: int
    n_date_like: int
    length_min: int | None = None
    length_mean: float | None = None
    length_q50: int | None = None
    length_q95: int | None = None
    length_max: int | None = None
    words_mean: float | None = None
    words_max: int | None = None
    reason: str | None = None
    profile_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPattern:
    """One row of `text_patterns`: a way in which the texts of a column are written."""

    TABLE: ClassVar = "text_patterns"

    column_name: str
    rank: int
    pattern: str
    is_collapsed: bool
    n_rows: int
    fraction: float
    n_values: int
    is_sampled: bool
    example: str
    profile_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateProfile:
    """One row of `date_profiles`: a column of dates, timestamps or times of day."""

    TABLE: ClassVar = "date_profiles"

    column_name: str
    n_values: int
    granularity: str | None = None
    first_value: str | None = None
    last_value: str | None = None
    n_days: int | None = None
    span_days: int | None = None
    gap_unit: str | None = None
    n_gaps: int | None = None
    n_missing: int | None = None
    longest_gap: int | None = None
    gap_start: str | None = None
    gap_end: str | None = None
    n_weekend: int | None = None
    n_sentinel: int | None = None
    sentinels: tuple[str, ...] = ()
    reason: str | None = None
    profile_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePart:
    """One row of `date_parts`: a weekday, month or hour of a column."""

    TABLE: ClassVar = "date_parts"

    column_name: str
    part: str
    number: int
    label: str
    n_rows: int
    fraction: float
    profile_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionFit:
    """One row of `distribution_fits`: a family of distributions fitted to a column."""

    TABLE: ClassVar = "distribution_fits"

    column_name: str
    rank: int | None = None
    family: str
    is_best: bool
    n_rows: int
    is_sampled: bool
    parameters: str | None = None
    ks: float | None = None
    ks_high: float | None = None
    aic: float | None = None
    test: str | None = None
    statistic: float | None = None
    df: int | None = None
    p_value: float | None = None
    verdict: str
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """One row of `personal_data`: a column that may tell who somebody is."""

    TABLE: ClassVar = "personal_data"

    column_name: str
    kind: str
    basis: str
    confidence: float
    n_rows: int
    is_sampled: bool
    n_found: int | None = None
    fraction: float | None = None
    reason: str
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedProfile:
    """One row of `nested_profiles`: a nested column, or a path inside of one."""

    TABLE: ClassVar = "nested_profiles"

    column_name: str
    path: str
    kind: str
    data_type: str
    n_values: int
    n_null: int
    n_empty: int | None = None
    length_min: int | None = None
    length_mean: float | None = None
    length_max: int | None = None
    min_value: str | None = None
    max_value: str | None = None
    mean: float | None = None
    reason: str | None = None
    profile_sql: str
