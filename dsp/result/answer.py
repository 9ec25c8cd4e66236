"""The answer to a query."""

from __future__ import annotations

from typing import Any

from dsp.numbers import counted
from dsp.result.fragments import html_table, shorten

SHOWN = 20
"""Rows that a notebook shows of a result."""


class Result:
    """The answer to a query.

    Parameters
    ----------
    table
        A `pyarrow.Table`.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def to_arrow(self) -> Any:
        """Return the rows as a `pyarrow.Table`."""
        return self._table

    def to_pandas(self) -> Any:
        """Return the rows as a pandas data frame (needs pandas)."""
        return self._table.to_pandas()

    def to_polars(self) -> Any:
        """Return the rows as a polars data frame (needs polars)."""
        import polars as pl

        return pl.from_arrow(self._table)

    def to_pylist(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return list(self._table.to_pylist())

    def scalar(self) -> Any:
        """Return the value of the first row and column; None when there is no row."""
        return self._table.column(0)[0].as_py() if self._table.num_rows else None

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to any library that speaks Arrow."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<dsp.Result {self._table.num_rows:,} × {self._table.num_columns}>"

    def _repr_html_(self) -> str:
        rows = [
            [shorten(value) for value in row.values()]
            for row in self._table.slice(0, SHOWN).to_pylist()
        ]
        left = self._table.num_rows - len(rows)
        note = f"<p>… {counted(left, 'more row')}</p>" if left > 0 else ""
        return html_table(self._table.column_names[:100], rows) + note
