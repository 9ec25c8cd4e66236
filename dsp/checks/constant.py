"""Columns vary."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Field, Figures, Plan, Subject, label, n_values


class Constant:
    """Holds that a column has more than one value."""

    name = "constant"
    order = 80

    def measures(self, subject: Subject) -> Iterable[str]:
        """Compare the extremes of every column that the first rows leave open."""
        for column in _candidates(subject):
            yield f"count({column.sql})"
            yield f"min({column.sql}) = max({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a column; columns that vary share one."""
        if subject.n_rows < 2:
            return
        for column in _candidates(subject):
            n, name = n_values(figures, column), label(column.name)
            if n < 2:
                continue
            is_constant = figures.get(f"min({column.sql}) = max({column.sql})") is True
            yield Plan(
                title=f"{name} varies",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation="more than one value",
                passed=f"{name} has more than one value.",
                failed=(
                    f"{name} has the same value in all {{n}} "
                    f"{{n:row that has|rows that have}} one."
                ),
                action="kept; no finding can rest on it",
                n_failed=n if is_constant else 0,
                n_rows=n,
                count_sql=(
                    f"select case when min({column.sql}) = max({column.sql}) "
                    f"then count({column.sql}) else 0 end as n_failed "
                    f"from {subject.relation.sql} as t"
                ),
                shared="All other columns vary",
            )


KINDS = ("integer", "decimal", "float", "boolean", "date", "timestamp", "time")


def _candidates(subject: Subject) -> list[Field]:
    """Return the columns that may be constant; two texts in the head settle it."""
    texts = [c for c in subject.of("text") if len(subject.heads.get(c.name, ())) < 2]
    return [c for c in subject.columns if c.family in KINDS or c in texts]


plugin = Constant()
