"""The table has rows."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject
from dsp.numbers import counted


class TableRows:
    """Holds that the table has at least one row."""

    name = "table_rows"
    order = 10

    def measures(self, subject: Subject) -> Iterable[str]:
        """Need nothing: the rows are counted anyway."""
        return ()

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan the one check."""
        empty = int(subject.n_rows == 0)
        relation = subject.relation.sql
        yield Plan(
            title="The table has rows",
            columns=(),
            dimension="completeness",
            severity="error",
            expectation="at least one row",
            passed=f"The table has {counted(subject.n_rows, 'row')}.",
            failed="The table has no rows.",
            action="analysed as far as an empty table allows",
            n_failed=empty,
            count_sql=f"select (count(*) = 0)::int as n_failed from {relation} as t",
        )


plugin = TableRows()
