"""Reads one base table of a SQLite file, nothing of the file trusted."""

from __future__ import annotations

import codecs
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from dsp.engine.duckdb_engine import quote
from dsp.sources.base import Job, Scan, failed
from dsp.sources.choices import choose
from dsp.sources.encodings import MIXED

N_BATCH = 20_000
BATCH_BYTES = 32 << 20
N_COLUMNS_A_QUERY = 50
# Doubles hold whole numbers exactly up to here.
MAX_EXACT = 2**53
_WAL_MODE = b"\x02\x02"


@dataclass(slots=True)
class _Texts:
    """Decodes the texts of a file, and counts those that are not UTF-8."""

    n_foreign: int = 0

    def __call__(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.n_foreign += 1
            return raw.decode(errors=MIXED)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with the kinds of values that are really in it."""

    name: str
    kind: str
    found: dict[str, int] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        name = quote(self.name)
        if self.kind != "string":
            return name
        if "blob" in self.found and len(self.found) > 1:
            blob = f"when 'blob' then 'x''' || hex({name}) || ''''"
            return f"case typeof({name}) {blob} else cast({name} as text) end"
        return f"cast({name} as text)"


def tables_of(con: sqlite3.Connection) -> list[str]:
    """Return the names of base tables: no views, no virtual tables, nothing internal."""
    found = con.execute(
        "select name from pragma_table_list where schema = 'main' and type = 'table' "
        "and name not like 'sqlite~_%' escape '~' order by 1"
    )
    return [row[0] for row in found]


def scan_sqlite(con: sqlite3.Connection, path: str, table: str, job: Job) -> Scan:
    """Copy a table into a temporary one and say how to read that."""
    import pyarrow as pa

    faults = con.execute(f"pragma quick_check({quote(table)})").fetchmany(2)
    if faults != [("ok",)]:
        raise failed(
            path,
            f'table "{table}" is damaged: {_first(faults)}',
            "recover it with the sqlite3 tool (.recover), or fetch the file again",
        )
    columns = _columns(con, table)
    n_rows = con.execute(f"select count(*) from {quote(table)}").fetchone()[0]
    schema = pa.schema([(f"c{i}", _arrow(c.kind)) for i, c in enumerate(columns)])
    listed = ", ".join(column.sql for column in columns)
    cursor = con.execute(f"select {listed} from {quote(table)}")
    size = max(1, Path(path).stat().st_size // max(1, n_rows))
    n_batch = max(1, min(N_BATCH, BATCH_BYTES // size))
    rows = _batches(cursor, schema, n_rows, n_batch, job)
    incoming = job.lend(pa.RecordBatchReader.from_batches(schema, rows))
    staged = job.stage(f"select * from {incoming}")
    return _typed(job, staged, table, columns)


def _first(faults: list[Any]) -> str:
    """Return the first fault that a check of a table names."""
    lines = str(faults[0][0]).splitlines() if faults else []
    return next((line for line in lines if not line.startswith("***")), "no answer")


def open_sqlite(path: str, job: Job) -> tuple[sqlite3.Connection, _Texts]:
    """Open a file for reading, without leaving anything beside it."""
    logs = [
        end
        for end in ("-wal", "-journal")
        if Path(path + end).is_file() and Path(path + end).stat().st_size
    ]
    with Path(path).open("rb") as file:
        has_wal_mode = file.read(20)[18:20] == _WAL_MODE
    mode = "mode=ro"
    if logs:
        # Rows may stand in the log alone, and SQLite would write to use it: read a copy.
        copy = str(job.scratch(".sqlite"))
        for end in ("", *logs):
            shutil.copyfile(path + end, copy + end)
        path, mode = copy, "mode=rw"
    elif has_wal_mode:
        _refuse_lost_log(path, job)
        mode = "mode=ro&immutable=1"
    # The engine reads the batches from its own thread.
    con = sqlite3.connect(
        f"file:{url_quote(path)}?{mode}", uri=True, check_same_thread=False
    )
    job.stack.enter_context(closing(con))
    texts = _Texts()
    con.text_factory = texts
    # The schema of a file is code that others wrote.
    con.execute("pragma trusted_schema = off")
    con.execute("pragma cell_size_check = on")
    return con, texts


def _refuse_lost_log(path: str, job: Job) -> None:
    """Ask about a database whose newest rows may stand in a log that is not there.

    A program that ended well leaves no log; a copy of the file alone leaves it behind.
    Both look the same, to the last byte.
    """
    if Path(f"{path}-wal").is_file() or job.located.options.get("wal") == "none":
        return
    raise failed(
        path,
        "is in write-ahead mode, and its log (-wal) is not beside it: "
        "the newest rows may be missing",
        "copy the log too, or give --read wal=none to read what is there",
    )


def _columns(con: sqlite3.Connection, table: str) -> list[_Column]:
    """Return the columns with an Arrow type that holds all of their values."""
    cursor = con.execute(f"select * from {quote(table)} limit 0")
    names = [column[0] for column in cursor.description]
    columns: list[_Column] = []
    for start in range(0, len(names), N_COLUMNS_A_QUERY):
        chunk = names[start : start + N_COLUMNS_A_QUERY]
        parts = []
        for name in map(quote, chunk):
            parts += [
                f"sum(typeof({name}) = '{kind}')"
                for kind in ("integer", "real", "text", "blob")
            ]
            whole = f"typeof({name}) = 'integer'"
            parts.append(f"max(case when {whole} then max({name}, -({name} + 1)) end)")
        row = con.execute(f"select {', '.join(parts)} from {quote(table)}").fetchone()
        for i, name in enumerate(chunk):
            *counts, largest = row[5 * i : 5 * i + 5]
            kinds = ("integer", "real", "text", "blob")
            found = {k: n for k, n in zip(kinds, counts, strict=True) if n}
            columns.append(_Column(name, _kind(set(found), largest or 0), found))
    return columns


def _kind(found: set[str], largest: int) -> str:
    if found == {"integer"}:
        return "int64"
    if found and found <= {"integer", "real"}:
        return "float64" if largest <= MAX_EXACT else "string"
    return "binary" if found == {"blob"} else "string"


def _arrow(kind: str) -> Any:
    import pyarrow as pa

    return {
        "int64": pa.int64(),
        "float64": pa.float64(),
        "binary": pa.binary(),
        "string": pa.string(),
    }[kind]


def _batches(
    cursor: sqlite3.Cursor, schema: Any, n_rows: int, n_batch: int, job: Job
) -> Iterator[Any]:
    import pyarrow as pa

    done = 0
    while rows := cursor.fetchmany(n_batch):
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        done += len(rows)
        job.tick(done, n_rows, unit="rows")


def _typed(job: Job, staged: str, table: str, columns: list[_Column]) -> Scan:
    texts = [f"c{i}" for i, column in enumerate(columns) if column.kind == "string"]
    choices = dict(
        zip(texts, choose(job.engine, staged, texts, numbers=False), strict=True)
    )
    listed, notes, warnings = [], {}, []
    for i, column in enumerate(columns):
        choice = choices.get(f"c{i}")
        listed.append(choice.sql if choice else f"c{i}")
        if choice and choice.note:
            notes[column.name] = choice.note
        if column.kind == "string" and len(column.found) > 1:
            kinds = ", ".join(f"{n:,} {kind}" for kind, n in column.found.items())
            warnings.append(f'column "{column.name}" holds {kinds}; read as text')
    facts: dict[str, Any] = {"table": table}
    facts |= {"types": notes} if notes else {}
    facts |= {"warnings": warnings} if warnings else {}
    names = tuple(column.name for column in columns)
    return Scan(f"select {', '.join(listed)} from {staged}", names, facts)


# The decoder above uses the handler that the encodings' module registers.
codecs.lookup_error(MIXED)
