"""Dates are plausible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from dsp.checks.base import Field, Figures, Plan, Subject, label, literal, n_values


class DateRange:
    """Holds that no date lies after today or before the year 1900."""

    name = "date_range"
    order = 120

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values, and see whether the extremes are plausible."""
        for column in subject.of("date", "timestamp"):
            yield f"count({column.sql})"
            yield _late(column, subject)
            yield _early(column)

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan two checks a column of dates."""
        for column in subject.of("date", "timestamp"):
            n, name = n_values(figures, column), label(column.name)
            if not n:
                continue
            late = figures.get(_late(column, subject)) is not False
            early = figures.get(_early(column)) is not False
            yield Plan(
                title=f"{name} is not in the future",
                columns=(column.name,),
                dimension="freshness",
                severity="warning",
                expectation=f"no date after {subject.today.isoformat()}",
                passed=f"No date in {name} is after {subject.today.isoformat()}.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:date}} in {name} {{n:is|are}} after "
                    f"{subject.today}."
                ),
                action="kept as they are",
                predicate=f"{column.sql} >= {_moment(column, _tomorrow(subject))}",
                n_failed=None if late else 0,
                n_rows=n,
                shared="No dates lie in the future",
            )
            yield Plan(
                title=f"{name} is not before 1900",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation="no date before 1900",
                passed=f"No date in {name} is before 1900.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:date}} in {name} {{n:is|are}} before 1900."
                ),
                action="kept as they are",
                predicate=f"{column.sql} < {_moment(column, '1900-01-01')}",
                n_failed=None if early else 0,
                n_rows=n,
                shared="No dates lie before 1900",
            )


def _tomorrow(subject: Subject) -> str:
    return (subject.today + timedelta(days=1)).isoformat()


def _moment(column: Field, day: str) -> str:
    """Return the start of a day in the type of the column: a cast of rows may raise."""
    if column.family == "date":
        return f"date {literal(day)}"
    if column.data_type == "TIMESTAMP WITH TIME ZONE":
        return f"timestamptz {literal(day + ' 00:00:00+00')}"
    return f"timestamp {literal(day)}"


def _late(column: Field, subject: Subject) -> str:
    return f"max({column.sql}) >= {_moment(column, _tomorrow(subject))}"


def _early(column: Field) -> str:
    return f"min({column.sql}) < {_moment(column, '1900-01-01')}"


plugin = DateRange()
