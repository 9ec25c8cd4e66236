"""Dates are plausible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from dsp.checks.base import Figures, Plan, Subject, label, literal, n_values


class DateRange:
    """Holds that no date lies after today or before the year 1900."""

    name = "date_range"
    order = 120

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values."""
        return [f"count({c.sql})" for c in subject.of("date", "timestamp")]

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan two checks a column of dates."""
        tomorrow = (subject.today + timedelta(days=1)).isoformat()
        for column in subject.of("date", "timestamp"):
            n, name = n_values(figures, column), label(column.name)
            if not n:
                continue
            value = f"cast({column.sql} as timestamp)"
            yield Plan(
                title=f"{name} is not in the future",
                columns=(column.name,),
                dimension="freshness",
                severity="warning",
                expectation=f"no date after {subject.today.isoformat()}",
                passed=f"No date in {name} is after {subject.today.isoformat()}.",
                failed=f"{{n}} of {{rows}} dates in {name} are after {subject.today}.",
                action="kept as they are",
                predicate=f"{value} >= timestamp {literal(tomorrow)}",
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
                failed=f"{{n}} of {{rows}} dates in {name} are before 1900.",
                action="kept as they are",
                predicate=f"{value} < timestamp '1900-01-01'",
                n_rows=n,
                shared="No dates lie before 1900",
            )


plugin = DateRange()
