"""Loads what is compared: two sources, or one source in two parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import ColumnNotFoundError, SettingError, nearest

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.engine.relation import Field, Relation

UNITS = ("day", "week", "month", "quarter", "year")
SOURCE = "source"
"""Schema of a source that is taken apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What ``a.data`` and ``b.data`` are.

    Attributes
    ----------
    a, b
        Their names for people.
    files
        Files that were read, absolute.
    is_materialized
        Whether the database holds all rows itself.
    n_rejected
        Records that could not be read.
    fingerprint
        Hash of what was read.
    decisions
        How the sources were read, by table.
    notes
        What people should know of the parts.
    split_by
        The column that made the parts.
    """

    a: str
    b: str
    files: tuple[str, ...] = ()
    is_materialized: bool = True
    n_rejected: int = 0
    fingerprint: str = ""
    decisions: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    split_by: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How sources are read: format, options and `materialize` of `DataReader`."""

    format: str | None
    options: Mapping[str, Any]
    materialize: str


def load_two(engine: DuckEngine, a: Any, b: Any, *, read: Reading) -> Loaded:
    """Load two sources as ``a.data`` and ``b.data``."""
    one = _load(engine, a, "a", read)
    two = _load(engine, b, "b", read)
    names = [one.a, two.a]
    if names[0] == names[1]:
        names = [f"{name} ({side})" for name, side in zip(names, "AB", strict=True)]
    notes = (
        f"{side}: {loaded.n_rejected:,} records could not be read"
        for side, loaded in (("A", one), ("B", two))
        if loaded.n_rejected
    )
    return Loaded(
        a=names[0],
        b=names[1],
        files=(*one.files, *two.files),
        is_materialized=one.is_materialized and two.is_materialized,
        n_rejected=one.n_rejected + two.n_rejected,
        fingerprint=f"{one.fingerprint}{two.fingerprint}",
        decisions={"a": one.decisions, "b": two.decisions},
        notes=tuple(notes),
    )


def load_parts(
    engine: DuckEngine,
    source: Any,
    *,
    split: str | None,
    periods: tuple[str, str] | None,
    read: Reading,
) -> Loaded:
    """Load a source and make ``a.data`` and ``b.data`` of two parts of it."""
    from dsp.engine import StoredTable
    from dsp.engine.relation import Relation, count_if

    loaded = _load(engine, source, SOURCE, read)
    table = Relation.of(StoredTable(engine, "data", SOURCE), engine)
    if periods is not None:
        column, (where_a, name_a), (where_b, name_b) = _periods(table, *periods)
    else:
        column, (where_a, name_a), (where_b, name_b) = _split(table, split or "")
    for side, where in (("a", where_a), ("b", where_b)):
        query = f"select * from {table.sql} where {where}"
        engine.create("data", query, schema=side, kind="view")
    in_a, in_b = (f"coalesce({where}, false)" for where in (where_a, where_b))
    n_out = engine.rows(
        f"select {count_if(f'not {in_a} and not {in_b}')}, "
        f"{count_if(f'{column.sql} is null')} from {table.sql}"
    )[0]
    notes = []
    if n_out[0]:
        empty = f", {n_out[1]:,} of them without {column.name}" if n_out[1] else ""
        notes.append(f"{n_out[0]:,} rows are in neither part{empty}")
    return Loaded(
        a=f"{loaded.a}, {name_a}",
        b=f"{loaded.a}, {name_b}",
        files=loaded.files,
        is_materialized=loaded.is_materialized,
        n_rejected=loaded.n_rejected,
        fingerprint=loaded.fingerprint,
        decisions={SOURCE: loaded.decisions},
        notes=tuple(notes),
        split_by=column.name,
    )


def _load(engine: DuckEngine, source: Any, schema: str, read: Reading) -> Loaded:
    from dsp.sources import DataReader

    run = _run_of(source)
    if run is not None:
        return _load_run(engine, run, schema)
    reader = DataReader(schema=schema)
    located = reader.locate(source, format=read.format, options=dict(read.options))
    found = reader.load(located, engine, materialize=read.materialize)
    name = located.source if located.files else "table in memory"
    return Loaded(
        a=name,
        b="",
        files=located.files,
        is_materialized=found.is_materialized,
        n_rejected=found.n_rejected,
        fingerprint=located.fingerprint,
        decisions=found.decisions,
    )


def _run_of(source: Any) -> Path | None:
    """Return the database of a finished run that a source names, or None."""
    from dsp.result import Run

    if isinstance(source, Run):
        return source.database
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    for candidate in (path / "results.duckdb", path):
        if candidate.name == "results.duckdb" and candidate.is_file():
            return candidate
    return None


def _load_run(engine: DuckEngine, database: Path, schema: str) -> Loaded:
    """Copy the clean data of a run, through a connection that reaches nothing else."""
    import pyarrow as pa

    from dsp.engine.sandbox import open_results

    held = open_results(database)
    try:
        kinds = held.described("clean.data")
        arrow = held.sql("select * from clean.data limit 0").schema
        batches = held.batches("select * from clean.data")
        reader = pa.RecordBatchReader.from_batches(arrow, batches)
        with engine.registered(reader) as incoming:
            engine.create("data", f"select * from {incoming}", schema=schema)
        fingerprint, is_whole = held.rows(
            "select source_fingerprint, is_materialized from main.runs"
        )[0]
    finally:
        held.close()
    del is_whole
    return Loaded(
        a=str(database.parent),
        b="",
        files=(str(database.absolute()),),
        fingerprint=str(fingerprint),
        decisions={"run": str(database.parent), "columns": len(kinds)},
    )


_Part = tuple[str, str]
"""A predicate, and what it selects in words."""


def _split(table: Relation, text: str) -> tuple[Field, _Part, _Part]:
    """Return the parts that ``COLUMN=VALUE`` or ``COLUMN>=VALUE`` makes."""
    from dsp.engine.duckdb_engine import literal

    names = [column.name for column in table.columns]
    for sign in (">=", "="):
        fits = [n for n in names if text.startswith(f"{n}{sign}")]
        if fits:
            break
    else:
        name = re.split(r">?=", text, maxsplit=1)[0]
        if "=" not in text:
            raise SettingError(
                f'"{text}" says not where to split',
                hint="give COLUMN=VALUE, such as order_date=2024-01-01",
            )
        raise ColumnNotFoundError.of(name, names)
    column = table.find(max(fits, key=len))
    value = text[len(column.name) + len(sign) :]
    shown, sql = column.name, column.sql
    has_order = column.is_temporal or column.is_numeric
    if sign == ">=" and not has_order:
        raise SettingError(
            f'"{shown}" holds {column.data_type}, which has no order to split by',
            hint=f"give {shown}=VALUE to compare one value with all others",
        )
    typed = literal(value) if _is_text(column) else _typed(table, column, value)
    if column.is_temporal or sign == ">=":
        words = ("before", "from") if column.is_temporal else ("below", "from")
        return (
            column,
            (f"{sql} < {typed}", f"{shown} {words[0]} {value}"),
            (f"{sql} >= {typed}", f"{shown} {words[1]} {value} on"),
        )
    here = f"cast({sql} as varchar)" if _is_text(column) else sql
    found = table.engine.rows(f"select 1 from {table.sql} where {here} = {typed} limit 1")
    if not found:
        raise SettingError(
            f'no row has {shown} = "{value}"', hint=_values(table, column, value)
        )
    return (
        column,
        (f"{here} is distinct from {typed}", f"{shown} other than {value}"),
        (f"{here} = {typed}", f"{shown} = {value}"),
    )


def _is_text(column: Field) -> bool:
    return column.family in ("text", "enum", "json", "nested", "binary")


def _typed(table: Relation, column: Field, value: str) -> str:
    """Return a value as SQL of the type of a column."""
    from dsp.engine.duckdb_engine import literal

    typed = f"try_cast({literal(value)} as {column.data_type})"
    if table.engine.rows(f"select {typed} is null")[0][0]:
        raise SettingError(
            f'"{value}" is no value of "{column.name}", which holds {column.data_type}',
            hint="dates are written 2024-01-31" if column.is_temporal else "",
        )
    return typed


def _values(table: Relation, column: Field, value: str) -> str:
    rows = table.engine.rows(
        f"select left(cast({column.sql} as varchar), 40) from {table.sql} "
        f"where {column.sql} is not null group by 1 order by count(*) desc, 1 limit 50"
    )
    known = [row[0] for row in rows]
    close = nearest(value, known, n=3) or known[:5]
    return f"values: {', '.join(close)}" if close else "the column is empty"


def _periods(table: Relation, name: str, unit: str) -> tuple[Field, _Part, _Part]:
    """Return the last two periods of a column of dates."""
    from dsp.engine.duckdb_engine import literal

    if unit not in UNITS:
        raise SettingError(f'no period "{unit}"', hint=f"periods: {', '.join(UNITS)}")
    column = table.find(name)
    if not column.is_temporal:
        raise SettingError(
            f'"{name}" holds {column.data_type}, no dates',
            hint="name a column of dates, or use split",
        )
    start = f"date_trunc('{unit}', {column.sql})"
    rows = table.engine.rows(
        f"select distinct cast({start} as timestamp) from {table.sql} "
        f"where isfinite({column.sql}) order by 1 desc limit 2"
    )
    if len(rows) < 2:
        raise SettingError(
            f'"{name}" has {len(rows)} {unit}{"" if len(rows) == 1 else "s"}',
            hint="two are needed; take a shorter period",
        )
    (last,), (before,) = rows

    def part(first: datetime) -> _Part:
        where = f"cast({start} as timestamp) = {literal(str(first))}::timestamp"
        return f"isfinite({column.sql}) and {where}", f"{name} in {_said(first, unit)}"

    return column, part(before), part(last)


def _said(first: datetime, unit: str) -> str:
    day: date = first.date()
    if unit == "year":
        return f"{day.year}"
    if unit == "quarter":
        return f"{day.year} Q{(day.month + 2) // 3}"
    if unit == "month":
        return f"{day:%Y-%m}"
    return f"the week of {day}" if unit == "week" else f"{day}"
