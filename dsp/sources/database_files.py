"""SQLite and DuckDB files: one base table, copied."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import quote
from dsp.errors import DspError, SourceError, nearest
from dsp.sources.arrow_tables import reader
from dsp.sources.base import Job, Scan, failed
from dsp.sources.kinds import choose

N_BATCH = 20_000


class DatabaseFormat:
    """A table of a SQLite or DuckDB file, named ``file.db::table``."""

    name = "database"
    suffixes = (".sqlite", ".sqlite3", ".db", ".db3", ".duckdb", ".ddb")
    options = ("table",)

    def matches(self, head: bytes) -> bool:
        """Say whether a file starts as SQLite or DuckDB does."""
        return head.startswith(b"SQLite format 3\x00") or head[8:12] == b"DUCK"

    def scan(self, job: Job) -> Scan:
        """Copy one table."""
        if len(job.located.files) != 1:
            raise SourceError(
                f"{job.located.source} names {len(job.located.files)} databases",
                hint="give one file, as file.db::table",
            )
        path = job.located.files[0]
        with Path(path).open("rb") as file:
            is_sqlite = file.read(16).startswith(b"SQLite format 3")
        return _sqlite(path, job) if is_sqlite else _duckdb(path, job)


def _pick(path: str, tables: list[str], wanted: Any) -> str:
    shown = ", ".join(tables[:20])
    if not tables:
        raise failed(path, "holds no tables", "views are not read")
    if wanted is None:
        if len(tables) == 1:
            return tables[0]
        raise failed(
            path,
            f"holds {len(tables)} tables",
            f"name one as {Path(path).name}::{tables[0]}; tables: {shown}",
        )
    found = [name for name in tables if name.casefold() == str(wanted).casefold()]
    if found:
        return str(wanted) if wanted in found else found[0]
    close = nearest(str(wanted), tables, n=1)
    meant = f'did you mean "{close[0]}"? ' if close else ""
    raise SourceError(
        f'{path}: no table named "{wanted}"', hint=f"{meant}tables: {shown}"
    )


def _duckdb(path: str, job: Job) -> Scan:
    try:
        other = DuckEngine(Path(path), read_only=True)
    except DspError as error:
        raise failed(path, f"cannot be read: {error.message}", error.hint) from error
    job.stack.callback(other.close)
    # A foreign file may hold views and macros that read other files.
    other.lock()
    found = other.rows(
        "select schema_name, table_name from duckdb_tables() "
        "where not internal and not temporary order by 1, 2"
    )
    by_name = {t if s == "main" else f"{s}.{t}": (s, t) for s, t in found}
    name = _pick(path, list(by_name), job.located.options.get("table"))
    schema, table = by_name[name]
    target = f"{quote(schema)}.{quote(table)}"
    sample = other.sql(f"select * from {target} limit 0")
    batches = other.fetch_batches(other.table(table, schema=schema))
    incoming = job.lend(reader(batches, sample.schema))
    staged = job.stage(f"select * from {incoming}")
    return Scan(
        f"select * from {staged}",
        tuple(sample.schema.names),
        {"table": name},
    )


def _sqlite(path: str, job: Job) -> Scan:
    try:
        con = _open_sqlite(path, job)
        found = con.execute(
            "select name from sqlite_master where type = 'table' "
            "and name not like 'sqlite~_%' escape '~' order by 1"
        ).fetchall()
        name = _pick(path, [row[0] for row in found], job.located.options.get("table"))
        names, columns = _sqlite_columns(con, name)
        n_rows = con.execute(f"select count(*) from {quote(name)}").fetchone()[0]
        import pyarrow as pa

        kinds = _sqlite_types(con, name, columns)
        schema = pa.schema(
            [(f"c{i}", getattr(pa, kind)()) for i, kind in enumerate(kinds)]
        )
        listed = ", ".join(
            f"cast({c} as text)" if kind == "string" else c
            for c, kind in zip(columns, kinds, strict=True)
        )
        cursor = con.execute(f"select {listed} from {quote(name)}")
        rows = _sqlite_batches(cursor, schema, n_rows, job)
        incoming = job.lend(pa.RecordBatchReader.from_batches(schema, rows))
        staged = job.stage(f"select * from {incoming}")
    except sqlite3.Error as error:
        raise failed(
            path, f"cannot be read as SQLite: {error}", "the file is damaged or in use"
        ) from error
    return _sqlite_scan(job, staged, name, names, kinds)


def _sqlite_scan(
    job: Job, staged: str, table: str, names: list[str], kinds: list[str]
) -> Scan:
    texts = [quote(f"c{i}") for i, kind in enumerate(kinds) if kind == "string"]
    choices = choose(job.engine, staged, texts, numbers=False)
    sql = {text: choice.sql for text, choice in zip(texts, choices, strict=True)}
    listed = [quote(f"c{i}") for i in range(len(names))]
    return Scan(
        f"select {', '.join(sql.get(c, c) for c in listed)} from {staged}",
        tuple(names),
        {"table": table},
    )


def _open_sqlite(path: str, job: Job) -> sqlite3.Connection:
    """Open a file without leaving anything beside it."""
    logs = [
        end
        for end in ("-wal", "-journal")
        if Path(path + end).is_file() and Path(path + end).stat().st_size
    ]
    with Path(path).open("rb") as file:
        has_wal_mode = file.read(20)[18:20] == b"\x02\x02"
    mode = "mode=ro"
    if logs:
        # Rows may stand in the log alone, and SQLite would write to use it: read a copy.
        copy = str(job.scratch(".sqlite"))
        for end in ("", *logs):
            shutil.copyfile(path + end, copy + end)
        path, mode = copy, "mode=rw"
    elif has_wal_mode:
        mode = "mode=ro&immutable=1"
    # The engine reads the batches from its own thread.
    con = sqlite3.connect(
        f"file:{url_quote(path)}?{mode}", uri=True, check_same_thread=False
    )
    job.stack.enter_context(closing(con))
    con.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
    return con


def _sqlite_columns(con: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    cursor = con.execute(f"select * from {quote(table)} limit 0")
    names = [column[0] for column in cursor.description]
    return names, [quote(name) for name in names]


def _sqlite_types(con: sqlite3.Connection, table: str, columns: list[str]) -> list[str]:
    """Return an Arrow type for each column from the values that are really there."""
    kinds: list[str] = []
    for start in range(0, len(columns), 100):
        chunk = columns[start : start + 100]
        parts = ", ".join(f"group_concat(distinct typeof({column}))" for column in chunk)
        row = con.execute(f"select {parts} from {quote(table)}").fetchone()
        kinds += [_type_of(set((found or "null").split(","))) for found in row]
    return kinds


def _type_of(found: set[str]) -> str:
    present = found - {"null"}
    if present == {"integer"}:
        return "int64"
    if present and present <= {"integer", "real"}:
        return "float64"
    return "binary" if present == {"blob"} else "string"


def _sqlite_batches(
    cursor: sqlite3.Cursor, schema: Any, n_rows: int, job: Job
) -> Iterator[Any]:
    import pyarrow as pa

    done = 0
    while rows := cursor.fetchmany(N_BATCH):
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        done += len(rows)
        job.tick(done, n_rows, unit="rows")


plugin = DatabaseFormat()
