"""What a kind of rule is, and the bases that most kinds build on.

A kind is one file of `dsp.checks.rules`; see there how one is added.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from dsp.checks.asked import (
    Asked,
    Example,
    Reference,
    in_words,
    known,
    listed,
    nothing,
    plain,
    present,
    refused,
    wrong_type,
)
from dsp.checks.base import Figures, Plan, count_if
from dsp.checks.bounds import between, bounds_in_words
from dsp.checks.parameters import Parameter
from dsp.checks.rule import Rule

ORDERED = ("integer", "decimal", "float", "date", "timestamp", "time")
NUMERIC = ("integer", "decimal", "float")
TEMPORAL = ("date", "timestamp")
TEXT = ("text", "enum")
UNKNOWN_PASSES = "rows without a value pass"

ONE: tuple[int, int | None] = (1, 1)
ANY: tuple[int, int | None] = (0, None)
SOME: tuple[int, int | None] = (1, None)
NONE: tuple[int, int | None] = (0, 0)


class RuleKind(Protocol):
    """A kind of rule: one file of `dsp.checks.rules`, found by being there.

    Attributes
    ----------
    name
        As it is written in rules.
    title
        What should hold, one phrase, for lists of kinds.
    dimension
        completeness, validity, uniqueness, consistency or freshness.
    n_columns
        Least and greatest number of columns.
    parameters
        What may be given.
    nulls
        What rows without a value do.
    primary
        The parameter that ``kind = value`` gives in the block of a column, or of the
        table, in a rules file.
    example
        A rule with tables that keep and break it; a test runs it.
    """

    name: str
    title: str
    dimension: str
    n_columns: tuple[int, int | None]
    parameters: tuple[Parameter, ...]
    nulls: str
    primary: str | None
    example: Example

    def references(self, rule: Rule) -> tuple[Reference, ...]:
        """Return the other tables that a rule needs."""
        ...

    def measures(self, asked: Asked) -> Iterable[str]:
        """Return the aggregates that planning needs; all rules share one scan."""
        ...

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Return the check, once the aggregates are known."""
        ...


class Kind:
    """What all kinds share: no parameters, no references, one column."""

    name: ClassVar[str]
    title: ClassVar[str]
    dimension: ClassVar[str] = "validity"
    n_columns: ClassVar[tuple[int, int | None]] = ONE
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    nulls: ClassVar[str] = UNKNOWN_PASSES
    primary: ClassVar[str | None] = None
    families: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[Example]

    def references(self, rule: Rule) -> tuple[Reference, ...]:
        """Return the other tables that a rule needs: none."""
        del rule
        return ()

    def check(self, asked: Asked) -> None:
        """Refuse columns whose type the kind cannot look at."""
        for column in asked.columns:
            if self.families and column.family not in self.families:
                raise wrong_type(self.name, column, self.families)

    def title_of(self, asked: Asked, what: str) -> str:
        """Return the title of a rule: its name, or what it holds."""
        return asked.rule.name or what

    def planned(self, asked: Asked, what: str, **more: Any) -> Plan:
        """Return a plan with what every kind fills in alike."""
        return Plan(
            title=asked.rule.name or what,
            columns=asked.rule.columns,
            dimension=self.dimension,
            severity=asked.rule.severity,
            expectation=what,
            action="nothing: rules only look",
            **more,
        )


class RowKind(Kind):
    """A kind that looks at one row at a time: give the predicate of a failing row."""

    def failing(self, asked: Asked) -> str:
        """Return SQL that is true for a failing row; unknown (null) does not fail.

        It must not raise, whatever the values.
        """
        raise NotImplementedError

    def expectation(self, asked: Asked) -> str:
        """Return what should hold, as a clause that names the columns."""
        raise NotImplementedError

    def seen(self, asked: Asked) -> str:
        """Return the aggregate that counts the rows looked at."""
        return asked.seen()

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows looked at and the failing ones."""
        self.check(asked)
        return self.seen(asked), count_if(asked.among(self.failing(asked)))

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        what = self.expectation(asked)
        return self.planned(
            asked,
            what,
            passed=f"All {{rows}} {{rows:row}} {{rows:passes|pass}}: {what}.",
            failed=f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:fails|fail}}: "
            f"{what}.",
            predicate=asked.among(self.failing(asked)),
            n_rows=known(figures, self.seen(asked)),
            nothing=nothing(asked),
        )


class FigureKind(Kind):
    """A kind that holds one figure of the table, such as a sum, against bounds."""

    nulls = "they are left out of the figure"

    def figure(self, asked: Asked) -> str:
        """Return the aggregate, filtered to the rows that count."""
        raise NotImplementedError

    def wording(self, asked: Asked) -> str:
        """Return what the figure is, such as "the sum of price"."""
        raise NotImplementedError

    def wrong(self, asked: Asked, figure: str) -> str:
        """Return SQL that is true when the figure, an SQL expression, is not allowed."""
        return between(asked, figure)

    def allowed(self, asked: Asked) -> str:
        """Return what is allowed, such as "at least 3"."""
        return bounds_in_words(asked)

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the figure for a sentence."""
        del asked
        return plain(value)

    def measures(self, asked: Asked) -> Iterable[str]:
        """Ask for the figure and whether it is wrong."""
        self.check(asked)
        figure = self.figure(asked)
        return figure, self.wrong(asked, figure)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        figure = self.figure(asked)
        wrong = self.wrong(asked, figure)
        refused(figures, figure, wrong)
        value = figures.get(figure)
        what = f"{self.wording(asked)} is {self.allowed(asked)}"
        said = f"{self.wording(asked)} is {self.shown(asked, value)}".replace("{", "(")
        said = said[0].upper() + said[1:]
        return self.planned(
            asked,
            what,
            passed=f"{said}; {self.allowed(asked)} is allowed.",
            failed=f"{said}; {self.allowed(asked)} is allowed.",
            n_failed=None if value is None else int(figures.get(wrong) is True),
            n_rows=0 if value is None else 1,
            count_sql=f"select case when {wrong} then 1 else 0 end as n_failed "
            f"from {asked.subject.relation.sql} as t",
            nothing=nothing(asked),
        )


__all__ = [
    "ANY",
    "NONE",
    "NUMERIC",
    "ONE",
    "ORDERED",
    "SOME",
    "TEMPORAL",
    "TEXT",
    "UNKNOWN_PASSES",
    "Asked",
    "Example",
    "FigureKind",
    "Kind",
    "Parameter",
    "Reference",
    "RowKind",
    "RuleKind",
    "in_words",
    "known",
    "listed",
    "nothing",
    "plain",
    "present",
    "refused",
    "wrong_type",
]
