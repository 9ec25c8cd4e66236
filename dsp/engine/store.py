"""The result tables: creates them, writes records into them, reads records out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar, get_args, get_type_hints

from dsp.engine import queries
from dsp.engine.duckdb_engine import DuckEngine, quote
from dsp.records import RECORDS

R = TypeVar("R")


class Store:
    """Records in and out of the result tables of a database.

    Parameters
    ----------
    engine
        The DuckDB database that holds them.
    """

    def __init__(self, engine: DuckEngine) -> None:
        self.engine = engine

    def create(self) -> None:
        """Create every result table and view (they must not exist yet)."""
        self.engine.execute("create schema if not exists raw")
        self.engine.execute("create schema if not exists clean")
        for record in RECORDS:
            self.engine.execute(queries.load(f"schema/{table_of(record)}"))
        for name in queries.names("views"):
            self.engine.execute(queries.load(f"views/{name}"))

    def insert(self, records: Iterable[object]) -> int:
        """Append records to their tables; returns how many."""
        by_type: dict[type, list[object]] = {}
        for record in records:
            by_type.setdefault(type(record), []).append(record)
        for record_type, rows in by_type.items():
            with self.engine.registered(as_arrow(record_type, rows)) as incoming:
                target = f"main.{quote(table_of(record_type))}"
                self.engine.execute(f"insert into {target} by name from {incoming}")
        return sum(len(rows) for rows in by_type.values())

    def insert_arrow(self, record_type: type, table: Any) -> int:
        """Append an Arrow table whose columns are those of a record type."""
        with self.engine.registered(table) as incoming:
            target = f"main.{quote(table_of(record_type))}"
            self.engine.execute(f"insert into {target} by name from {incoming}")
        return int(table.num_rows)

    def read(self, record_type: type[R]) -> list[R]:
        """Return every row of a table as records, in the order they were written."""
        names = [field.name for field in fields(record_type)]  # type: ignore[arg-type]
        listed = ", ".join(quote(name) for name in names)
        text = f"select {listed} from main.{quote(table_of(record_type))} order by rowid"
        lists = {name for name, kind in kinds(record_type).items() if kind == "list"}
        # Through Arrow: DuckDB's own rows need pytz for times with a zone.
        return [
            record_type(
                **{
                    name: tuple(value or ()) if name in lists else value
                    for name, value in row.items()
                }
            )
            for row in self.engine.sql(text).to_pylist()
        ]


def table_of(record_type: type) -> str:
    """Return the name of the table that holds a record type."""
    return str(record_type.TABLE)  # type: ignore[attr-defined]


def kinds(record_type: type) -> dict[str, str]:
    """Return the kind of every field: str, int, float, bool, list or datetime."""
    hints = get_type_hints(record_type)
    hints.pop("TABLE", None)
    return {name: _kind(hint) for name, hint in hints.items()}


def as_arrow(record_type: type, records: Sequence[object]) -> Any:
    """Return records as a `pyarrow.Table`, one row each."""
    import pyarrow as pa

    types = {
        "str": pa.string(),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "list": pa.list_(pa.string()),
        "datetime": pa.timestamp("us", tz="UTC"),
    }
    arrays = {
        name: pa.array([_plain(getattr(r, name), kind) for r in records], types[kind])
        for name, kind in kinds(record_type).items()
    }
    return pa.table(arrays)


def to_json(value: Any) -> str:
    """Return a value as JSON text with sorted keys, for columns of type json."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _kind(hint: Any) -> str:
    options = [arg for arg in get_args(hint) if arg not in (type(None), ...)]
    if options and options[0] is str and getattr(hint, "__origin__", None) is tuple:
        return "list"
    base = options[0] if options else hint
    return "datetime" if base is datetime else str(base.__name__)


def _plain(value: Any, kind: str) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if kind == "float" and value is not None:
        # Arrow refuses whole numbers that a double cannot hold exactly.
        value = float(value)
    # NumPy scalars know how to become Python values; NaN and infinity are no figures.
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value - value != 0:
        return None
    return value
