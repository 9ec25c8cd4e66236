"""A comparison as all its renderings show it: one record, in one order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dsp.errors import ColumnNotFoundError
from dsp.records.comparison import (
    ComparedColumn,
    ComparisonRow,
    DriftBin,
    DriftMeasure,
    RowDifference,
    SchemaDifference,
)

KINDS = ("drift", "large", "schema", "rows", "any")
"""What a comparison can be asked to have none of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two tables, A and B.

    Attributes
    ----------
    row
        What was compared, with the counts.
    schema
        How the columns differ.
    columns
        Columns of both, the furthest apart first.
    drift, bins
        Measures and bins of each column.
    differences
        Samples of rows that differ.
    compared_at
        When, in UTC.
    elapsed_ms
        How long it took.
    """

    row: ComparisonRow
    schema: tuple[SchemaDifference, ...]
    columns: tuple[ComparedColumn, ...]
    drift: tuple[DriftMeasure, ...]
    bins: tuple[DriftBin, ...]
    differences: tuple[RowDifference, ...]
    compared_at: datetime
    elapsed_ms: float

    @property
    def records(self) -> tuple[object, ...]:
        """Every record, for the result tables."""
        return (
            self.row,
            *self.schema,
            *self.columns,
            *self.drift,
            *self.bins,
            *self.differences,
        )

    @property
    def summary(self) -> str:
        """The outcome in one line."""
        return self.row.summary

    @property
    def drifted(self) -> list[ComparedColumn]:
        """Columns with small or large drift, the furthest apart first."""
        return [column for column in self.columns if column.verdict in ("small", "large")]

    def column(self, name: str) -> ComparedColumn:
        """Return a column by its name in A.

        Raises
        ------
        ColumnNotFoundError
            Not both tables have it.
        """
        for column in self.columns:
            if column.column_name == name:
                return column
        names = [column.column_name for column in self.columns]
        raise ColumnNotFoundError.of(name, names, where="both tables")

    def measures(self, name: str) -> dict[str, DriftMeasure]:
        """Return the measures of a column by their names."""
        return {m.measure: m for m in self.drift if m.column_name == name}

    def bins_of(self, name: str) -> list[DriftBin]:
        """Return the bins that a column is drawn with."""
        found = [b for b in self.bins if b.column_name == name]
        shape = [b for b in found if b.purpose == "shape"]
        return shape or found

    def rows_of(self, kind: str) -> list[RowDifference]:
        """Return the sample of rows of a kind."""
        return [row for row in self.differences if row.kind == kind]

    def has(self, kinds: Iterable[str]) -> bool:
        """Return whether something differs.

        Parameters
        ----------
        kinds
            drift, large (drift), schema, rows or any.
        """
        row, wanted = self.row, set(kinds)
        rows = (row.n_only_a, row.n_only_b, row.n_changed)
        found = {
            "drift": row.n_drifted > 0,
            "large": row.n_large > 0,
            "schema": row.n_schema_differences > 0,
            "rows": any(rows) or row.n_duplicated_a + row.n_duplicated_b > 0,
        }
        found["any"] = any(found.values())
        return any(found[kind] for kind in wanted)

    def to_dict(self) -> dict[str, Any]:
        """Return the document that ``dsp compare --json`` writes."""
        from dsp.exports.comparison.json_text import document

        return document(self)

    def write(self, path: str | Path) -> Path:
        """Write a report: .html, .md or .json, as the suffix says.

        Raises
        ------
        SettingError
            The suffix says no format, or the file cannot be written.
        """
        from dsp.exports.comparison import write_reports

        return write_reports(self, [Path(path)])[0]

    def __repr__(self) -> str:
        return f"<Comparison: {' '.join(self.summary.split())}>"
