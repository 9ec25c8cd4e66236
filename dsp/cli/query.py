"""``dsp query``: SQL on a run or a data file, read-only and locked down."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dsp.cli.common import common_options, options, say, show_table, suggest
from dsp.cli.entry import CANCELLED
from dsp.errors import CancelledError, DspError, QueryError, RunNotFoundError
from dsp.numbers import counted

if TYPE_CHECKING:
    from dsp.engine.sandbox import LockedEngine, Stream

R = TypeVar("R")
FORMATS = ("table", "csv", "json", "jsonl", "markdown", "parquet", "arrow")
BINARY = ("parquet", "arrow")
GRACE_SECONDS = 1.0
"""Time a query gets to end after Ctrl-C before the process does."""
TABLE_ROWS = 1_000
"""Rows that a table on a terminal gets when --limit does not say otherwise."""


@click.command("query", short_help="Query a run or a data file with SQL.")
@click.argument("source", metavar="RUN|FILE")
@click.argument("sql", required=False)
@click.option(
    "-f",
    "--file",
    "sql_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the query from a file.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How rows are written; table when not given, or by the suffix of --output.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to a file instead of standard output.",
)
@click.option("--limit", type=click.IntRange(0), help="Rows at most; 0 for all.")
@click.option(
    "--param", "params", multiple=True, metavar="NAME=VALUE", help="Value of $NAME."
)
@common_options
def command(
    source: str,
    sql: str | None,
    *,
    sql_file: Path | None,
    form: str | None,
    output: Path | None,
    limit: int | None,
    params: tuple[str, ...],
) -> None:
    """Query a run or a data file with SQL.

    On a run, the result tables go by their names (insights, columns, checks …) and the
    data is clean.data; a data file is table "data". The query comes from the command
    line, from --file, or from standard input when it is - or piped. Only one SELECT is
    answered, and it reaches nothing but the run or file.
    """
    chosen = _format(form, output)
    text = _text(sql, sql_file)
    if chosen in BINARY and output is None and sys.stdout.isatty():
        raise click.UsageError(f"--format {chosen} needs --output or a pipe")
    engine = open_source(source)
    try:
        bound = _params(params)
        n_rows = interruptible(
            engine, lambda: _write(engine.stream(text, bound), chosen, output, limit)
        )
    finally:
        engine.close()
    if output is not None:
        say(f"{'Wrote':<6} {output}  {counted(n_rows, 'row')}")
    elif chosen == "table":
        suggest(f"dsp query {source} … --format csv --output rows.csv")


def open_source(source: str) -> LockedEngine:
    """Open a run, a DuckDB file or a data file (as table ``data``), locked down.

    Raises
    ------
    DspError
        There is no such thing, or it cannot be read.
    """
    from dsp.engine.sandbox import open_locked, open_results
    from dsp.result import find_database

    path = Path(source)
    if path.suffix == ".duckdb" and path.is_file():
        try:
            return open_results(path)
        except RunNotFoundError:
            return open_locked(path)
    if path.is_dir() or path.suffix == ".dsp":
        try:
            return open_results(find_database(path))
        except RunNotFoundError:
            if path.suffix == ".dsp" or not path.is_dir():
                raise
    return _load(source)


def _load(source: str) -> LockedEngine:
    """Load a data file into a locked database in memory."""
    from dsp.engine.sandbox import LockedEngine
    from dsp.sources import DataReader

    reader = DataReader()
    located = reader.locate(source)
    engine = LockedEngine()
    try:
        loaded = interruptible(engine, lambda: reader.load(located, engine))
        engine.create("data", "select * from raw.data", kind="view")
        engine.lock([] if loaded.is_materialized else list(loaded.allowed_paths))
    except BaseException:
        engine.close()
        raise
    return engine


def interruptible(engine: LockedEngine, work: Callable[[], R]) -> R:
    """Run `work` on a second thread, so that Ctrl-C reaches a query inside the engine.

    Python handles signals between two steps of its main thread only, and a running query
    is one step.
    """
    from dsp.exports.cells import remove_unfinished

    if threading.current_thread() is not threading.main_thread():
        return work()
    outcome: dict[str, Any] = {}
    asked = threading.Event()
    context = click.get_current_context()

    def attempt() -> None:
        try:
            with context.scope(cleanup=False):
                outcome["result"] = work()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            outcome["error"] = error

    worker = threading.Thread(target=attempt, daemon=True)
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        worker.start()
        deadline: float | None = None
        while worker.is_alive():
            worker.join(0.05)
            if not asked.is_set():
                continue
            deadline = deadline or time.monotonic() + GRACE_SECONDS
            if time.monotonic() > deadline:
                # Some operators do not look at interrupts.
                remove_unfinished()
                os.write(2, b"error: cancelled\n")
                os._exit(CANCELLED)
            threading.Thread(target=engine.interrupt, daemon=True).start()
    finally:
        signal.signal(signal.SIGINT, before)
    error = outcome.get("error")
    if error is not None:
        if asked.is_set() and not isinstance(error, CancelledError):
            raise CancelledError("cancelled") from error
        raise error
    result: R = outcome["result"]
    return result


def _format(form: str | None, output: Path | None) -> str:
    if form is not None:
        return form
    if options().json:
        return "json"
    by_suffix = {
        ".csv": "csv",
        ".json": "json",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".md": "markdown",
        ".parquet": "parquet",
        ".arrow": "arrow",
        ".feather": "arrow",
    }
    return by_suffix.get(output.suffix.casefold(), "csv") if output else "table"


def _text(sql: str | None, sql_file: Path | None) -> str:
    if sql_file is not None:
        if sql is not None:
            raise click.UsageError("give the query once: as text or with --file")
        try:
            return sql_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise QueryError(f"{sql_file} cannot be read: {error}") from error
    if sql is None and sys.stdin.isatty():
        raise click.UsageError("no query: give SQL, --file, or pipe it in")
    return sys.stdin.read() if sql is None or sql == "-" else sql


def _params(words: tuple[str, ...]) -> dict[str, Any]:
    """Return ``NAME=VALUE`` words as parameters; what reads as a number is one."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise click.UsageError(f'--param "{word}" is not of the form NAME=VALUE')
        found[name.removeprefix("$")] = _number(value)
    return found


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if str(number) == text else text
    return text


def _write(stream: Stream, form: str, output: Path | None, limit: int | None) -> int:
    """Write the rows and return how many."""
    from dsp.cli.rows import WRITERS
    from dsp.exports.cells import appearing

    if form == "table" and output is None:
        return _table(stream, TABLE_ROWS if limit is None else limit)
    writer = WRITERS["markdown" if form == "table" else form]
    batches = _limited(stream, limit or 0)
    if output is not None:
        try:
            with appearing(output) as unfinished, unfinished.open("wb") as sink:
                return writer(stream.schema, batches, sink)
        except OSError as error:
            raise DspError(f"cannot write {output}: {error.strerror or error}") from error
    n_rows = writer(stream.schema, batches, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    return n_rows


def _limited(stream: Stream, limit: int) -> Iterator[Any]:
    """Yield batches until `limit` rows are out (0: all)."""
    left = limit
    while (batch := stream.next_batch()) is not None:
        if not limit:
            yield batch
            continue
        kept = batch.slice(0, left)
        left -= kept.num_rows
        yield kept
        if left <= 0:
            return


def _table(stream: Stream, limit: int) -> int:
    import pyarrow as pa

    from dsp.exports.cells import as_text

    wanted = limit + 1 if limit else 0
    table = pa.Table.from_batches(list(_limited(stream, wanted)), schema=stream.schema)
    shown = table.slice(0, limit) if limit else table
    numeric = [
        field.name
        for field in shown.schema
        if pa.types.is_integer(field.type)
        or pa.types.is_floating(field.type)
        or pa.types.is_decimal(field.type)
    ]
    rows = [
        [
            value if value is None or isinstance(value, (int, float)) else as_text(value)
            for value in row
        ]
        for row in zip(*(column.to_pylist() for column in shown.columns), strict=True)
    ]
    show_table(shown.column_names, rows, right=numeric)
    is_cut = table.num_rows > shown.num_rows
    more = " shown, more exist (--limit 0 shows all)" if is_cut else ""
    say(f"{counted(shown.num_rows, 'row')}{more}")
    return int(shown.num_rows)
