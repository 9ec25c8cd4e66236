"""A profile as all its renderings show it: one record, in one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from dsp.errors import ColumnNotFoundError
from dsp.exports.profile.alerts import Alert, alerts
from dsp.numbers import counted, shape, share
from dsp.records import (
    Association,
    ColumnProfile,
    Dependency,
    HistogramBin,
    Problem,
    TopValue,
)

R = TypeVar("R")

SURE = 0.05
"""q value up to which a relation is listed among the strongest."""


@dataclass(frozen=True, kw_only=True)
class ProfileReport:
    """The profile of a source, with everything a rendering needs.

    Attributes
    ----------
    source
        What was profiled, as people name it.
    n_rows
        Its rows.
    profiled_at
        When, in UTC.
    records
        Every record that was found, of any kind; `of` picks those of one kind.
    n_rejected
        Records of the source that could not be read.
    n_duplicate_rows
        Rows that repeat an earlier one; None where they were not counted.
    elapsed_ms, peak_memory_bytes
        What it took.
    facts
        Other facts about how the profile was made, such as the files of a state.
    """

    source: str
    n_rows: int
    profiled_at: datetime
    records: tuple[object, ...]
    n_rejected: int = 0
    n_duplicate_rows: int | None = None
    elapsed_ms: float | None = None
    peak_memory_bytes: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return the records of one kind, in the order they were found."""
        return tuple(r for r in self.records if type(r) is kind)

    def table(self, name: str) -> list[Any]:
        """Return the records of a result table, by its name."""
        return [r for r in self.records if getattr(type(r), "TABLE", None) == name]

    @cached_property
    def columns(self) -> tuple[ColumnProfile, ...]:
        """One record a column, in the order of the table."""
        return self.of(ColumnProfile)

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of a column.

        Raises
        ------
        ColumnNotFoundError
            There is none of the name.
        """
        for column in self.columns:
            if column.column_name == name:
                return column
        raise ColumnNotFoundError.of(name, [c.column_name for c in self.columns])

    @cached_property
    def bins(self) -> dict[str, list[HistogramBin]]:
        """Bins of equal width of each column that has some."""
        return _by_column([b for b in self.of(HistogramBin) if b.kind == "width"])

    @cached_property
    def other_bins(self) -> dict[str, list[HistogramBin]]:
        """Bins of other kinds: tenths of the values, and by magnitude."""
        return _by_column([b for b in self.of(HistogramBin) if b.kind != "width"])

    @cached_property
    def top_values(self) -> dict[str, list[TopValue]]:
        """Frequent values of each column that has some."""
        return _by_column(self.of(TopValue))

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """Every measure of every pair."""
        return self.of(Association)

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """Keys and dependencies."""
        return self.of(Dependency)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be computed."""
        return self.of(Problem)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """What to know first."""
        return alerts(
            self.columns,
            self.of(TopValue),
            self.associations,
            personal={
                row.column_name: str(row.kind).replace("_", " ")
                for row in self.table("personal_data")
            },
            n_rejected=self.n_rejected,
            n_duplicate_rows=self.n_duplicate_rows,
        )

    @cached_property
    def strongest(self) -> tuple[Association, ...]:
        """One relation a pair of columns, by its strongest measure, strongest first.

        Relations with the target come first; those that may be chance are left out.
        """
        best: dict[frozenset[str], Association] = {}
        for row in self.associations:
            if row.strength is None or (row.q_value is not None and row.q_value > SURE):
                continue
            pair = frozenset((row.column_a, row.column_b))
            if pair not in best or row.strength > (best[pair].strength or 0.0):
                best[pair] = row
        # Stable: equal strengths stay in the order of the columns.
        return tuple(
            sorted(best.values(), key=lambda r: (not r.is_target, -abs(r.value or 0.0)))
        )

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Columns, or groups of columns, whose values tell every row from the others."""
        found = [d for d in self.dependencies if d.kind == "key" and not d.n_violations]
        return tuple(d.determinant for d in found)

    @cached_property
    def rules(self) -> tuple[Dependency, ...]:
        """Functional dependencies that say something, those that always hold first."""
        found = [d for d in self.dependencies if d.kind != "key" and d.dependent]
        return tuple(sorted(found, key=lambda d: d.n_violations / max(1, d.n_rows)))

    @property
    def n_columns(self) -> int:
        """How many columns were profiled."""
        return len(self.columns)

    @property
    def n_missing(self) -> int:
        """Cells without a value, NaN included."""
        return sum(c.n_null + c.n_nan for c in self.columns)

    @property
    def missing_fraction(self) -> float:
        """Share of the cells without a value."""
        n_cells = self.n_rows * self.n_columns
        return self.n_missing / n_cells if n_cells else 0.0

    @property
    def size(self) -> str:
        """The size of the table in words, with what is missing and repeated."""
        parts = [shape(self.n_rows, self.n_columns)]
        if self.n_missing:
            shown = share(self.missing_fraction)
            parts.append(f"{counted(self.n_missing, 'missing cell')} ({shown})")
        else:
            parts.append("no missing cells")
        if self.n_duplicate_rows is not None:
            n = self.n_duplicate_rows
            parts.append(counted(n, "duplicate row") if n else "no duplicate rows")
        return " · ".join(parts)

    def __repr__(self) -> str:
        """Return the source and its size."""
        return f"<Profile of {self.source}: {shape(self.n_rows, self.n_columns)}>"


def _by_column(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.column_name, []).append(row)
    return found


def other_records(report: ProfileReport) -> Iterator[tuple[str, list[Any]]]:
    """Yield the name and the records of every further result table."""
    shown = (ColumnProfile, HistogramBin, TopValue, Association, Dependency, Problem)
    found: dict[str, list[Any]] = {}
    for record in report.records:
        if type(record) not in shown:
            found.setdefault(str(type(record).TABLE), []).append(record)  # type: ignore[attr-defined]
    yield from found.items()
