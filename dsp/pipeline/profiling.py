"""`profile`: reads a source and describes it, without cleaning or modelling it."""

from __future__ import annotations

import resource
import time as clock
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dsp.errors import ColumnNotFoundError, DspError, SettingError
from dsp.events import Tick, no_tick
from dsp.pipeline.describing import Wish, describe
from dsp.pipeline.run_rows import finished_run

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, StoredTable
    from dsp.exports.profile import ProfileReport
    from dsp.sources import Loaded, Located


def profile(
    source: Any,
    *,
    target: str | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    exact: bool = False,
    relations: bool = True,
    structure: bool | None = None,
    redact: bool = False,
    output: str | Path | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> ProfileReport:
    """Describe every column of a source and how the columns relate.

    Columnar files are read where they are, not copied. The same source gives the same
    figures whatever the number of threads.

    Parameters
    ----------
    source
        Path, glob, folder, ``database.db::table``, or a table in memory.
    target, time
        Column to explain, related to all others; column that orders the rows in time.
    columns
        Columns to profile; all when None.
    exact
        Estimate no distinct count, whatever it costs.
    relations
        Whether columns are related to each other.
    structure
        Whether keys, dependencies and repeated rows are looked for; in tables of up to
        5 million cells when None.
    redact
        Hide the values of columns that may tell who somebody is.
    output
        DuckDB file that receives the result tables; replaced when it exists.
    memory_limit
        Memory for the whole process, such as ``4GB``; 70 % of what is there when None.
    threads
        Threads; all cores when None.
    format, options
        As for `DataReader`.
    tick
        Told after every scan.

    Returns
    -------
    ProfileReport
        Records of columns, bins, frequent values, associations, dependencies, and
        alerts. What is undefined is None.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in the source.
    DspError
        The source cannot be read, or the output cannot be written.

    Examples
    --------
    >>> import dsp
    >>> found = dsp.profile({"price": [1.0, 2.0, 4.0], "city": ["Bern", "Bern", "Basel"]})
    >>> found
    <Profile of builtins.dict: 3 rows, 2 columns>
    >>> found.column("price").q50, found.top_values["city"][0].value
    (2.0, 'Bern')
    """
    from dsp.exports.profile import ProfileReport, redacted_report
    from dsp.sources import DataReader

    if redact and output is not None:
        raise SettingError(
            "an output holds the data itself, so its values cannot be hidden",
            hint="leave out --output or --redact",
        )
    started, began = datetime.now(UTC), clock.perf_counter()
    wish = Wish(
        target=target,
        time=time,
        columns=tuple(columns or ()),
        exact=exact,
        relations=relations,
        structure=structure,
        redact=redact,
    )
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    target_file = None if output is None else Path(output)
    refuse_own_source(target_file, located)
    with database(target_file, memory_limit=memory_limit, threads=threads) as engine:
        loaded = reader.load(located, engine, materialize="never", tick=tick)
        table = _wanted(engine, loaded, wish, located.name)
        found = describe(engine, table, wish, tick=tick)
        report = ProfileReport(
            source=located.source,
            n_rows=loaded.n_rows,
            profiled_at=started,
            records=found.records,
            n_duplicate_rows=found.n_duplicate_rows,
            facts={"not_searched": list(found.not_searched)},
            n_rejected=loaded.n_rejected,
            elapsed_ms=(clock.perf_counter() - began) * 1000,
            peak_memory_bytes=peak_memory(),
        )
        if target_file is not None:
            _store(engine, report, located, loaded, wish)
    return redacted_report(report) if redact else report


def _wanted(engine: DuckEngine, loaded: Loaded, wish: Wish, name: str) -> StoredTable:
    """Return the columns to profile, as the view that all queries name."""
    from dsp.engine import StoredTable
    from dsp.engine.duckdb_engine import quote

    for column in (*wish.columns, wish.target, wish.time):
        if column is not None and column not in loaded.columns:
            raise ColumnNotFoundError.of(column, loaded.columns, where=name)
    if not loaded.columns:
        raise DspError(f"{name} holds no columns", hint="give a file with a table in it")
    named = (wish.target, wish.time)
    kept = [
        column
        for column in loaded.columns
        if not wish.columns or column in wish.columns or column in named
    ]
    listed = ", ".join(quote(column) for column in kept)
    engine.create("data", f"select {listed} from raw.data", schema="clean", kind="view")
    return StoredTable(engine, "data", "clean")


@contextmanager
def database(
    output: Path | None, *, memory_limit: str | None, threads: int | None
) -> Iterator[DuckEngine]:
    """Lend a database that spills where there is room; `output` appears at the end."""
    from dsp.engine import DuckEngine, Store

    limit = _limit(memory_limit)
    try:
        if output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(
            prefix=".dsp-", dir=None if output is None else output.parent
        )
    except OSError as error:
        raise SettingError(
            f"cannot write {output}: {error.strerror or error}",
            hint="name a file in a folder that you may write to",
        ) from error
    with folder as scratch:
        path = None if output is None else Path(scratch) / output.name
        engine = DuckEngine(
            path,
            memory_limit=limit,
            threads=threads,
            temp_dir=Path(scratch) / "spill",
        )
        try:
            if path is not None:
                Store(engine).create()
            yield engine
            if path is not None:
                engine.checkpoint()
        finally:
            engine.close()
        if path is not None and output is not None:
            path.replace(output)


def _limit(memory_limit: str | None) -> int:
    """Return the bytes for the engine: the limit holds for the whole process."""
    from dsp.engine.memory import memory_budget

    whole = memory_budget(memory_limit)
    if memory_limit is None:
        return whole
    return max(whole - peak_memory(), whole // 2)


def peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def refuse_own_source(output: Path | None, located: Located) -> None:
    """Refuse an output that is a folder, or a file that is read."""
    if output is None:
        return
    if output.is_dir():
        raise SettingError(f"{output} is a folder", hint="name a file, such as p.duckdb")
    if str(output.resolve()) in {str(Path(path).resolve()) for path in located.files}:
        raise SettingError(f"{output} is the source itself", hint="name another file")


def _store(
    engine: DuckEngine,
    report: ProfileReport,
    located: Located,
    loaded: Loaded,
    wish: Wish,
) -> None:
    """Write the records and the row that makes the file a finished run."""
    run = finished_run(
        located,
        loaded,
        config={"command": "profile", "exact": wish.exact},
        target=wish.target,
        time=wish.time,
        started=report.profiled_at,
        elapsed_ms=report.elapsed_ms,
    )
    keep(engine, [run, *report.records])


def keep(engine: DuckEngine, records: Iterable[object]) -> None:
    """Write records, and views of what could not be read, into an output."""
    from dsp.engine import Store

    for name in ("rejects", "lines"):
        engine.create(name, f"from raw.{name}", kind="view")
    Store(engine).insert(records)
