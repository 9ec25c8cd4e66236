"""Records of the dashboard: its charts and figures, and the cube behind its filters.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

DIMENSIONS = 5
"""Dimensions that a cube can have: the columns d1 to d5 of `cube_cells`."""
MEASURES = 5
"""Measures that a cube can have: the columns s1, n1 to s5, n5 of `cube_cells`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """One row of `cubes`: the aggregate that the filters of the page work on."""

    TABLE: ClassVar = "cubes"

    cube_id: str
    axis: str
    axis_column: str | None = None
    grain: str | None = None
    shift: int | None = None
    n_buckets: int
    first_bucket: int
    last_bucket: int
    n_cells: int
    n_rows: int
    min_cell: int
    notes: tuple[str, ...]
    back: int | None = None
    previous_label: str | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    evidence_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeBucket:
    """One row of `cube_buckets`: a period of time, or a range of values."""

    TABLE: ClassVar = "cube_buckets"

    bucket: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    low: float | None = None
    high: float | None = None
    is_partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeDimension:
    """One row of `cube_dimensions`: a column that the page can be filtered by."""

    TABLE: ClassVar = "cube_dimensions"

    dimension: int
    column_name: str
    label: str
    is_target: bool
    n_values: int
    value_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeValue:
    """One row of `cube_values`: a value of a dimension, with its code in the cells."""

    TABLE: ClassVar = "cube_values"

    dimension: int
    code: int
    value: str
    kind: str
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeMeasure:
    """One row of `cube_measures`: a number that the cells carry as sum and count."""

    TABLE: ClassVar = "cube_measures"

    measure: int
    column_name: str | None = None
    label: str
    how: str
    format: str
    unit: str | None = None
    polarity: str
    value_sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeCell:
    """One row of `cube_cells`: the rows that share a bucket and a value everywhere."""

    TABLE: ClassVar = "cube_cells"

    bucket: int
    is_cut: bool
    d1: int | None = None
    d2: int | None = None
    d3: int | None = None
    d4: int | None = None
    d5: int | None = None
    n_rows: int
    s1: float | None = None
    n1: int | None = None
    s2: float | None = None
    n2: int | None = None
    s3: float | None = None
    n3: int | None = None
    s4: float | None = None
    n4: int | None = None
    s5: float | None = None
    n5: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One row of `kpis`: a card of the summary, over the window that is shown first."""

    TABLE: ClassVar = "kpis"

    kpi_id: str
    position: int
    label: str
    measure: int | None = None
    how: str
    format: str
    unit: str | None = None
    polarity: str
    value: float | None = None
    previous: float | None = None
    change: float | None = None
    change_kind: str
    previous_label: str | None = None
    evidence_sql: str
    previous_sql: str | None = None
