"""`compare`: reads two tables, or one in two parts, and says how they differ."""

from __future__ import annotations

import json
import secrets
import time as clock
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dsp.errors import SettingError
from dsp.events import Tick, no_tick

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.exports.comparison import Comparison
    from dsp.pipeline.comparison_sides import Loaded
    from dsp.statistics.comparing import Compared

VIEWS = ("only_in_a", "only_in_b", "changed_values", "duplicated_keys")
"""Views of all rows that differ, beside the tables."""


def compare(
    a: Any,
    b: Any = None,
    *,
    by: str | Sequence[str] = (),
    split: str | None = None,
    periods: tuple[str, str] | None = None,
    tolerance: float | str | None = None,
    renames: Mapping[str, str] | None = None,
    threshold: float = 0.1,
    output: str | Path | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> Comparison:
    """Compare two tables, or two parts of one: columns, rows and distributions.

    Parameters
    ----------
    a, b
        Path, glob, folder, ``database.db::table``, a finished run (its clean data), or a
        table in memory. Without `b`, `a` is taken apart by `split` or `periods`.
    by
        Columns that rows are matched by. Without, a column that is unique in both tables
        is taken, and named; without one, whole rows are counted.
    split
        ``COLUMN=VALUE``: rows before a date against those from it on, or all others
        against those with the value. ``COLUMN>=VALUE`` for numbers.
    periods
        A column of dates and day, week, month, quarter or year: the last period but one
        against the last.
    tolerance
        How far numbers may be apart and still be equal: 0.01, or ``0.1%``.
    renames
        Names in B by names in A, where they differ.
    threshold
        Stability index and Kolmogorov-Smirnov distance from which drift is small; twice
        as much is large.
    output
        A ``.duckdb`` file that receives both tables, the result tables, and all rows that
        differ as views; or a folder that receives them as Parquet files too.
    memory_limit
        Memory for the engine, such as ``4GB``; 70 % of what is there when None.
    threads
        Threads; all cores when None.
    format, options
        As for `DataReader`; for both sources.
    tick
        Told after every step.

    Returns
    -------
    Comparison
        Counts, columns with their verdicts, measures with p and q values, samples.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in both tables.
    SettingError
        What is asked for is not possible.
    DspError
        A source cannot be read, or the output cannot be written.

    Examples
    --------
    >>> import dsp
    >>> old = {"id": [1, 2, 3], "price": [10.0, 20.0, 30.0]}
    >>> new = {"id": [1, 2, 4], "price": [10.0, 25.0, 30.0]}
    >>> found = dsp.compare(old, new, by="id")
    >>> found
    <Comparison: 1 row changed, 1 row only in A, 1 row only in B>
    >>> found.rows_of("changed")[0].columns
    ('price',)
    """
    from dsp.engine import StoredTable
    from dsp.engine.relation import Relation
    from dsp.pipeline.comparison_sides import Reading, load_parts, load_two
    from dsp.statistics.comparing import compare_tables

    started, began = datetime.now(UTC), clock.perf_counter()
    _refuse(b, split, periods, threshold)
    target = None if output is None else Path(output)
    # Columnar files are read where they are, unless the output shall hold the rows.
    read = Reading(format, dict(options or {}), "never" if target is None else "auto")
    with _database(target, memory_limit=memory_limit, threads=threads) as engine:
        if b is None:
            loaded = load_parts(engine, a, split=split, periods=periods, read=read)
        else:
            loaded = load_two(engine, a, b, read=read)
        _refuse_own_source(target, loaded)
        one, two = (
            Relation.of(StoredTable(engine, "data", side), engine) for side in "ab"
        )
        found = compare_tables(
            one,
            two,
            by=(by,) if isinstance(by, str) else tuple(by),
            tolerance="" if tolerance is None else str(tolerance),
            renames=renames,
            parts_of_one=b is None,
            split_by=loaded.split_by,
            threshold=threshold,
            tick=tick,
        )
        report = _report(
            found,
            loaded,
            tolerance=None if tolerance is None else str(tolerance),
            threshold=threshold,
            n_columns=(len(one.columns), len(two.columns)),
            compared_at=started,
            elapsed_ms=(clock.perf_counter() - began) * 1000,
        )
        if target is not None:
            _keep(engine, target, report, found, loaded)
    return report


def _refuse(
    b: Any, split: str | None, periods: tuple[str, str] | None, threshold: float
) -> None:
    n = sum(thing is not None for thing in (b, split, periods))
    if n == 0:
        raise SettingError(
            "one source alone is nothing to compare",
            hint="name a second one, or take it apart with split or periods",
        )
    if n > 1:
        raise SettingError(
            "a second source, split and periods exclude each other",
            hint="give one of them",
        )
    if not 0 < threshold < float("inf"):
        raise SettingError(
            f"a threshold of {threshold} is none", hint="give a number above 0, as 0.1"
        )


def _report(
    found: Compared,
    loaded: Loaded,
    *,
    tolerance: str | None,
    threshold: float,
    n_columns: tuple[int, int],
    compared_at: datetime,
    elapsed_ms: float,
) -> Comparison:
    from dsp.exports.comparison import Comparison
    from dsp.records.comparison import ComparisonRow
    from dsp.statistics.comparing.measures import ALPHA, CORRECTION
    from dsp.statistics.comparing.summary import summary

    rows = found.rows
    row = ComparisonRow(
        source_a=loaded.a,
        source_b=loaded.b,
        n_rows_a=found.n_rows_a,
        n_rows_b=found.n_rows_b,
        n_columns_a=n_columns[0],
        n_columns_b=n_columns[1],
        key=found.key,
        key_origin=found.key_origin,
        tolerance=tolerance,
        n_only_a=rows.n_only_a,
        n_only_b=rows.n_only_b,
        n_changed=rows.n_changed,
        n_unchanged=rows.n_unchanged,
        n_duplicated_a=rows.n_duplicated_a,
        n_duplicated_b=rows.n_duplicated_b,
        rows_reason=rows.reason,
        n_schema_differences=len(found.schema),
        n_drifted=sum(c.verdict in ("small", "large") for c in found.columns),
        n_large=sum(c.verdict == "large" for c in found.columns),
        threshold=threshold,
        alpha=ALPHA,
        n_tests=found.n_tests,
        correction=CORRECTION,
        notes=loaded.notes,
        summary=summary(found.schema, found.columns, rows),
        evidence_sql=rows.evidence_sql
        or "select (select count(*) from a.data) as n_rows_a, "
        "(select count(*) from b.data) as n_rows_b",
    )
    return Comparison(
        row=row,
        schema=found.schema,
        columns=found.columns,
        drift=found.drift,
        bins=found.bins,
        differences=found.differences,
        compared_at=compared_at,
        elapsed_ms=elapsed_ms,
    )


@contextmanager
def _database(
    output: Path | None, *, memory_limit: str | None, threads: int | None
) -> Iterator[DuckEngine]:
    """Lend a database that spills where there is room; `output` appears at the end."""
    from dsp.engine import DuckEngine
    from dsp.engine.memory import memory_budget

    limit = memory_budget(memory_limit)
    is_folder = output is not None and _is_folder(output)
    if is_folder and output is not None and output.is_file():
        raise SettingError(
            f"{output} is a file, but no database",
            hint="name a .duckdb file, or a folder",
        )
    beside = None if output is None else (output if is_folder else output.parent)
    try:
        if beside is not None:
            beside.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(prefix=".dsp-", dir=beside)
    except OSError as error:
        raise SettingError(
            f"cannot write {output}: {error.strerror or error}",
            hint="name a file or folder that you may write to",
        ) from error
    with scratch as folder:
        # A file, not memory: what is loaded is then compressed, and spills cost nothing.
        path = Path(folder) / "comparison.duckdb"
        engine = DuckEngine(
            path, memory_limit=limit, threads=threads, temp_dir=Path(folder) / "spill"
        )
        try:
            yield engine
            if output is not None:
                engine.checkpoint()
        finally:
            engine.close()
        if output is not None:
            path.replace(output / path.name if is_folder else output)


def _is_folder(output: Path) -> bool:
    return output.is_dir() or output.suffix.lower() not in (".duckdb", ".ddb", ".db")


def _refuse_own_source(output: Path | None, loaded: Loaded) -> None:
    if output is None:
        return
    if str(output.resolve()) in {str(Path(path).resolve()) for path in loaded.files}:
        raise SettingError(f"{output} is a source itself", hint="name another file")


def _store(
    engine: DuckEngine, report: Comparison, found: Compared, loaded: Loaded
) -> None:
    """Write the records, the views, and the row that makes the file a finished run."""
    import dsp
    from dsp.engine import Store
    from dsp.records import RunRow

    store = Store(engine)
    store.create()
    store.create_comparison()
    run = RunRow(
        run_id=secrets.token_hex(16),
        status="complete",
        version=dsp.__version__,
        source=f"{loaded.a} and {loaded.b}",
        source_name="comparison",
        source_format="comparison",
        source_files=loaded.files,
        source_fingerprint=loaded.fingerprint,
        read_decisions=json.dumps(loaded.decisions, sort_keys=True, default=str),
        is_materialized=loaded.is_materialized,
        n_rows=report.row.n_rows_a + report.row.n_rows_b,
        n_columns=max(report.row.n_columns_a, report.row.n_columns_b),
        n_rejected=loaded.n_rejected,
        config=json.dumps({"command": "compare", "by": list(report.row.key)}),
        seed=0,
        engine="duckdb",
        started_at=report.compared_at,
        finished_at=datetime.now(UTC),
        elapsed_ms=report.elapsed_ms,
    )
    store.insert([run, *report.records])
    for name, query in found.rows.views.items():
        engine.create(name, query, kind="view")


def _keep(
    engine: DuckEngine,
    target: Path,
    report: Comparison,
    found: Compared,
    loaded: Loaded,
) -> None:
    _store(engine, report, found, loaded)
    if _is_folder(target):
        _write_folder(engine, target, found)


def _write_folder(engine: DuckEngine, folder: Path, found: Compared) -> None:
    """Write the result tables, and all rows that differ, as Parquet files."""
    from dsp.engine.duckdb_engine import literal, quote
    from dsp.engine.store import table_of
    from dsp.records.comparison import COMPARISON_RECORDS

    names = [table_of(record) for record in COMPARISON_RECORDS]
    for name in [*names, *found.rows.views]:
        order = " order by rowid" if name in names else ""
        target = literal(str(folder / f"{name}.parquet"))
        engine.execute(
            f"copy (select * from main.{quote(name)}{order}) to {target} "
            "(format parquet, compression zstd)"
        )
