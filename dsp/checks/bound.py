"""A rule together with its kind: planned and counted like every other check."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject
from dsp.checks.conditions import safe_condition
from dsp.checks.kind import Asked, RuleKind
from dsp.checks.rule import Rule, kind_of
from dsp.errors import CancelledError, ColumnNotFoundError, DspError

FIRST = 1_000
"""Rules come after the automatic checks, in the order they were given."""


class BoundRule:
    """A rule as a check of a table.

    What is wrong with the rule, such as a column that is not there, becomes a plan that
    says so: the other rules are not affected.
    """

    def __init__(self, rule: Rule, position: int) -> None:
        self.rule = rule
        self.kind: RuleKind = kind_of(rule.kind)
        self.name = rule.kind
        self.order = FIRST + position
        self._asked: Asked | None = None
        self._error = ""
        self._is_left_out = False

    def measures(self, subject: Subject) -> Iterable[str]:
        """Find the columns, and ask for what the kind needs."""
        try:
            self._asked = self._ask(subject)
            return list(self.kind.measures(self._asked))
        except CancelledError:
            raise
        except DspError as error:
            self._error = error.as_line()
            is_lacking = isinstance(error, ColumnNotFoundError)
            self._is_left_out = self.rule.optional and is_lacking
            return ()

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Return the one plan of the rule."""
        del subject
        if not self._error and self._asked is not None:
            try:
                return [self.kind.plan(self._asked, figures)]
            except CancelledError:
                raise
            except DspError as error:
                self._error = error.as_line()
        return [self._refused()]

    def _ask(self, subject: Subject) -> Asked:
        columns = tuple(subject.relation.find(name) for name in self.rule.columns)
        where = self.rule.where
        return Asked(
            rule=self.rule,
            subject=subject,
            columns=columns,
            where=safe_condition(where, subject.relation) if where else None,
            defaults={p.name: p.default for p in self.kind.parameters},
        )

    def _refused(self) -> Plan:
        rule = self.rule
        return Plan(
            title=rule.name or rule.known_as,
            columns=rule.columns,
            dimension=self.kind.dimension,
            severity=rule.severity,
            expectation=self.kind.title,
            passed="",
            failed="",
            action="nothing: rules only look",
            reason=self._error if self._is_left_out else None,
            error=None if self._is_left_out else self._error,
        )
