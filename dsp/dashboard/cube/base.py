"""What the parts of a cube share: what people ask, what is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from dsp.dashboard.cube.axis import Axis
from dsp.records import CubeMeasure

MAX_VALUES = 12
"""Values of a dimension that are told apart; of more, the first eleven and "Other"."""


@dataclass(frozen=True, slots=True)
class CubeOptions:
    """What people may ask of a cube.

    Attributes
    ----------
    kpis
        Columns that become cards, as ``name`` or ``name:up``, ``name:down``.
    units
        Units by column, such as ``{"revenue": "USD"}``.
    min_cell
        Cells of fewer rows are merged into "Other".
    redact
        Whether values of text columns stay out.
    """

    kpis: tuple[str, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    min_cell: int = 1
    redact: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column, or what is derived from one, that the page can be filtered by."""

    column: str
    label: str
    value_sql: str
    n_values: int
    is_target: bool = False
    ordered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CubePlan:
    """Everything that one query counts."""

    axis: Axis
    dimensions: tuple[Dimension, ...]
    measures: tuple[CubeMeasure, ...]
    sums: tuple[tuple[str, str], ...]
    source: str = "clean.data"
    max_values: int = MAX_VALUES
    notes: tuple[str, ...] = ()
