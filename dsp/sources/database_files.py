"""SQLite and DuckDB files: one base table, copied."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import quote
from dsp.errors import DspError, SourceError, nearest
from dsp.sources.arrow_tables import reader
from dsp.sources.base import Job, Scan, failed
from dsp.sources.compressed import unpacked
from dsp.sources.sqlite_tables import open_sqlite, scan_sqlite, tables_of

# Types that lose something on the way through Arrow: they travel as text.
_LOST = ("HUGEINT", "UHUGEINT", "BIT", "BIGNUM", "TIME WITH TIME ZONE", "UUID")


class DatabaseFormat:
    """A table of a SQLite or DuckDB file, named ``file.db::table``."""

    name = "database"
    suffixes = (".sqlite", ".sqlite3", ".db", ".db3", ".duckdb", ".ddb")
    options = ("table", "wal")

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
        plain = unpacked(path, job, suffix=".db")
        with Path(plain).open("rb") as file:
            is_sqlite = file.read(16).startswith(b"SQLite format 3")
        return (_sqlite if is_sqlite else _duckdb)(path, plain, job)


def _pick(path: str, tables: list[str], wanted: Any) -> str:
    shown = ", ".join(tables[:20])
    if not tables:
        raise failed(path, "holds no tables", "views and virtual tables are not read")
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


def _duckdb(path: str, plain: str, job: Job) -> Scan:
    try:
        other = DuckEngine(Path(plain), read_only=True)
    except DspError as error:
        raise _unopened(path, error) from error
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
    kinds = [(row[0], row[1]) for row in other.rows(f"describe {target}")]
    listed = ", ".join(
        _text(column) if kind in _LOST or _hides_lost(kind) else quote(column)
        for column, kind in kinds
    )
    select = f"select {listed} from {target}"
    schema = other.sql(f"{select} limit 0").schema
    incoming = job.lend(reader(other.batches(select), schema))
    staged = job.stage(f"select * from {incoming}")
    facts: dict[str, Any] = {"table": name}
    if hidden := [column for column, kind in kinds if _hides_lost(kind)]:
        facts["warnings"] = [f'column "{column}" was read as text' for column in hidden]
    back = ", ".join(
        f"cast(c{i} as {kind}) as c{i}" if kind in _LOST else f"c{i}"
        for i, (_, kind) in enumerate(kinds)
    )
    numbered = ", ".join(f"c{i}" for i in range(len(kinds)))
    return Scan(
        f"select {back} from {staged} as staged({numbered})",
        tuple(column for column, _ in kinds),
        facts,
    )


def _text(column: str) -> str:
    return f"cast({quote(column)} as varchar) as {quote(column)}"


def _hides_lost(kind: str) -> bool:
    """Say whether a nested type holds one that Arrow cannot carry."""
    is_nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))
    return is_nested and any(re.search(rf"\b{lost}\b", kind) for lost in _LOST)


def _unopened(path: str, error: DspError) -> SourceError:
    """Return the error of a DuckDB file that did not open, with its way out."""
    cause = error.message.partition("database: ")[2] or error.message
    if "version number" in cause:
        return failed(
            path,
            "was written by another version of DuckDB",
            f"export it there as Parquet ({cause})",
        )
    if "encrypt" in cause.lower():
        return failed(path, "is encrypted", "decrypt it first, or export it as Parquet")
    return failed(
        path,
        f"cannot be read as DuckDB: {cause}",
        "it is damaged, or another process has it",
    )


def _sqlite(path: str, plain: str, job: Job) -> Scan:
    try:
        con, texts = open_sqlite(plain, job)
        name = _pick(path, tables_of(con), job.located.options.get("table"))
        scan = scan_sqlite(con, plain, name, job)
    except sqlite3.Error as error:
        raise failed(
            path, f"cannot be read as SQLite: {error}", "the file is damaged or in use"
        ) from error
    except SourceError as error:
        error.message = error.message.replace(plain, path)
        raise
    if texts.n_foreign:
        job.warn(
            path, f"texts that are not UTF-8 were read as cp1252: {texts.n_foreign:,}"
        )
    return scan


plugin = DatabaseFormat()
