"""Days follow each other."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Field, Figures, Plan, Subject, integer, label, name_words


class TimeGaps:
    """Holds that daily data has rows on every day between its first and last."""

    name = "time_gaps"
    order = 130

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count the days of the time column and their span."""
        column = _column(subject)
        return () if column is None else (_days(column), _span(column))

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan the one check when most days are there."""
        column = _column(subject)
        if column is None:
            return
        days, span = integer(figures, _days(column)), integer(figures, _span(column))
        if days < MINIMUM or days < DAILY * span:
            return
        name = label(column.name)
        missing = span - days
        yield Plan(
            title=f"{name} has no missing days",
            columns=(column.name,),
            dimension="completeness",
            severity="warning",
            expectation="rows on every day between the first and the last",
            passed=(
                f"{name} has rows on all {{rows}} {{rows:day}} between its first and "
                f"last."
            ),
            failed=f"{name} has no rows on {{n}} of {{rows}} {{rows:day}} ({{percent}}).",
            action="gaps are kept; nothing is filled in",
            n_failed=missing,
            n_rows=span,
            count_sql=(
                f"select {_span(column)} - {_days(column)} as n_failed "
                f"from {subject.relation.sql} as t"
            ),
        )


MINIMUM, DAILY = 14, 0.5
WORDS = {"date", "day", "time", "timestamp", "at", "datetime", "when"}


def _column(subject: Subject) -> Field | None:
    """Return the time column: the one given, the only one, or the one named so."""
    dates = subject.of("date", "timestamp")
    for column in dates:
        if column.name == subject.time:
            return column
    named = [c for c in dates if set(name_words(c.name)) & WORDS]
    return dates[0] if len(dates) == 1 else next(iter(named), None)


def _finite(column: Field) -> str:
    return f"filter (where isfinite({column.sql}))"


def _days(column: Field) -> str:
    return f"count(distinct cast({column.sql} as date)) {_finite(column)}"


def _span(column: Field) -> str:
    first, last = (
        f"{end}(cast({column.sql} as date)) {_finite(column)}" for end in ("min", "max")
    )
    return f"({last} - {first} + 1)"


plugin = TimeGaps()
