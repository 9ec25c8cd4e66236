"""What exports share: the tables, their values as plain text, files that appear whole."""

from __future__ import annotations

import base64
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.engine.store import table_of
from dsp.records import RECORDS

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

FORMULA = r"^('*[=+\-@\t\r\n])"
"""Text that a spreadsheet may run, with the apostrophes that already guard it."""


_UNFINISHED: set[Path] = set()
_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def table_names() -> list[str]:
    """Return the names of the result tables, in the order they are listed."""
    return [table_of(record) for record in RECORDS]


def read_table(engine: DuckEngine, name: str) -> Any:
    """Return a result table as a `pyarrow.Table`, in the order it was written."""
    return engine.sql(f"select * from main.{quote(name)} order by rowid")


def column_types(engine: DuckEngine, name: str) -> dict[str, str]:
    """Return the SQL type of every column of a result table."""
    return dict(
        engine.rows(
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = 'main' and table_name = {literal(name)} "
            "order by ordinal_position"
        )
    )


def data_schema(engine: DuckEngine) -> Any:
    """Return the `pyarrow.Schema` of the data as analyzed."""
    return engine.sql("select * from clean.data limit 0").schema


def data_batches(engine: DuckEngine) -> Iterator[Any]:
    """Yield the data as analyzed, batch by batch."""
    return engine.batches("from clean.data")


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Lend a name beside `path`; the file takes its real name when the block is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    _UNFINISHED.add(unfinished)
    try:
        yield unfinished
        os.replace(unfinished, path)  # noqa: PTH105 - atomic, over an existing file
    finally:
        unfinished.unlink(missing_ok=True)
        _UNFINISHED.discard(unfinished)


def remove_unfinished() -> None:
    """Remove the files that `appearing` has lent: for a process about to end itself."""
    for path in tuple(_UNFINISHED):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it without loss.

    Decimals are numbers when no digit is lost, else text; times are ISO 8601; bytes are
    base64; NaN and infinities are the words ``NaN``, ``Infinity`` and ``-Infinity``.

    Examples
    --------
    >>> plain({"a": [Decimal("1.50"), float("inf"), b"x"]})
    {'a': [1.5, 'Infinity', 'eA==']}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _WORDS[str(value)]
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def as_text(value: Any) -> str | None:
    """Return a value as one text cell: JSON for nested values; None stays None."""
    if value is None or isinstance(value, str):
        return value
    flat = plain(value)
    return flat if isinstance(flat, str) else json.dumps(flat, ensure_ascii=False)


def csv_ready(batch: Any, *, guard: bool) -> Any:
    r"""Return a table or batch whose columns pyarrow's CSV writer writes without loss.

    Parameters
    ----------
    batch
        A `pyarrow.Table` or `RecordBatch`.
    guard
        Put an apostrophe before text that a spreadsheet would run as a formula. The rule
        is reversible: remove one apostrophe from text that matches
        ``^'+[=+\-@\t\r\n]``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for position, kind in enumerate(batch.schema.types):
        column = batch.column(position)
        if not _is_flat(kind):
            values = [as_text(value) for value in column.to_pylist()]
            column = pa.array(values, pa.string())
            kind = column.type  # noqa: PLW2901
        if guard and (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            column = pc.replace_substring_regex(column, FORMULA, r"'\1")
        columns.append(column)
    names = [guarded(name) if guard else name for name in batch.schema.names]
    return pa.table(columns, names=names) if names else pa.table({})


def guarded(text: str) -> str:
    """Return text that no spreadsheet runs as a formula (the rule of `csv_ready`)."""
    return f"'{text}" if text.lstrip("'")[:1] in tuple("=+-@\t\r\n") else text


def _is_flat(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_boolean(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_decimal(kind)
        or types.is_date(kind)
        or types.is_timestamp(kind)
        or types.is_time(kind)
        or types.is_null(kind)
    )


def _decimal(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)
