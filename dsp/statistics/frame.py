"""What the measures of association share: the columns to relate, and counted tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dsp.engine.duckdb_engine import DuckEngine
from dsp.inference.base import Test
from dsp.records import Association, ColumnProfile
from dsp.statistics.base import NUMERIC, Column, chunks, picked
from dsp.statistics.moments import Scale, float_sql
from dsp.statistics.roles import MOST_LEVELS

Pair = tuple[str, str]
Table = dict[tuple[str, str], int]

MOST_COLUMNS = 40
"""Columns that are related to each other; the target is related to all."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A table and its columns, ready to be related.

    Attributes
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    profiles
        The profiles of usable columns by name.
    target
        The target column, when it is usable.
    """

    engine: DuckEngine
    source: str
    profiles: Mapping[str, ColumnProfile]
    target: str | None = None
    _tables: dict[Pair, Table] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return next((p.n_rows for p in self.profiles.values()), 0)

    def column(self, name: str) -> Column:
        """Return a column by name."""
        profile = self.profiles[name]
        return Column(name, profile.data_type, profile.position)

    def scale(self, name: str) -> Scale:
        """Return the scale of a measure around its median."""
        profile = self.profiles[name]
        low, high = profile.min_number or 0.0, profile.max_number or 0.0
        centre = low / 2 + high / 2 if profile.q50 is None else profile.q50
        return Scale.of(low, high, min(high, max(low, centre)))

    def centred(self, name: str) -> str:
        """Return SQL of a measure moved and scaled where plain squares would fail."""
        profile, number = self.profiles[name], self.column(name).number
        reach = max(abs(profile.min_number or 0.0), abs(profile.max_number or 0.0))
        if reach > 1e100:
            return f"{number} * 1e-300"
        if profile.mean and profile.sd and abs(profile.mean) > 100 * profile.sd:
            return f"{number} - {float_sql(profile.mean)}"
        return number

    def kind(self, name: str) -> str:
        """Return ``measure`` or ``dimension``."""
        return kind_of(self.profiles[name]) or ""

    def counted(self, pairs: Sequence[Pair]) -> dict[Pair, Table]:
        """Return the rows by each pair of values of pairs of dimensions.

        Rows with a null in either column are left out. Counted once and kept.
        """
        missing = [pair for pair in pairs if pair not in self._tables]
        for part in chunks(missing, 25):
            names = [name for pair in part for name in pair]
            first, origin = picked(names, self.source, n_columns=len(self.profiles))
            text = first + "\nunion all\n".join(
                f"select {i} as i, * from ({self.pair_sql(*pair, source=origin)})"
                for i, pair in enumerate(part)
            )
            for pair in part:
                self._tables[pair] = {}
            for i, a, b, n in sorted(self.engine.rows(text)):
                self._tables[part[i]][a, b] = n
        return {pair: self._tables[pair] for pair in pairs}

    def pair_sql(self, a: str, b: str, *, source: str | None = None) -> str:
        """Return SQL that counts the rows by two dimensions."""
        first, second = self.column(a).value, self.column(b).value
        return (
            f"select cast({first} as varchar) as a, cast({second} as varchar) as b, "
            f"count(*) as n_rows\nfrom {source or self.source}\n"
            f"where {first} is not null and {second} is not null\ngroup by 1, 2"
        )


class Measure(Protocol):
    """A measure of association: what a plug-in of this room is.

    Attributes
    ----------
    name
        Name of the measure.
    kinds
        Kinds of the two columns it relates, in order.
    """

    name: str
    kinds: tuple[str, str]

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the measure of pairs of columns, not yet adjusted for their number."""
        ...


def kind_of(profile: ColumnProfile) -> str | None:
    """Return ``measure``, ``dimension`` or None for a column that is not related."""
    if profile.n_distinct < 2 or profile.role not in ("measure", "dimension", "target"):
        return None
    if profile.family in NUMERIC and profile.semantic_type != "category":
        return "measure" if profile.min_number is not None else None
    return "dimension" if profile.n_distinct <= MOST_LEVELS else None


def association(
    pair: Pair,
    measure: str,
    value: float | None,
    *,
    n_rows: int,
    evidence_sql: str,
    test: Test | None = None,
    interval: tuple[float, float] | None = None,
    is_signed: bool = False,
    reason: str | None = None,
) -> Association:
    """Return the record of a measure, before it is named and adjusted."""
    direction = None
    if is_signed and value:
        direction = "up" if value > 0 else "down"
    statistic = test.statistic if test else None
    return Association(
        association_id="",
        column_a=pair[0],
        column_b=pair[1],
        is_target=False,
        measure=measure,
        value=value,
        direction=direction,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        test=test.name if test else None,
        statistic=statistic if statistic is None or math.isfinite(statistic) else None,
        p_value=test.p_value if test else None,
        n_tests=0,
        correction="",
        n_rows=n_rows,
        reason=reason,
        evidence_sql=evidence_sql,
    )
