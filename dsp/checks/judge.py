"""Plans of all checks on their way to results, counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dsp.checks.base import Check, Plan, Subject, count_if, filled
from dsp.checks.bound import BoundRule
from dsp.checks.groups import Counted, count_groups, evidence
from dsp.checks.rule import Rule, Tolerance
from dsp.checks.second_pass import second_pass, window_evidence
from dsp.engine.relation import Figures, Relation
from dsp.errors import CancelledError, DspError
from dsp.events import PipelineStage
from dsp.numbers import counted
from dsp.records import CheckResult, Problem


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan with what came of it.

    Attributes
    ----------
    check
        The kind, or the rule, that planned it.
    plan
        The plan.
    outcome
        passed, failed or not_evaluated.
    n_rows, n_failed
        Rows looked at, and those that fail.
    sample
        Numbers of some failing rows, where counting has found them.
    """

    check: Check
    plan: Plan
    outcome: str
    n_rows: int
    n_failed: int
    sample: tuple[int, ...] = ()

    @property
    def rule(self) -> Rule | None:
        """The rule that was asked for, if it is one."""
        return self.check.rule if isinstance(self.check, BoundRule) else None


class Judge:
    """One validation.

    Parameters
    ----------
    subject
        The table under check.
    figures
        Its aggregates.
    checks
        Automatic checks and rules, in the order of the results.
    """

    def __init__(
        self, subject: Subject, figures: Figures, checks: Sequence[Check]
    ) -> None:
        self.subject = subject
        self.figures = figures
        self.checks = checks
        self.problems: list[Problem] = []
        self.blocked: list[str] = []
        self.failed: list[tuple[str, Judged]] = []
        self.plans: list[tuple[Check, Plan]] = []

    def plan(self) -> None:
        """Ask every kind for its figures, then for its plans."""
        wanted: list[str] = []
        for check in self.checks:
            wanted += self._guarded(check, partial(check.measures, self.subject))
        self.figures.ask(wanted)
        for check in self.checks:
            plans = self._guarded(check, partial(check.plan, self.subject, self.figures))
            self.plans += [(check, plan) for plan in plans]

    def results(self) -> list[CheckResult]:
        """Count all plans; return one record a plan, or one for several that pass."""
        together: dict[tuple[str, str], list[Judged]] = {}
        rows: list[list[Judged]] = []
        for item in self._judged():
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

    def _guarded(self, check: Check, call: Callable[[], Iterable[Any]]) -> list[Any]:
        try:
            return list(call())
        except CancelledError:
            raise
        except (DspError, ArithmeticError, ValueError, TypeError, LookupError) as error:
            self._problem(check, f"{type(error).__name__}: {error}")
            return []

    def _problem(self, check: Check, error: str) -> None:
        name = check.rule.known_as if isinstance(check, BoundRule) else check.name
        self.problems.append(
            Problem(
                problem_id=len(self.problems) + 1,
                stage=PipelineStage.VALIDATION.value,
                plugin=name,
                error=" ".join(error.split())[:500],
                hint="the other checks are not affected",
            )
        )

    def _judged(self) -> list[Judged]:
        """Count the failing rows of all plans together, then decide each outcome."""
        several = self._several(
            [plan for _, plan in self._open() if plan.groups], self._grouped
        )
        several |= self._second_pass()
        self.figures.ask(
            count_if(plan.predicate)
            for _, plan in self._open()
            if plan.predicate and plan.n_failed is None and id(plan) not in several
        )
        return [
            self._judge(check, plan, several.get(id(plan))) for check, plan in self.plans
        ]

    def _open(self) -> list[tuple[Check, Plan]]:
        """Return the plans that nothing speaks against so far."""
        return [(c, p) for c, p in self.plans if not (p.reason or p.error)]

    def _grouped(self, plans: list[Plan]) -> list[Counted]:
        groups = [plan.groups for plan in plans if plan.groups]
        return count_groups(self.subject.relation, groups)

    def _second_pass(self) -> dict[int, Counted | str]:
        """Count what rules still ask of rows, and look for rows that fail by then."""
        rules = [(c.rule, p) for c, p in self._open() if isinstance(c, BoundRule)]
        windows = [plan for _, plan in rules if plan.window]
        late, failing = [], []
        for rule, plan in rules:
            if plan.predicate and plan.n_failed is None:
                n_failed = self.figures.get(count_if(plan.predicate))
                n_rows = self.subject.n_rows if plan.n_rows is None else plan.n_rows
                if (
                    n_failed is None
                    and count_if(plan.predicate) not in self.figures.refused
                ):
                    late.append(plan)
                elif n_failed and not rule.tolerance.allows(n_failed, n_rows):
                    failing.append(plan)
        if not (windows or late):
            return {}

        def count(plans: list[Plan]) -> list[Counted]:
            return second_pass(
                self.subject.relation,
                predicates=[p.predicate for p in plans if p in late and p.predicate],
                windows=[p.window for p in plans if p.window],
                failing=[p.predicate for p in plans if p in failing and p.predicate],
            )

        return self._several([*late, *windows, *failing], count)

    def _several(
        self, plans: list[Plan], count: Callable[[list[Plan]], list[Counted]]
    ) -> dict[int, Counted | str]:
        """Count plans together; when the engine refuses, each on its own."""
        if not plans:
            return {}
        try:
            return dict(zip(map(id, plans), count(plans), strict=True))
        except CancelledError:
            raise
        except DspError as error:
            if len(plans) == 1:
                return {id(plans[0]): error.message}
        found: dict[int, Counted | str] = {}
        for plan in plans:
            found |= self._several([plan], count)
        return found

    def _judge(self, check: Check, plan: Plan, several: Counted | str | None) -> Judged:
        n_rows = self.subject.n_rows if plan.n_rows is None else plan.n_rows
        n_failed = 0
        if plan.error is None and plan.nothing and not n_rows:
            plan = replace(plan, reason=plan.nothing)
        if plan.error is None and plan.reason is None:
            n_failed, error = self._count(plan, several)
            if error is not None:
                plan = replace(plan, error=error)
        if plan.error is not None:
            self._problem(check, plan.error)
        if plan.error is not None or plan.reason is not None:
            reason = " ".join((plan.error or plan.reason or "").split())[:300]
            return Judged(check, replace(plan, reason=reason), "not_evaluated", n_rows, 0)
        tolerance = _tolerance(check, plan)
        outcome = "passed" if tolerance.allows(n_failed, n_rows) else "failed"
        sample = several.rows if isinstance(several, Counted) else ()
        return Judged(check, plan, outcome, n_rows, n_failed, sample)

    def _count(self, plan: Plan, several: Counted | str | None) -> tuple[int, str | None]:
        """Return the failing rows, or what the engine says against counting them."""
        if plan.n_failed is not None:
            return plan.n_failed, None
        sql = count_if(plan.predicate) if plan.predicate else ""
        if sql in self.figures.known:
            return int(self.figures.get(sql)), None
        if sql in self.figures.refused:
            return 0, self.figures.refused[sql]
        if isinstance(several, str):
            return 0, several
        if several is not None:
            return several.n_failed + plan.n_besides, None
        if not plan.count_sql:
            return 0, "the plan has neither predicate nor query"
        try:
            return int(self.subject.relation.engine.rows(plan.count_sql)[0][0]), None
        except CancelledError:
            raise
        except DspError as error:
            return 0, error.message

    def _result(self, position: int, items: list[Judged]) -> CheckResult:
        first = items[0]
        plan, n_rows, n_failed = first.plan, first.n_rows, first.n_failed
        columns, title, observed = plan.columns, plan.title, plan.passed
        check_id, rule = f"c{position:04d}", first.rule
        if first.outcome == "failed":
            observed = plan.failed
            self.failed.append((check_id, first))
        if len(items) > 1:
            columns = tuple(dict.fromkeys(c for i in items for c in i.plan.columns))
            title = plan.shared or plan.title
            observed = f"{plan.shared} ({counted(len(columns), 'column')})."
            n_rows = max(item.n_rows for item in items)
        if first.outcome == "not_evaluated":
            observed = f"Not evaluated: {(plan.reason or '').rstrip('.')}."
        if plan.error is not None:
            self.blocked.append(check_id)
        tolerance = _tolerance(first.check, plan)
        return CheckResult(
            check_id=check_id,
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
            failed_fraction=n_failed / n_rows if n_rows else 0.0,
            tolerance=tolerance.share or 0.0,
            action=plan.action if n_failed else "nothing to do",
            reason=plan.reason,
            evidence_sql=_evidence(self.subject.relation, [item.plan for item in items]),
            rule_id=rule.known_as if rule else None,
            max_failed=tolerance.count,
            row_filter=rule.where if rule else None,
        )


def _tolerance(check: Check, plan: Plan) -> Tolerance:
    if isinstance(check, BoundRule):
        return check.rule.tolerance
    return Tolerance(share=plan.tolerance)


def _evidence(relation: Relation, plans: list[Plan]) -> str:
    """Return the query that counts the failing rows of one or several plans again."""
    first = plans[0]
    if first.error is not None:
        return "select 0 as n_failed"
    if len(plans) == 1 and first.count_sql:
        return first.count_sql
    if len(plans) == 1 and first.groups:
        return evidence(relation, first.groups)
    if len(plans) == 1 and first.window:
        return window_evidence(relation, first.window)
    predicates = [p.predicate for p in plans if p.predicate]
    counts = [f"({p.count_sql})" for p in plans if p.count_sql and not p.predicate]
    parts = list(counts)
    if predicates:
        where = "\n    or ".join(f"({text})" for text in predicates)
        parts.append(f"(select count(*) from {relation.sql} as t\nwhere {where})")
    return "select " + ("\n    + ".join(parts) or "0") + " as n_failed"
