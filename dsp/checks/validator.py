"""`DataValidator`: checks a table in as few scans as possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Any

from dsp.checks.asked import reference_name
from dsp.checks.base import Check, Subject
from dsp.checks.bound import BoundRule
from dsp.checks.judge import Judge
from dsp.checks.rule import Rule
from dsp.checks.rule_set import Rules
from dsp.checks.sample import failing_rows
from dsp.checks.validation import Validation
from dsp.engine import DuckEngine, engine_for
from dsp.engine.relation import Figures, Relation
from dsp.engine.tables import stored_table
from dsp.errors import ColumnNotFoundError, DspError
from dsp.events import Tick, no_tick
from dsp.registry import plugins


class DataValidator:
    """Checks a table: completeness, validity, uniqueness, consistency, freshness.

    Every check counts its failing rows exactly on all rows and carries the query that
    counts them again. Checks that make no sense for the table are silent; checks of one
    kind that all pass share one result.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.
    today
        The day (UTC) that dates must not lie after; the current one when None.

    Examples
    --------
    >>> import ibis
    >>> table = ibis.memtable({"id": [1, 2, 2], "price": [5.0, -1.0, None]})
    >>> found = DataValidator().validate(table)
    >>> for result in found.results:
    ...     if result.outcome == "failed":
    ...         print(result.kind, result.columns, result.n_failed)
    missing ('price',) 1
    negative ('price',) 1
    """

    def __init__(
        self, engine: DuckEngine | None = None, *, today: date | None = None
    ) -> None:
        self._engine = engine
        self._today = today

    def validate(
        self,
        table: Any,
        *,
        rules: Any = None,
        automatic: bool | None = None,
        references: Mapping[str, Any] | None = None,
        target: str | None = None,
        time: str | None = None,
        tick: Tick = no_tick,
    ) -> Validation:
        """Return every check's outcome with a sample of failing rows.

        Parameters
        ----------
        table
            An `ibis.Table`.
        rules
            What to check: whatever `dsp.Rules.of` takes.
        automatic
            Whether the checks that dsp finds by itself run too; when None, they do if
            there are no rules.
        references
            Tables that rules compare with, by the name that the rules use; or the error
            that kept one from being read.
        target, time
            Columns with a role, which get checks of their own.
        tick
            Called between units of work.

        Raises
        ------
        ColumnNotFoundError
            `target` or `time` is not in the table.
        """
        chosen = None if rules is None else Rules.of(rules)
        engine = self._engine or engine_for(table)
        relation = Relation.of(table, engine)
        names = [column.name for column in relation.columns]
        for name in (target, time):
            if name is not None and name not in names:
                raise ColumnNotFoundError.of(name, names)
        now = datetime.now(UTC)
        if self._today is not None:
            now = datetime.combine(self._today, time_of_day.max, UTC)
        subject = Subject(
            relation=relation,
            table=table,
            n_rows=engine.rows(f"select count(*) from {relation.sql} as t")[0][0],
            heads=relation.head(),
            target=target,
            time=time,
            today=now.date(),
            now=now,
            references={
                reference_name(name): _relation(other, engine)
                for name, other in (references or {}).items()
            },
            beside=_beside(table, engine),
        )
        figures = Figures(relation, tick=tick)
        judge = Judge(subject, figures, _checks(chosen, automatic=automatic))
        judge.plan()
        results = judge.results()
        failures = failing_rows(subject, judge.failed)
        return Validation(
            results=tuple(results),
            failures=tuple(failures),
            problems=tuple(judge.problems),
            blocked=tuple(judge.blocked),
            untranslated=chosen.untranslated if chosen else (),
            n_rows=subject.n_rows,
            n_columns=len(subject.columns),
            figures=dict(figures.known),
        )


def _relation(other: Any, engine: DuckEngine) -> Relation | DspError:
    return other if isinstance(other, DspError) else Relation.of(other, engine)


def _beside(table: Any, engine: DuckEngine) -> dict[str, str]:
    """Return the tables that a reader writes with the data, where they are."""
    stored = stored_table(engine, table)
    if stored is None or stored.name != "data":
        return {}
    near = {name: replace(stored, name=name) for name in ("rejects", "lines")}
    return {name: other.sql for name, other in near.items() if other.exists}


def _checks(rules: Iterable[Rule] | None, *, automatic: bool | None) -> list[Check]:
    """Return the automatic checks and the rules that a run has, in order."""
    bound = [BoundRule(rule, i) for i, rule in enumerate(rules or ())]
    if automatic or (automatic is None and rules is None):
        found = sorted(plugins("checks").values(), key=lambda c: (c.order, c.name))
        return [*found, *bound]
    return [*bound]
