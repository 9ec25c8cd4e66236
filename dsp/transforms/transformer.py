"""Runs the transforms: few scans, one step a changed column, one select in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsp.engine import DuckEngine, StoredTable, engine_for
from dsp.engine.relation import Field, Figures, Relation
from dsp.errors import CancelledError, DspError
from dsp.events import PipelineStage, Tick, no_tick
from dsp.records import Problem, Step
from dsp.registry import plugins
from dsp.transforms.base import Proposal, Transform, templated


@dataclass(frozen=True, slots=True)
class Transformed:
    """What cleaning came to.

    Attributes
    ----------
    select
        One statement that gives the clean data from the input; None when nothing is
        changed.
    steps
        The steps, in order; each holds its SQL over a table ``input``.
    problems
        Transforms that could not be evaluated.
    """

    select: str | None
    steps: tuple[Step, ...]
    _engine: DuckEngine
    _input: Any
    problems: tuple[Problem, ...] = ()

    @property
    def table(self) -> Any:
        """The clean data as an `ibis.Table`."""
        if self.select is not None:
            return self._engine.backend.sql(self.select)
        is_stored = isinstance(self._input, StoredTable)
        return self._input.to_ibis() if is_stored else self._input


@dataclass(frozen=True, slots=True)
class _Planned:
    transform: Transform
    column: Field
    proposal: Proposal


class DataTransformer:
    """Cleans a table without losing anything: types, blanks, NaN, time zones.

    No row is dropped, no column is renamed or moved, no value is guessed: a column
    changes its type only when every one of its values fits. Missing values in the result
    are values that were missing, blank or NaN before.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"when": ["Jan 2 2000", "Feb 1 2000"], "n": ["1", " "]})
    >>> done = DataTransformer().transform(table)
    >>> [(step.transform, *step.columns) for step in done.steps]
    [('blank_to_null', 'n'), ('text_to_date', 'when'), ('text_to_number', 'n')]
    >>> done.table.schema()["when"].is_date()
    True
    """

    def __init__(self, engine: DuckEngine | None = None) -> None:
        self._engine = engine

    def transform(
        self,
        table: Any,
        *,
        target: str | None = None,
        time: str | None = None,
        tick: Tick = no_tick,
    ) -> Transformed:
        """Return the clean table with the steps that lead to it.

        Parameters
        ----------
        table
            An `ibis.Table`; it is read in at most three scans per 200 figures.
        target, time
            Columns with a role; they are cleaned like all others.
        tick
            Called between units of work.
        """
        engine = self._engine or engine_for(table)
        relation = Relation.of(table, engine)
        figures = Figures(relation, tick=tick)
        heads = _heads(relation, figures)
        chosen = sorted(plugins("transforms").values(), key=lambda t: (t.order, t.name))
        figures.ask(
            sql
            for column in relation.columns
            for transform in chosen
            for sql in transform.measures(column, heads.get(column.name))
        )
        planned, problems = _plan(chosen, relation, heads, figures)
        if not planned:
            return Transformed(None, (), engine, table, problems)
        n_rows = engine.rows(f"select count(*) from {relation.sql} as t")[0][0]
        steps = tuple(
            _step(position, item, n_rows) for position, item in enumerate(planned, 1)
        )
        select = _select(planned, relation)
        return Transformed(select, steps, engine, table, problems)


def _heads(relation: Relation, figures: Figures) -> dict[str, list[str]]:
    """Return texts of every text column; extremes where the first rows are null."""
    heads = relation.head()
    empty = [relation[name] for name, texts in heads.items() if not texts]
    ends = {
        c.name: [f"left({end}({c.sql}), 100)" for end in ("min", "max")] for c in empty
    }
    figures.ask(sql for pair in ends.values() for sql in pair)
    for name, pair in ends.items():
        heads[name] = [text for text in map(figures.get, pair) if text is not None]
    return heads


def _plan(
    chosen: list[Transform],
    relation: Relation,
    heads: Mapping[str, list[str]],
    figures: Figures,
) -> tuple[list[_Planned], tuple[Problem, ...]]:
    planned: list[_Planned] = []
    errors: dict[str, str] = {}
    for sql, error in figures.refused.items():
        errors.setdefault(sql, error)
    retyped: set[str] = set()
    for transform in chosen:
        for column in relation.columns:
            if transform.is_cast and column.name in retyped:
                continue
            try:
                proposal = transform.propose(column, heads.get(column.name), figures)
            except CancelledError:
                raise
            except (
                DspError,
                ArithmeticError,
                ValueError,
                TypeError,
                LookupError,
            ) as error:
                errors[transform.name] = f"{type(error).__name__}: {error}"
                continue
            if proposal is not None:
                retyped |= {column.name} if transform.is_cast else set()
                planned.append(_Planned(transform, column, proposal))
    problems = tuple(
        Problem(
            problem_id=position,
            stage=PipelineStage.PROCESSING.value,
            plugin=name if name in {t.name for t in chosen} else "transforms",
            error=" ".join(error.split())[:500],
            hint="the column was left as it was loaded",
        )
        for position, (name, error) in enumerate(errors.items(), 1)
    )
    return planned, problems


def _step(position: int, item: _Planned, n_rows: int) -> Step:
    expression = templated(item.proposal.template, item.column.sql)
    return Step(
        position=position,
        transform=item.transform.name,
        columns=(item.column.name,),
        reason=item.proposal.reason,
        sql=f"select * replace ({expression} as {item.column.sql}) from input",
        n_rows_before=n_rows,
        n_rows_after=n_rows,
        n_changed=item.proposal.n_changed,
        is_reversible=True,
    )


def _select(planned: list[_Planned], relation: Relation) -> str:
    """Return all steps as one select: the expressions of a column nested in order."""
    expressions: dict[str, str] = {}
    for item in planned:
        value = expressions.get(item.column.name, item.column.sql)
        expressions[item.column.name] = templated(item.proposal.template, value)
    listed = ",\n    ".join(
        f"{expression} as {relation[name].sql}"
        for name, expression in expressions.items()
    )
    return f"select * replace (\n    {listed}\n)\nfrom {relation.sql} as t"
