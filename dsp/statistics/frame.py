"""What the measures of association share: the columns to relate, and counted tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

from dsp.engine.duckdb_engine import DuckEngine
from dsp.inference.base import Test
from dsp.inference.dense_ranks import Codes, dense_codes
from dsp.records import Association, ColumnProfile
from dsp.statistics.base import NUMERIC, Column, chunks
from dsp.statistics.draws import Draw
from dsp.statistics.moments import enlarged, float_sql
from dsp.statistics.panel import Counts
from dsp.statistics.reader import Reader
from dsp.statistics.roles import MOST_LEVELS
from dsp.statistics.sums import PairStatistics, Spread, pair_statistics

Pair = tuple[str, str]

MOST_COLUMNS = 40
"""Columns that are related to each other; the target is related to all."""
DRAWN_ROWS = 5_000
DRAWN_VALUES = 200_000
LEAST_ROWS = 1_000
"""Rows in a sample of the table at most, rows by columns, and rows at least."""
ASKED_ROWS = 200_000
"""Rows in a sample where its measure was asked for."""
MOST_BYTES = 512 * 1024 * 1024
"""Memory that the values of columns may take; beyond it, the database ranks them."""
_READ_VALUES = 8_000_000


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
    asked
        Measures that are computed whatever they cost.
    """

    engine: DuckEngine
    source: str
    profiles: Mapping[str, ColumnProfile]
    target: str | None = None
    asked: frozenset[str] = frozenset()
    _found: list[PairStatistics] = field(default_factory=list)
    _codes: dict[str, Codes] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return next((p.n_rows for p in self.profiles.values()), 0)

    def column(self, name: str) -> Column:
        """Return a column by name."""
        profile = self.profiles[name]
        return Column(name, profile.data_type, profile.position)

    def centred(self, name: str) -> str:
        """Return SQL of a measure moved and scaled where plain squares would fail."""
        profile, number = self.profiles[name], self.column(name).number
        reach = max(abs(profile.min_number or 0.0), abs(profile.max_number or 0.0))
        if reach > 1e100:
            return f"{number} * 1e-300"
        if (factor := enlarged(reach)) > 1:
            return f"{number} * {float_sql(factor)}"
        if profile.mean and profile.sd and abs(profile.mean) > 100 * profile.sd:
            return f"{number} - {float_sql(profile.mean)}"
        return number

    def kind(self, name: str) -> str:
        """Return ``measure`` or ``dimension``."""
        return kind_of(self.profiles[name]) or ""

    @property
    def among(self) -> list[str]:
        """Columns that are related to each other: the most complete, then the first."""
        names = sorted(
            (name for name in self.profiles if name != self.target),
            key=lambda n: self.profiles[n].n_null + self.profiles[n].n_nan,
        )
        return sorted(names[:MOST_COLUMNS], key=lambda n: self.profiles[n].position)

    @property
    def pairs(self) -> list[Pair]:
        """Pairs to relate: each column with the target, and columns with each other."""
        with_target = [
            (name, self.target) for name in self.profiles if name != self.target
        ]
        return [*((a, b) for a, b in with_target if b), *combinations(self.among, 2)]

    @property
    def statistics(self) -> PairStatistics:
        """Sums of all pairs, from one scan when first asked for."""
        if not self._found:
            kinds = {name: self.kind(name) for name in self.profiles}
            reader = Reader(self.engine, self.source, self.profiles)
            self._found.append(
                pair_statistics(
                    reader, kinds, among=self.among, target=self.target, draw=self.draw
                )
            )
        return self._found[0]

    @property
    def draw(self) -> Draw:
        """The rows that measures which cannot take all of them are computed over."""
        if self.is_asked("distance_correlation"):
            return Draw.about(ASKED_ROWS, self.n_rows)
        share = DRAWN_VALUES // max(1, len(self.profiles))
        return Draw.about(max(LEAST_ROWS, min(DRAWN_ROWS, share)), self.n_rows)

    def table(self, a: str, b: str) -> Counts:
        """Return the rows by each pair of values of two dimensions, nulls left out.

        A matrix whose rows and columns are in the order of `levels`.
        """
        tables = self.statistics.tables
        return tables[a, b] if (a, b) in tables else tables[b, a].T

    def levels(self, name: str) -> list[str]:
        """Return the values of a dimension as text, sorted."""
        return self.statistics.levels[name]

    def spread(self, a: str, b: str) -> Spread:
        """Return the rows with both of two measures and their spread over them."""
        spreads = self.statistics.spreads
        if (a, b) in spreads:
            return spreads[a, b]
        turned = spreads[b, a]
        return Spread(turned.n, turned.yy, turned.xx, turned.xy)

    def n_both(self, a: str, b: str) -> int:
        """Return the rows with both of two columns."""
        kinds = (self.kind(a), self.kind(b))
        if kinds == ("measure", "measure"):
            return self.spread(a, b).n
        if kinds == ("dimension", "dimension"):
            return int(self.table(a, b).sum())
        groups = self.statistics.groups
        return sum(group.n for group in groups.get((a, b)) or groups[b, a])

    def is_asked(self, measure: str) -> bool:
        """Tell whether a measure is to be computed whatever it costs."""
        return measure in self.asked

    def fits_in_memory(self, n_columns: int) -> bool:
        """Tell whether the codes of some measures may be held at once."""
        return self.n_rows * (4 * n_columns + 40) <= MOST_BYTES

    def codes(self, names: Sequence[str]) -> Mapping[str, Codes]:
        """Return dense codes of the values of measures, by row; no value is the last.

        Read once, a few columns at a time, and kept.
        """
        import numpy as np

        missing = [name for name in names if name not in self._codes]
        reader = Reader(self.engine, self.source, self.profiles)
        for part in chunks(missing, max(1, _READ_VALUES // max(1, self.n_rows))):
            values = np.empty((len(part), self.n_rows))
            start = 0
            for batch, _ in reader.batches(part, (), number=reader.number):
                for row, column in zip(values, batch, strict=True):
                    row[start : start + len(column)] = column
                start += len(batch[0])
            for name, row in zip(part, values, strict=True):
                self._codes[name] = dense_codes(row)
        return self._codes

    def pair_sql(self, a: str, b: str) -> str:
        """Return SQL that counts the rows by two dimensions."""
        first, second = self.column(a).value, self.column(b).value
        return (
            f"select cast({first} as varchar) as a, cast({second} as varchar) as b, "
            f"count(*) as n_rows\nfrom {self.source}\n"
            f"where {first} is not null and {second} is not null\ngroup by 1, 2"
        )


class Measure(Protocol):
    """A measure of association: what a plug-in of this room is.

    Attributes
    ----------
    name
        Name of the measure.
    kinds
        Kinds of the two columns it relates, in order; None for all.
    on_demand
        Whether it is computed only when it is asked for by name.
    """

    name: str
    kinds: tuple[str, str] | None
    on_demand: bool

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the measure of pairs of columns, not yet adjusted for their number."""
        ...


def kind_of(profile: ColumnProfile) -> str | None:
    """Return ``measure``, ``dimension`` or None for a column that is not related."""
    if profile.n_distinct < 2 or profile.role not in ("measure", "dimension", "target"):
        return None
    if profile.family in NUMERIC and not profile.is_level:
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
    normalized: float | None = None,
    method: str | None = None,
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
        normalized=normalized,
        method=method,
    )
