"""The result tables: creates them, writes records into them, reads records out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, get_args, get_type_hints

from dsp.engine import queries
from dsp.engine.duckdb_engine import DuckEngine, literal, quote
from dsp.records import RECORDS
from dsp.records.comparison import COMPARISON_RECORDS

R = TypeVar("R")

_KINDS: dict[type, dict[str, str]] = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TYPES = {
    "str": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "list": "VARCHAR[]",
    "datetime": "TIMESTAMPTZ",
}
"""The SQL type of every kind of field."""


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

    def create_comparison(self) -> None:
        """Create the tables of a comparison (they must not exist yet)."""
        for record in COMPARISON_RECORDS:
            self.engine.execute(queries.load(f"comparison/{table_of(record)}"))

    def insert(self, records: Iterable[object]) -> int:
        """Append records to their tables; returns how many."""
        by_type: dict[type, list[object]] = {}
        for record in records:
            by_type.setdefault(type(record), []).append(record)
        for record_type, rows in by_type.items():
            self.engine.execute(_insertion(record_type, rows))
        return sum(len(rows) for rows in by_type.values())

    def insert_arrow(self, record_type: type, table: Any) -> int:
        """Append an Arrow table whose columns are those of a record type."""
        with self.engine.registered(table) as incoming:
            target = f"main.{quote(table_of(record_type))}"
            self.engine.execute(f"insert into {target} by name from {incoming}")
        return int(table.num_rows)

    def read(self, record_type: type[R]) -> list[R]:
        """Return every row of a table as records, in the order they were written."""
        known = kinds(record_type)
        # Times as numbers: DuckDB needs pytz for times with a zone, pyarrow pandas.
        listed = ", ".join(
            f"epoch_us({quote(name)})" if kind == "datetime" else quote(name)
            for name, kind in known.items()
        )
        text = f"select {listed} from main.{quote(table_of(record_type))} order by rowid"
        return [
            record_type(
                **{
                    name: _value(value, kind)
                    for (name, kind), value in zip(known.items(), row, strict=True)
                }
            )
            for row in self.engine.rows(text)
        ]


def table_of(record_type: type) -> str:
    """Return the name of the table that holds a record type."""
    return str(record_type.TABLE)  # type: ignore[attr-defined]


def kinds(record_type: type) -> dict[str, str]:
    """Return the kind of every field: str, int, float, bool, list or datetime."""
    if record_type not in _KINDS:
        hints = get_type_hints(record_type)
        hints.pop("TABLE", None)
        _KINDS[record_type] = {name: _kind(hint) for name, hint in hints.items()}
    return _KINDS[record_type]


def _insertion(record_type: type, records: Sequence[object]) -> str:
    """Return the statement that appends records to their table.

    The rows travel as one JSON text: lending an Arrow table to DuckDB or binding values
    would load pandas, which costs more than all of a run's insertions.
    """
    types = json.dumps([{n: TYPES[kind] for n, kind in kinds(record_type).items()}])
    rows = json.dumps([plain(record) for record in records], allow_nan=False)
    return (
        f"insert into main.{quote(table_of(record_type))} by name select found.* from "
        f"(select unnest(from_json({literal(rows)}, {literal(types)})) as found)"
    )


def plain(record: object) -> dict[str, Any]:
    """Return a record as JSON can hold it; what is no finite number is null."""
    return {
        name: _plain(getattr(record, name), kind)
        for name, kind in kinds(type(record)).items()
    }


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
    if value is None:
        return None
    # NumPy scalars know how to become Python values.
    if hasattr(value, "item"):
        value = value.item()
    if kind == "float":
        value = float(value)
    if kind == "list":
        return [_text(item) for item in value]
    if kind == "str":
        return _text(str(value))
    if kind == "datetime":
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        return None
    return value


def _value(value: Any, kind: str) -> Any:
    if kind == "list":
        return tuple(value or ())
    if kind == "datetime" and value is not None:
        return _EPOCH + timedelta(microseconds=value)
    return value


def _text(value: str) -> str:
    # A file name that is no UTF-8 comes with halves of characters.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
