"""`predict`: scores new data with the model of a run, inside the database."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import (
    ColumnNotFoundError,
    DspError,
    QueryError,
    SettingError,
    nearest,
)
from dsp.events import Tick, no_tick
from dsp.pipeline.inputs import Shift, inputs_sql, shifts, unreadable
from dsp.pipeline.profiling import database, refuse_own_source
from dsp.records import ModelQuery, ModelRow

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import Step
    from dsp.result import Run

SHOWN = 5
KEPT_ROWS = 200_000
"""Rows up to which answers are kept as a table: a query of many trees is planned once."""

LEAF_BYTES = 35_000
"""What a leaf of a tree takes on every thread: the vectors of its test and its result."""

MODEL_BYTES = 1_400_000_000
"""What the trees of a model may take on all threads together."""


@dataclass(frozen=True, slots=True)
class PredictionReport:
    """What `predict` did.

    Attributes
    ----------
    head
        The first rows, with their predictions.
    columns
        Names of the columns that were added.
    warnings
        What makes predictions doubtful, one sentence each.
    shifts
        How far each input is from the rows that the model was fitted on.
    output
        The file that was written, if one was.
    """

    source: str
    run: str
    model: ModelRow
    n_rows: int
    columns: tuple[str, ...]
    head: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    shifts: tuple[Shift, ...]
    output: Path | None
    elapsed_ms: float


def predict(
    run: str | Path | Run,
    source: Any,
    *,
    output: str | Path | None = None,
    force: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> PredictionReport:
    """Predict the target of a run for the rows of a source.

    The data go through the cleaning steps of the run that change single values, then
    through the model as a query: memory stays flat, and the order of rows. A value that
    the model cannot read counts as missing, with a warning.

    Parameters
    ----------
    run
        Folder of a run that has a model, or the open run.
    source
        Path, glob, folder, ``database.db::table``, or a table in memory.
    output
        File for the rows with their predictions; its suffix says the format: parquet,
        csv, tsv, json, ndjson, arrow. Nothing is written when None.
    force
        Whether an existing file may be replaced.
    memory_limit
        Memory for the whole process, such as ``4GB``; 70 % of what is there when None.
    threads
        Threads; all cores when None.
    format, options
        As for `DataReader`.
    tick
        Told after every step.

    Returns
    -------
    PredictionReport
        First rows, warnings, and how far the inputs have moved.

    Raises
    ------
    RunNotFoundError
        There is no finished run.
    ColumnNotFoundError
        The source lacks a column that the model reads.
    DspError
        The run has no model, or the source cannot be read.

    Examples
    --------
    >>> import tempfile, dsp
    >>> x = [i * 37 % 101 for i in range(200)]
    >>> rows = {"x": x, "y": [2 * v + v * 7 % 90 for v in x]}
    >>> folder = tempfile.mkdtemp()
    >>> dsp.analyze(rows, target="y", ml_fits=1, output_dir=folder).close()
    >>> report = dsp.predict(folder, {"x": [50, 60]})
    >>> report.n_rows, report.columns
    (2, ('prediction', 'low', 'high'))
    """
    from dsp.engine.table_files import format_of, write_rows, written
    from dsp.sources import DataReader

    began = clock.perf_counter()
    place = None if output is None else Path(output)
    kind = "" if place is None else format_of(place)
    if place is not None and place.exists() and not force:
        raise SettingError(f"{place} exists already", hint="give --force to replace it")
    known = _known(run)
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    refuse_own_source(place, located)
    with database(None, memory_limit=memory_limit, threads=threads) as engine:
        loaded = reader.load(located, engine, materialize="never", tick=tick)
        query, added = _query(engine, known, loaded.columns, located.name)
        warnings = list(unreadable(engine, known.query))
        moved = shifts(engine, known.query, known.store)
        warnings += [shift.sentence for shift in moved if shift.is_large]
        if loaded.n_rejected:
            warnings.append(f"{loaded.n_rejected:,} records could not be read")
        _make_ready(engine, known.query)
        if loaded.n_rows <= KEPT_ROWS:
            engine.execute(f"create temp table answered as {query}")
            query = "from answered"
        head = engine.sql(f"select * from ({query}) limit {SHOWN}").to_pylist()
        if place is not None:
            with written(place) as path:
                write_rows(engine, query, path, kind)
    return PredictionReport(
        source=located.source,
        run=known.path,
        model=known.model,
        n_rows=loaded.n_rows,
        columns=added,
        head=tuple(head),
        warnings=tuple(warnings),
        shifts=tuple(moved),
        output=place,
        elapsed_ms=(clock.perf_counter() - began) * 1000,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What of a run predicts new rows."""

    path: str
    model: ModelRow
    query: ModelQuery
    store: Mapping[type, Sequence[Any]]
    labels: Mapping[str, str]


def _known(run: str | Path | Run) -> _Known:
    """Return the model of a run, and the tables that say what its data were like."""
    from dsp.records import ColumnProfile, HistogramBin, Step, TopValue
    from dsp.result import open_run

    is_ours = isinstance(run, str | Path)
    opened = open_run(run) if isinstance(run, str | Path) else run
    try:
        queries, models = opened.read(ModelQuery), opened.read(ModelRow)
        store: dict[type, Sequence[Any]] = {
            kind: opened.read(kind)
            for kind in (ColumnProfile, HistogramBin, TopValue, Step)
        }
        path = str(opened.path)
        labels = _labels(opened, store[Step], queries)
    finally:
        if is_ours:
            opened.close()
    best = next((model for model in models if model.is_best), None)
    if best is None or not queries:
        raise DspError(
            f"the run in {path} has no model",
            hint="dsp analyze SOURCE --target COLUMN makes one"
            if best is None
            else "time was up before it was ready: raise --ml-time-limit",
        )
    return _Known(path, best, queries[0], store, labels)


def _labels(
    run: Run, steps: Sequence[Step], queries: Sequence[ModelQuery]
) -> dict[str, str]:
    """Return the texts of the source by the labels that cleaning made of them.

    Of several texts with one label the most frequent one.
    """
    from dsp.engine.duckdb_engine import quote

    target = queries[0].target if queries else None
    made = [s for s in steps if s.status == "applied" and s.columns == (target,)]
    if not made or target is None:
        return {}
    name = quote(target)
    cleaned = (
        f"select {name}, any_value({name}) as dsp_text, count(*) as dsp_rows "
        f"from raw.data where {name} is not null group by all"
    )
    for step in made:
        cleaned = f"with input as ({cleaned}) {step.sql}"
    try:
        found = run.sql(
            f"select {name}::varchar as label, arg_max(dsp_text, dsp_rows)::varchar "
            f"as text from ({cleaned}) where {name} is not null group by all"
        )
    except QueryError:
        # The source has moved, or its column had another name: the labels stay.
        return {}
    pairs = [(row["label"], row["text"]) for row in found.to_pylist()]
    return {label: text for label, text in pairs if label != text}


def _query(
    engine: DuckEngine, known: _Known, columns: Sequence[str], name: str
) -> tuple[str, tuple[str, ...]]:
    """Return the query of all rows with predictions, and the names of what it adds."""
    from dsp.engine.duckdb_engine import quote
    from dsp.records import Step

    prepared, names = inputs_sql(columns, known.store[Step])
    folded = {column.lower(): column for column in names}
    for column in known.query.inputs:
        if column.lower() not in folded:
            close = nearest(column, names, n=1)
            raise ColumnNotFoundError(
                f'{name} has no column "{column}", which the model of '
                f"{known.query.target} reads",
                hint=f'is it "{close[0]}"? rename it' if close else "add it, empty",
                name=column,
            )
    read = ", ".join(quote(column) for column in known.query.inputs)
    engine.execute(
        f"create view prepared as {prepared}\nselect dsp_row, {read} from cleaned"
    )
    engine.execute(
        "create view scored as with new_data as not materialized (from prepared)\n"
        f"from (\n{known.query.sql}\n)"
    )
    hidden = {"dsp_row", *(column.lower() for column in known.query.inputs)}
    found = [c for c, _ in engine.described("scored") if c.lower() not in hidden]
    taken = {column.lower() for column in columns}
    added = []
    for column in found:
        new = column
        if column.startswith("probability_"):
            label = column.removeprefix("probability_")
            new = f"probability_{known.labels.get(label, label)}"
        while new.lower() in taken:
            new += "_"
        taken.add(new.lower())
        added.append((column, new))
    listed = ", ".join(
        f"{_said(old, known.labels)} as {quote(new)}" for old, new in added
    )
    query = f"select unnest(dsp_row), {listed} from scored"
    return query, tuple(new for _, new in added)


def _make_ready(engine: DuckEngine, model: ModelQuery) -> None:
    """Set the engine so that a query of many trees plans quickly and fits in memory."""
    engine.execute(
        # They take two thirds of the time to plan, and change nothing.
        "set disabled_optimizers = 'common_subexpressions,statistics_propagation'"
    )
    most = max(1, MODEL_BYTES // (LEAF_BYTES * max(1, model.n_leaves)))
    threads = int(engine.rows("select current_setting('threads')")[0][0])
    if most < threads:
        engine.execute(f"set threads = {most}")


def _said(column: str, labels: Mapping[str, str]) -> str:
    """Return SQL of a column that speaks of labels in the words of the source."""
    from dsp.engine.duckdb_engine import literal, quote

    if not labels or column not in ("prediction", "likely"):
        return quote(column)
    cases = " ".join(
        f"when {literal(label)} then {literal(text)}" for label, text in labels.items()
    )
    if column == "prediction":
        return f"case prediction {cases} else prediction end"
    return f"list_transform(likely, lambda v: case v {cases} else v end)"
