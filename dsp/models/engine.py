"""AutoMLEngine: picks the task, pulls the rows, searches models and reports honestly."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from dsp.engine import engine_for
from dsp.errors import CancelledError, ColumnNotFoundError, DspError, SettingError
from dsp.events import Tick, no_tick
from dsp.models import rows
from dsp.models.features import Feature, choose, shared_entity
from dsp.models.isolation import Worker
from dsp.models.limits import Limits
from dsp.models.outcome import Fitted, fitted
from dsp.models.task import METRICS, Task
from dsp.records import ColumnProfile, Problem

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.models.search import Found


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller decides instead of the engine.

    Attributes
    ----------
    task
        ``regression``, ``binary``, ``multiclass``, ``ordinal`` or ``quantile``; decided
        from the target when None.
    quantile
        The quantile that ``quantile`` predicts, between 0 and 1.
    group
        Column of an entity that several rows share, such as a customer: its rows are
        never divided between fitting and scoring. Found when None, where an identifier
        repeats.
    cost_false_alarm, cost_missed
        What a row wrongly called the second of two classes costs, and one that is missed.
    """

    task: str | None = None
    quantile: float = 0.5
    group: str | None = None
    cost_false_alarm: float = 1.0
    cost_missed: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.task is not None and self.task not in METRICS:
            raise SettingError(
                f'there is no task "{self.task}"',
                hint=f"it is one of {', '.join(METRICS)}",
            )
        if not 0 < self.quantile < 1:
            raise SettingError(
                f"a quantile of {self.quantile} cannot be predicted",
                hint="it lies between 0 and 1",
            )


class AutoMLEngine:
    """Searches a model for a target, with scores on rows that no choice has seen.

    Parameters
    ----------
    engine
        Engine of the tables; that of the given table when None.
    seed
        Seed of splits, samples and models.
    time_limit
        Seconds the search may take; two seconds (or one in twenty) later it is over, with
        what is ready. The shorter it is and the more columns there are, the fewer rows
        are taken.
    fits
        Fits of settings at most, instead of seconds: then the same rows, seed and fits
        give the same model on every machine. The time limit stays a wall.
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
        fits: int | None = None,
        threads: int | None = None,
        isolated: bool = True,
    ) -> None:
        self.engine = engine
        self.seed = seed
        self.time_limit = time_limit
        self.fits = fits
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
        wish: Wish | None = None,
        columns: Sequence[ColumnProfile] = (),
        leaks: Mapping[str, str] | None = None,
        tick: Tick = no_tick,
    ) -> Fitted:
        """Search a model that predicts `target` from the other columns.

        Rows without a target are left out. With a time column the hold-out is the last
        fifth, else a seeded draw, alike in the target; rows that are alike in every
        feature, and those of one entity, stay together. Everything that is fitted is
        fitted inside the folds. The metric of choice is R² for numbers, D² of the
        pinball loss for quantiles, the area under the ROC curve for two classes, and its
        mean over the classes for more. The model that is kept is fitted again on all
        rows of the search.

        Parameters
        ----------
        table
            Ibis table.
        time
            Column that orders the rows.
        wish
            Task and entity, where the caller knows better.
        columns
            Profiles of the columns: their roles decide which are used.
        leaks
            Columns that are known to give the target away, with the reason.

        Returns
        -------
        Fitted
            Empty, with a reason, when the target cannot be modelled.

        Raises
        ------
        ColumnNotFoundError
            `target`, `time` or the group is not in the table.
        CancelledError
            `cancel` was called.
        """
        with self._lock:
            self._is_due = True
        try:
            job = _Job(target, time, wish or Wish(), columns, dict(leaks or {}))
            found = self._fit(table, job, tick=tick)
            self._check()
        finally:
            self.close()
        return found

    def _check(self) -> None:
        if self._is_cancelled:
            raise CancelledError("cancelled while models were fitted")

    def _fit(self, table: Any, job: _Job, *, tick: Tick) -> Fitted:
        started = monotonic()
        engine = self.engine or engine_for(table)
        schema = table.schema()
        for name in (job.target, job.time, job.wish.group):
            if name is not None and name not in schema:
                raise ColumnNotFoundError.of(name, schema)
        about = {c.column_name: c for c in job.columns}.get(job.target)
        task, n_rows = rows.task_of(
            engine,
            table,
            job.target,
            is_level=about is not None and about.semantic_type == "category",
            wanted=job.wish.task,
            quantile=job.wish.quantile,
        )
        if task.reason:
            return Fitted(reason=task.reason)
        features, excluded = choose(schema, job.columns, job.target)
        group = job.wish.group or shared_entity(job.columns, tuple(excluded))
        if group is not None:
            excluded.setdefault(group, "it names the entity that rows share")
        excluded |= {
            k: v for k, v in job.leaks.items() if k in schema and k != job.target
        }
        features = [feature for feature in features if feature.name not in excluded]
        if not features:
            return Fitted(reason=f"no column is left to predict {job.target} from")
        group = None if job.time else group
        data = rows.fetch(
            engine,
            table,
            job.target,
            task=task,
            features=features,
            time=job.time,
            group=group,
            n_rows=rows.sample_size(features, self.time_limit),
            seed=self.seed,
        )
        spec = self._spec(task, features, job) | {
            "started": started,
            "taken": list(schema),
        }
        try:
            found, ended = self._search(data, spec, tick)
        except CancelledError:
            raise
        except DspError as error:
            return Fitted(reason=error.message, problems=(_problem(error),))
        return fitted(
            found,
            task,
            ended=ended,
            target=job.target,
            excluded=excluded,
            group=group,
            n_available=n_rows,
            seconds=self.time_limit,
        )

    def _spec(self, task: Task, features: Sequence[Feature], job: _Job) -> dict[str, Any]:
        """Return the settings of a search, as plain values."""
        return {
            "task": task.kind,
            "classes": list(task.classes),
            "n_classes": rows.n_classes(task),
            "quantile": task.quantile,
            "seed": self.seed,
            "threads": self.threads or os.cpu_count() or 1,
            "is_ordered": job.time is not None,
            "seconds": self.time_limit,
            "fits": self.fits,
            "costs": [job.wish.cost_false_alarm, job.wish.cost_missed],
            "features": [[feature.name, feature.kind] for feature in features],
        }

    def _search(
        self, data: Any, spec: dict[str, Any], tick: Tick
    ) -> tuple[Found, dict[str, Any]]:
        def on_fit(done: int, total: int | None, label: str) -> None:
            self._check()
            tick(done, total, unit="fits", message=label)

        self._check()
        if not self.isolated:
            from dsp.models.search import search

            return search(data, spec, on_fit), {"is_complete": True}
        self.prepare()
        worker = self._worker
        if worker is None:
            raise CancelledError("cancelled before models were fitted")
        limits = Limits.of(spec["seconds"], started=spec["started"])
        return worker.run(data, spec, limits=limits, tick=tick)


@dataclass(frozen=True, slots=True)
class _Job:
    target: str
    time: str | None
    wish: Wish
    columns: Sequence[ColumnProfile]
    leaks: dict[str, str]


def _problem(error: DspError) -> Problem:
    return Problem(
        problem_id=0,
        stage="analysis",
        plugin="models",
        error=error.message,
        hint=error.hint or "",
    )
