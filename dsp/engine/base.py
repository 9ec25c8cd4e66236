"""The port to a database engine: what every room may ask of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Engine(Protocol):
    """A database that scans data and returns aggregates as Arrow tables.

    Counters `n_scans` and `bytes_fetched` grow with use; the pipeline stores their
    differences for each stage.
    """

    name: str
    n_scans: int
    bytes_fetched: int

    def table(self, name: str, *, schema: str = "main") -> Any:
        """Return a table or view as an `ibis.Table`."""
        ...

    def fetch(self, expr: Any) -> Any:
        """Run an Ibis expression and return its result as a `pyarrow.Table`."""
        ...

    def fetch_batches(self, expr: Any, *, n_rows: int = 65_536) -> Iterator[Any]:
        """Run an Ibis expression and yield `pyarrow.RecordBatch`es."""
        ...

    def sql(self, text: str, params: Mapping[str, Any] | None = None) -> Any:
        """Run SQL text with bound parameters and return a `pyarrow.Table`.

        The text comes from ``sql/``, from `compile` or from sqlglot; values are bound
        as ``$name``. Never paste a name or a value into it.
        """
        ...

    def compile(self, expr: Any) -> str:
        """Return the SQL text of an Ibis expression, as it can be run again."""
        ...

    def put(self, table: Any, name: str, *, schema: str = "main") -> Any:
        """Store a `pyarrow.Table` (or reader) and return it as an `ibis.Table`."""
        ...

    def progress(self) -> float | None:
        """Return the share (0-1) of the running query that is done, from any thread."""
        ...

    def interrupt(self) -> None:
        """Stop the running query, from any thread; it raises `CancelledError`."""
        ...
