"""Runs the transforms: few scans, one step a change, one select in the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from dsp.cleaning import TransformSettings, transform_settings
from dsp.engine import DuckEngine, StoredTable, engine_for
from dsp.engine.relation import Figures, Relation
from dsp.errors import CancelledError, DspError
from dsp.events import PipelineStage, Tick, no_tick
from dsp.records import CheckResult, Problem, Step
from dsp.registry import plugins
from dsp.transforms.base import AS_LOADED, Scene, Transform
from dsp.transforms.planned import (
    Planned,
    composed,
    kept_rows,
    renames,
    result_of,
    statement,
    steps_of,
)


@dataclass(frozen=True, slots=True)
class Transformed:
    """What cleaning came to.

    Attributes
    ----------
    select
        One statement that gives the clean data from the input; None when nothing is
        changed.
    steps
        The steps in order; each holds its SQL over a table ``input``.
    rows
        Query of the input rows behind the rows of the clean data, in runs: from row
        `row_number` on they are those of the input from `input_row_number` on, until
        the next run begins. None when no row went.
    n_rows
        Rows of the clean data.
    origins
        Names in the input, by their names in the clean data; made columns have none.
    problems
        Transforms that could not be evaluated.
    """

    select: str | None
    steps: tuple[Step, ...]
    _engine: DuckEngine
    _input: Any
    rows: str | None = None
    n_rows: int = 0
    origins: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def table(self) -> Any:
        """The clean data as an `ibis.Table`."""
        if self.select is not None:
            return self._engine.backend.sql(self.select)
        is_stored = isinstance(self._input, StoredTable)
        return self._input.to_ibis() if is_stored else self._input


@dataclass(frozen=True, slots=True)
class Proposed:
    """What could be asked for.

    Attributes
    ----------
    steps
        Steps with status ``proposed``: their SQL takes the table as ``input``, `setting`
        says how to ask for them, and `evidence` why.
    problems
        Transforms that could not be evaluated.
    """

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...] = ()


class DataTransformer:
    """Cleans a table without losing anything, and changes more when it is asked to.

    Without being asked, no row is dropped, no column is renamed or moved, no value is
    guessed: blanks and NaN become missing, texts lose white space at their ends, and a
    column changes its type only when every one of its values fits. Everything else is
    done only when `transform` is told so; `propose` says what could be worth it.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"when": ["Jan 2 2000", "Feb 1 2000"], "n": ["1", " "]})
    >>> done = DataTransformer().transform(table, missing={"n": ("constant", 0)})
    >>> [(step.transform, *step.columns) for step in done.steps]  # doctest: +ELLIPSIS
    [('blank_to_null', 'n'), ('text_to_date', 'when'), ... ('missing', 'n')]
    >>> done.table.to_pyarrow()["n"].to_pylist()
    [1, 0]
    """

    def __init__(self, engine: DuckEngine | None = None) -> None:
        self._engine = engine

    def transform(
        self,
        table: Any,
        *,
        target: str | None = None,
        time: str | None = None,
        settings: TransformSettings | None = None,
        known: Mapping[str, Any] | None = None,
        tick: Tick = no_tick,
        **asked: Any,
    ) -> Transformed:
        """Return the clean table with the steps that lead to it.

        Parameters
        ----------
        table
            An `ibis.Table`; what is done without being asked takes at most three scans
            per 200 figures.
        target, time
            Columns with a role; missing values of the target are never filled.
        settings
            What is asked for, as one object.
        known
            Aggregates of this table by their SQL, which are not measured again.
        tick
            Called between units of work.
        **asked
            What is asked for, by the names of `TransformSettings`: ``names="snake"``,
            ``missing={"age": "median"}``, ``derive={"margin": lambda t: t.a - t.b}`` …

        Raises
        ------
        SettingError
            What is asked for cannot be done.
        ColumnNotFoundError
            It names a column that is not there.
        """
        work = self._work(table, settings or transform_settings(**asked), known)
        work.scene.figures.tick = tick
        work.scene = replace(work.scene, target=target, time=time)
        transforms = _transforms()
        for layer in sorted({transform.layer for transform in transforms}):
            if layer > AS_LOADED and work.scene.asked == TransformSettings():
                break
            work.apply([t for t in transforms if t.layer == layer])
        changes = [item.proposal for item in work.applied]
        source, renamed = work.source.sql, renames(changes)
        return Transformed(
            select=statement(composed(source, changes)) if changes else None,
            steps=steps_of(work.applied, "applied"),
            _engine=work.source.engine,
            _input=table,
            rows=kept_rows(source, changes),
            n_rows=work.n_rows,
            origins={
                renamed.get(column.name, column.name): column.name
                for column in work.source.columns
            },
            problems=work.problems("the column was left as it was loaded"),
        )

    def propose(
        self,
        table: Any,
        *,
        target: str | None = None,
        time: str | None = None,
        settings: TransformSettings | None = None,
        origins: Mapping[str, str] | None = None,
        checks: Collection[CheckResult] = (),
        known: Mapping[str, Any] | None = None,
        tick: Tick = no_tick,
    ) -> Proposed:
        """Return what `transform` could be asked to do to a clean table.

        Parameters
        ----------
        table
            An `ibis.Table`; it is read in at most three scans per 200 figures.
        target, time
            Columns with a role.
        settings
            What was asked for already, and is not proposed again.
        origins
            Names by which columns can be asked for, where they are others; columns that
            are not among them are left out.
        checks
            Results of the checks of this table. Outliers are proposed only where they
            were found, and rows are not compared where none repeats another.
        known
            Aggregates of this table by their SQL, which are not measured again.
        tick
            Called between units of work.
        """
        work = self._work(table, settings or TransformSettings(), known)
        work.scene.figures.tick = tick
        work.scene = replace(
            work.scene, target=target, time=time, checks=checks, origins=origins
        )
        suggested = work.suggest(_transforms())
        return Proposed(
            steps_of(suggested, "proposed"), work.problems("nothing is proposed")
        )

    def _work(
        self, table: Any, asked: TransformSettings, known: Mapping[str, Any] | None
    ) -> _Work:
        engine = self._engine or engine_for(table)
        relation = Relation.of(table, engine)
        n_rows = engine.rows(f"select count(*) from {relation.sql} as t")[0][0]
        figures = Figures(relation, known=dict(known or {}))
        return _Work(Scene(relation, figures, asked, n_rows), relation, n_rows)


def _transforms() -> list[Transform]:
    found: list[Transform] = list(plugins("transforms").values())
    return sorted(found, key=lambda t: (t.order, t.name))


@dataclass
class _Work:
    """Changes as they are found, layer by layer; the scene knows the first `n_seen`."""

    scene: Scene
    source: Relation
    n_rows: int
    n_seen: int = 0
    applied: list[Planned] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def apply(self, transforms: list[Transform]) -> None:
        """Measure the table for a layer, and take in what its transforms change."""
        if len(self.applied) > self.n_seen:
            changes = [item.proposal for item in self.applied]
            self.scene = self.scene.after(result_of(self.source, changes), self.n_rows)
            self.n_seen = len(changes)
        self._measure(transforms, "wanted")
        self._measure(transforms, "details")
        retyped: set[str] = set()
        for transform in transforms:
            with self._forgiving(None if transform.is_asked else transform):
                for proposal in transform.changes(self.scene):
                    if transform.is_cast and proposal.column in retyped:
                        continue
                    retyped |= {proposal.column} if transform.is_cast else set()
                    self.applied.append(Planned(transform.name, proposal, self.n_rows))
                    self.n_rows -= proposal.n_dropped

    def suggest(self, transforms: list[Transform]) -> list[Planned]:
        """Return what could be asked for, on a clean table."""
        self._measure(transforms, "clues")
        self._measure(transforms, "proofs")
        found: list[Planned] = []
        for transform in transforms:
            with self._forgiving(transform):
                found.extend(
                    Planned(transform.name, proposal, self.scene.n_rows)
                    for proposal in transform.suggestions(self.scene)
                )
        return found

    def problems(self, hint: str) -> tuple[Problem, ...]:
        """Return what could not be evaluated."""
        return tuple(
            Problem(
                problem_id=position,
                stage=PipelineStage.PROCESSING.value,
                plugin=name if name in plugins("transforms") else "transforms",
                error=" ".join(error.split())[:500],
                hint=hint,
            )
            for position, (name, error) in enumerate(self.errors.items(), 1)
        )

    def _measure(self, transforms: list[Transform], kind: str) -> None:
        """Ask for the aggregates of one round of all transforms together."""
        aggregates: list[str] = []
        for transform in transforms:
            strict = transform.is_asked and kind in ("wanted", "details")
            with self._forgiving(None if strict else transform):
                aggregates.extend(getattr(transform, kind)(self.scene))
        figures = self.scene.figures
        figures.ask(aggregates)
        for sql, error in figures.refused.items():
            self.errors.setdefault(sql, error)

    @contextmanager
    def _forgiving(self, transform: Transform | None) -> Iterator[None]:
        """Keep the error of a transform that nobody asked for; raise all others."""
        try:
            yield
        except CancelledError:
            raise
        except (DspError, ArithmeticError, ValueError, TypeError, LookupError) as error:
            if transform is None:
                raise
            self.errors[transform.name] = f"{type(error).__name__}: {error}"
