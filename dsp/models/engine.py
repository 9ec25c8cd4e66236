"""AutoMLEngine: picks the task, pulls the rows, searches models and reports honestly."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from dsp.engine import engine_for
from dsp.engine.duckdb_engine import quote
from dsp.errors import CancelledError, ColumnNotFoundError, DspError
from dsp.events import Tick, no_tick
from dsp.models.features import CATEGORY, Feature, choose
from dsp.models.isolation import Worker
from dsp.models.limits import Limits
from dsp.models.outcome import Fitted, fitted
from dsp.models.task import MAX_CLASSES, REGRESSION, Task, decide
from dsp.records import ColumnProfile, Problem

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 20_000
"""Rows that a search uses at most; a seeded sample of a larger table."""

MIN_ROWS = 1_000
CLASS_ROWS = 10
"""Rows of every class that a sample keeps, so that folds and hold-out meet each."""

SHORT_SECONDS = 30.0
"""Searches below this take fewer rows, so that more than a baseline gets ready."""

CELLS_PER_SECOND = 100_000
CATEGORY_CELLS = 5


class AutoMLEngine:
    """Searches a model for a target, with scores on rows that no choice has seen.

    Parameters
    ----------
    engine
        Engine of the tables; that of the given table when None.
    seed
        Seed of splits, samples and models.
    time_limit
        Seconds the search may take; two seconds later it is over, with what is ready.
        Below 30 seconds fewer rows are taken, the fewer the more columns there are.
    threads
        Threads of the numerical libraries.
    isolated
        Fit in a process of its own, which can be ended at any moment; otherwise the
        time limit and `cancel` are looked at between two fits.

    Examples
    --------
    >>> import ibis, pyarrow as pa
    >>> from dsp import AutoMLEngine
    >>> x = [float(i % 17) for i in range(300)]
    >>> data = ibis.memtable(pa.table({"x": x, "y": [3.0 * v + 1 for v in x]}))
    >>> found = AutoMLEngine(isolated=False).fit(data, "y")
    >>> found.reason
    'no usable column is left: x (copies the target)'
    """

    def __init__(
        self,
        engine: DuckEngine | None = None,
        *,
        seed: int = 0,
        time_limit: float = 60.0,
        threads: int | None = None,
        isolated: bool = True,
    ) -> None:
        self.engine = engine
        self.seed = seed
        self.time_limit = time_limit
        self.threads = threads
        self.isolated = isolated
        self._worker: Worker | None = None
        self._is_due = False
        self._is_cancelled = False
        self._lock = threading.RLock()

    def prepare(self) -> None:
        """Announce a `fit`, and start its process so that it loads its libraries."""
        with self._lock:
            self._is_due = True
            if self.isolated and self._worker is None and not self._is_cancelled:
                self._worker = Worker(threads=self.threads)

    def cancel(self) -> None:
        """End the `fit` that runs, or the one `prepare` has announced, from any thread.

        That one call of `fit` raises `CancelledError`; the next starts afresh. Without
        a `fit` that runs or is announced, nothing happens.
        """
        with self._lock:
            self._is_cancelled = self._is_due
            worker = self._worker
        if worker is not None:
            worker.stop()

    def close(self) -> None:
        """End the process, remove its files, forget what was announced or cancelled."""
        with self._lock:
            worker, self._worker = self._worker, None
            self._is_due = self._is_cancelled = False
        if worker is not None:
            worker.stop()

    def fit(
        self,
        table: Any,
        target: str,
        *,
        time: str | None = None,
        columns: Sequence[ColumnProfile] = (),
        tick: Tick = no_tick,
    ) -> Fitted:
        """Search a model that predicts `target` from the other columns.

        Rows without a target are left out. With a time column the hold-out is the last
        fifth, else a seeded (stratified) draw. Missing values of features are handled
        inside the folds. The metric of choice is R² for numbers, the area under the ROC
        curve for two classes, balanced accuracy for more.

        Parameters
        ----------
        table
            Ibis table.
        time
            Column that orders the rows.
        columns
            Profiles of the columns: their roles decide which are used.

        Returns
        -------
        Fitted
            Empty, with a reason, when the target cannot be modelled.

        Raises
        ------
        ColumnNotFoundError
            `target` or `time` is not in the table.
        CancelledError
            `cancel` was called.
        """
        with self._lock:
            self._is_due = True
        try:
            found = self._fit(table, target, time=time, columns=columns, tick=tick)
            self._check()
        finally:
            self.close()
        return found

    def _check(self) -> None:
        if self._is_cancelled:
            raise CancelledError("cancelled while models were fitted")

    def _fit(
        self,
        table: Any,
        target: str,
        *,
        time: str | None,
        columns: Sequence[ColumnProfile],
        tick: Tick,
    ) -> Fitted:
        engine = self.engine or engine_for(table)
        schema = table.schema()
        for name in (target, time):
            if name is not None and name not in schema:
                raise ColumnNotFoundError.of(name, schema)
        task, n_rows = _task(engine, table, target)
        if task.reason:
            return Fitted(reason=task.reason)
        features, excluded = choose(schema, columns, target)
        if not features:
            return Fitted(reason=f"no column is left to predict {target} from")
        data = self._rows(engine, table, target, task=task, features=features, time=time)
        spec = {
            "task": task.kind,
            "n_classes": len(task.classes),
            "seed": self.seed,
            "is_ordered": time is not None,
            "seconds": self.time_limit,
            "started": monotonic(),
            "features": [[feature.name, feature.kind] for feature in features],
        }
        try:
            answer = self._search(data, spec, tick)
        except CancelledError:
            raise
        except DspError as error:
            return Fitted(reason=error.message, problems=(_problem(error),))
        return fitted(
            answer,
            task,
            target=target,
            excluded=excluded,
            is_ordered=time is not None,
            n_available=n_rows,
            seconds=self.time_limit,
        )

    def _search(self, data: Any, spec: dict[str, Any], tick: Tick) -> dict[str, Any]:
        def on_fit(done: int, total: int, label: str) -> None:
            self._check()
            tick(done, total, unit="fits", message=label)

        self._check()
        if not self.isolated:
            from dsp.models.search import search

            return {**search(data, spec, on_fit), "is_complete": True}
        self.prepare()
        worker = self._worker
        if worker is None:
            raise CancelledError("cancelled before models were fitted")
        limits = Limits.of(spec["seconds"], started=spec["started"])
        return worker.run(data, spec, limits=limits, tick=tick)

    def _rows(
        self,
        engine: DuckEngine,
        table: Any,
        target: str,
        *,
        task: Task,
        features: Sequence[Feature],
        time: str | None,
    ) -> Any:
        """Fetch target and features of a sample of rows, ordered."""
        import pyarrow as pa

        value = _target(target, table.schema()[target])
        n_rows = _sample_size(features, self.time_limit)
        number = _free_name("row_number", table.schema())
        later = _free_name("is_later", table.schema())
        rank = "0"
        if task.kind != REGRESSION:
            each = f"partition by {value} order by hash({number}, $seed::bigint)"
            rank = f"row_number() over ({each}, {number}) > {CLASS_ROWS}"
        wanted = [f"{value} as y"]
        if task.kind != REGRESSION:
            wanted = [f"{quote(target)}::varchar as y"]
        wanted += [f"{_value(feature)} as f{i}" for i, feature in enumerate(features)]
        order = f"chosen.{number}"
        if time:
            order = f"chosen.{quote(time)} nulls first, {order}"
        text = (
            f"with numbered as (select *, row_number() over () as {number} "
            f"from ({engine.compile(table)}) as source), "
            f"known as (select *, {rank} as {later} from numbered "
            f"where {value} is not null), "
            f"chosen as (from known order by {later}, "
            f"hash({number}, $seed::bigint), {number} limit {n_rows}) "
            f"select {number} as row_number, {', '.join(wanted)} from chosen "
            f"order by {order}"
        )
        data = engine.sql(text, {"seed": self.seed})
        if task.kind == REGRESSION:
            return data
        codes = {label: code for code, label in enumerate(task.classes)}
        y = pa.array([codes[label] for label in data.column("y").to_pylist()], pa.int64())
        return data.set_column(data.schema.get_field_index("y"), "y", y)


def _sample_size(features: Sequence[Feature], seconds: float) -> int:
    """Return how many rows a search of so many seconds takes; no clock is asked."""
    if seconds >= SHORT_SECONDS:
        return MAX_ROWS
    cells = sum(CATEGORY_CELLS if f.kind == CATEGORY else 1 for f in features)
    return min(MAX_ROWS, max(MIN_ROWS, int(seconds * CELLS_PER_SECOND / cells)))


def _free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, with underscores behind it until no column is called so."""
    names = {column.lower() for column in taken}
    while name in names:
        name += "_"
    return name


def _target(name: str, kind: Any) -> str:
    """Return SQL for a target's value, null where it cannot be used."""
    return _moderate(name) if kind.is_numeric() else quote(name)


def _value(feature: Feature) -> str:
    name = quote(feature.name)
    if feature.kind == CATEGORY:
        return f"{name}::varchar"
    if feature.kind == "date":
        return f"{name}::timestamp"
    return _moderate(feature.name)


def _moderate(name: str) -> str:
    """Return SQL for a number whose square a double can hold; others count as missing."""
    number = f"{quote(name)}::double"
    return f"case when abs({number}) < 1e100 then {number} end"


def _task(engine: DuckEngine, table: Any, target: str) -> tuple[Task, int]:
    kind = table.schema()[target]
    usable = kind.is_numeric() or kind.is_boolean() or kind.is_string()
    if not usable:
        return Task("", reason=f"{target} holds {kind}, which cannot be predicted"), 0
    source, name = engine.compile(table), quote(target)
    value = _target(target, kind)
    counted = engine.rows(
        f"select count({value}), count(distinct {value}) from ({source}) as source"
    )
    n_rows, n_distinct = counted[0]
    counts = engine.rows(
        f"select {name}::varchar as value, count(*) as n from ({source}) as source "
        f"where {value} is not null group by all order by n desc, value "
        f"limit {MAX_CLASSES + 1}"
    )
    task = decide(
        target, counts, n_rows=n_rows, n_distinct=n_distinct, is_number=kind.is_numeric()
    )
    return task, n_rows


def _problem(error: DspError) -> Problem:
    return Problem(
        problem_id=0,
        stage="analysis",
        plugin="models",
        error=error.message,
        hint=error.hint or "run with --no-ml to leave models out",
    )
