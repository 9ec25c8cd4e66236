"""Runs the checks: plans of all kinds, counted in as few scans as possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from dsp.checks.base import Check, Plan, Subject, count_if, filled
from dsp.checks.sample import failing_rows
from dsp.engine import DuckEngine, engine_for
from dsp.engine.relation import Figures, Relation
from dsp.errors import CancelledError, ColumnNotFoundError, DspError
from dsp.events import PipelineStage, Tick, no_tick
from dsp.numbers import counted
from dsp.records import CheckResult, FailureRow, Problem
from dsp.registry import plugins


@dataclass(frozen=True, slots=True)
class Validation:
    """What the checks found.

    Attributes
    ----------
    results
        One record a check: passed, failed or not_evaluated.
    failures
        Up to ten failing rows of each failed check.
    problems
        Checks that could not be planned or counted.
    """

    results: tuple[CheckResult, ...]
    failures: tuple[FailureRow, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A plan with what came of it."""

    check: Check
    plan: Plan
    outcome: str
    n_rows: int
    n_failed: int


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
        target: str | None = None,
        time: str | None = None,
        tick: Tick = no_tick,
    ) -> Validation:
        """Return every check's outcome with a sample of failing rows.

        Parameters
        ----------
        table
            An `ibis.Table`.
        target, time
            Columns with a role, which get checks of their own.
        tick
            Called between units of work.

        Raises
        ------
        ColumnNotFoundError
            `target` or `time` is not in the table.
        """
        engine = self._engine or engine_for(table)
        relation = Relation.of(table, engine)
        names = [column.name for column in relation.columns]
        for name in (target, time):
            if name is not None and name not in names:
                raise ColumnNotFoundError.of(name, names)
        subject = Subject(
            relation=relation,
            n_rows=engine.rows(f"select count(*) from {relation.sql} as t")[0][0],
            heads=relation.head(),
            target=target,
            time=time,
            today=self._today or datetime.now(UTC).date(),
        )
        run = _Run(subject, Figures(relation, tick=tick))
        run.plan()
        run.judge()
        results = run.results()
        failures = failing_rows(relation, run.failed(results), subject.n_rows)
        return Validation(tuple(results), tuple(failures), tuple(run.problems))


class _Run:
    """One validation: the plans on their way to results."""

    def __init__(self, subject: Subject, figures: Figures) -> None:
        self.subject = subject
        self.figures = figures
        self.problems: list[Problem] = []
        self.plans: list[tuple[Check, Plan]] = []
        self.judged: list[_Judged] = []
        self.checks: list[Check] = sorted(
            plugins("checks").values(), key=lambda c: (c.order, c.name)
        )

    def plan(self) -> None:
        """Ask every kind for its figures, then for its plans."""
        wanted: list[str] = []
        for check in self.checks:
            wanted += self._guarded(check, lambda c=check: list(c.measures(self.subject)))
        self.figures.ask(wanted)
        for check in self.checks:
            plans = self._guarded(
                check, lambda c=check: list(c.plan(self.subject, self.figures))
            )
            self.plans += [(check, plan) for plan in plans]

    def judge(self) -> None:
        """Count the failing rows of all plans together, then decide each outcome."""
        self.figures.ask(
            count_if(plan.predicate)
            for _, plan in self.plans
            if plan.predicate and plan.n_failed is None and not plan.reason
        )
        self.judged = [self._judge(check, plan) for check, plan in self.plans]

    def results(self) -> list[CheckResult]:
        """Return one record a plan; passing plans that share a title become one."""
        together: dict[tuple[str, str], list[_Judged]] = {}
        rows: list[list[_Judged]] = []
        for item in self.judged:
            clean = not item.n_failed and item.outcome != "failed"
            key = (item.check.name, f"{item.outcome} {item.plan.shared}")
            if not (clean and item.plan.shared):
                rows.append([item])
            elif key in together:
                together[key].append(item)
            else:
                together[key] = [item]
                rows.append(together[key])
        return [self._result(i, items) for i, items in enumerate(rows, 1)]

    def failed(self, results: Iterable[CheckResult]) -> list[tuple[str, Plan]]:
        """Return the plans of failed results with their check ids."""
        plans = {id(item.plan): item for item in self.judged if item.outcome == "failed"}
        by_key = {
            (item.check.name, item.plan.columns, item.plan.title): item.plan
            for item in plans.values()
        }
        return [
            (r.check_id, by_key[r.kind, r.columns, r.name])
            for r in results
            if r.outcome == "failed"
        ]

    def _guarded(self, check: Check, call: Any) -> list[Any]:
        try:
            return list(call())
        except CancelledError:
            raise
        except (DspError, ArithmeticError, ValueError, TypeError, LookupError) as error:
            self._problem(check, f"{type(error).__name__}: {error}")
            return []

    def _problem(self, check: Check, error: str) -> None:
        self.problems.append(
            Problem(
                problem_id=len(self.problems) + 1,
                stage=PipelineStage.VALIDATION.value,
                plugin=check.name,
                error=" ".join(error.split())[:500],
                hint="the other checks are not affected",
            )
        )

    def _judge(self, check: Check, plan: Plan) -> _Judged:
        n_rows = self.subject.n_rows if plan.n_rows is None else plan.n_rows
        n_failed, reason = plan.n_failed, plan.reason
        if n_failed is None and reason is None:
            n_failed, reason = self._count(plan)
            if reason is not None:
                self._problem(check, reason)
        if n_failed is None or reason is not None:
            plan = _with_reason(plan, reason or "it could not be counted")
            return _Judged(check, plan, "not_evaluated", n_rows, 0)
        allowed = plan.tolerance * n_rows
        outcome = "failed" if n_failed > allowed else "passed"
        return _Judged(check, plan, outcome, n_rows, n_failed)

    def _count(self, plan: Plan) -> tuple[int | None, str | None]:
        if plan.predicate:
            sql = count_if(plan.predicate)
            found = self.figures.get(sql)
            return found, self.figures.refused.get(sql)
        if not plan.count_sql:
            return None, "the plan has neither predicate nor query"
        try:
            return int(self.subject.relation.engine.rows(plan.count_sql)[0][0]), None
        except CancelledError:
            raise
        except DspError as error:
            return None, error.message

    def _result(self, position: int, items: list[_Judged]) -> CheckResult:
        first = items[0]
        plan, n_rows, n_failed = first.plan, first.n_rows, first.n_failed
        columns, title, observed = plan.columns, plan.title, plan.passed
        if first.outcome == "failed":
            observed = plan.failed
        if len(items) > 1:
            columns = tuple(dict.fromkeys(c for i in items for c in i.plan.columns))
            title = plan.shared or plan.title
            observed = f"{plan.shared} ({counted(len(columns), 'column')})."
            n_rows = max(item.n_rows for item in items)
        if first.outcome == "not_evaluated":
            observed = f"Not evaluated: {plan.reason}."
        fraction = n_failed / n_rows if n_rows else 0.0
        return CheckResult(
            check_id=f"c{position:04d}",
            kind=first.check.name,
            name=title,
            columns=columns,
            dimension=plan.dimension,
            severity=plan.severity,
            outcome=first.outcome,
            expectation=plan.expectation,
            observed=filled(observed, n_failed, n_rows),
            n_rows=n_rows,
            n_failed=n_failed,
            failed_fraction=fraction,
            tolerance=plan.tolerance,
            action=plan.action if n_failed else "nothing to do",
            reason=plan.reason,
            evidence_sql=_evidence(self.subject.relation, [item.plan for item in items]),
        )


def _evidence(relation: Relation, plans: list[Plan]) -> str:
    """Return the query that counts the failing rows of one or several plans again."""
    if len(plans) == 1 and plans[0].count_sql:
        return plans[0].count_sql
    predicates = [p.predicate for p in plans if p.predicate]
    counts = [f"({p.count_sql})" for p in plans if p.count_sql and not p.predicate]
    parts = list(counts)
    if predicates:
        where = "\n    or ".join(f"({text})" for text in predicates)
        parts.append(f"(select count(*) from {relation.sql} as t\nwhere {where})")
    return "select " + ("\n    + ".join(parts) or "0") + " as n_failed"


def _with_reason(plan: Plan, reason: str) -> Plan:
    from dataclasses import replace

    return replace(plan, reason=" ".join(reason.split())[:300])
