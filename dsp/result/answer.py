"""The answer to a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.result.blocks import ROWS, Block, Grid
from dsp.result.shown import Shown

MAX_COLUMNS = 100


class Result(Shown):
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

    def df(self) -> Any:
        """Return the rows as a pandas data frame: short for `to_pandas`."""
        return self.to_pandas()

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

    def blocks(self) -> Sequence[Block]:
        """Return the first rows as a table."""
        # By position: two columns of a result may have one name.
        first = self._table.slice(0, ROWS).columns[:MAX_COLUMNS]
        rows = list(zip(*(column.to_pylist() for column in first), strict=True))
        names = self._table.column_names[:MAX_COLUMNS]
        return [Grid(names, rows, n_rows=self._table.num_rows)]
