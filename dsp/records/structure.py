"""Records of structure: rows that repeat, values that are missing, how far was searched.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureSearch:
    """One row of `structure_searches`: how far one kind of structure was searched for."""

    TABLE: ClassVar = "structure_searches"

    search: str
    n_columns: int
    n_candidates: int
    n_refuted: int
    n_tested: int
    n_found: int
    is_complete: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedRows:
    """The row of `repeated_rows`: how many rows equal another in all columns."""

    TABLE: ClassVar = "repeated_rows"

    n_rows: int
    n_groups: int
    n_repeated: int
    n_excess: int
    n_largest: int
    share: float
    violations_sql: str
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPattern:
    """One row of `missing_patterns`: columns that are missing in the same rows."""

    TABLE: ClassVar = "missing_patterns"

    rank: int
    columns: tuple[str, ...]
    n_columns: int
    n_rows: int
    share: float
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPair:
    """One row of `missing_pairs`: whether two columns are missing together."""

    TABLE: ClassVar = "missing_pairs"

    column_a: str
    column_b: str
    n_a: int
    n_b: int
    n_both: int
    n_rows: int
    correlation: float | None
    share_of_a: float
    share_of_b: float
    relation: str
    statistic: float | None
    p_value: float | None
    q_value: float | None
    n_tests: int
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPredictor:
    """One row of `missing_predictors`: whether a column tells what another lacks."""

    TABLE: ClassVar = "missing_predictors"

    column_name: str
    predictor: str
    effect_name: str
    effect: float | None
    low: float | None = None
    high: float | None = None
    when_missing: float | None = None
    when_present: float | None = None
    test: str | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    n_tests: int
    n_rows: int
    reason: str | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """One row of `inclusions`: a column whose values are among those of another."""

    TABLE: ClassVar = "inclusions"

    inclusion_id: str
    table_a: str
    column_a: str
    table_b: str
    column_b: str
    score: float
    is_key: bool
    name_similarity: float
    coverage: float
    n_values: int
    n_rows: int
    n_values_outside: int
    n_violations: int
    share: float
    fix_hint: str | None = None
    violations_sql: str
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """One row of `near_duplicates`: a text that is nearly a more frequent one."""

    TABLE: ClassVar = "near_duplicates"

    column_name: str
    canonical: str
    n_canonical: int
    value: str
    n_rows: int
    differs_by: str
    fix_hint: str
    evidence_sql: str
