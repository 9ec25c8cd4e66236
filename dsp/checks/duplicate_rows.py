"""No row is there twice."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject, integer


class DuplicateRows:
    """Holds that no row repeats another in all columns."""

    name = "duplicate_rows"
    order = 70

    def measures(self, subject: Subject) -> Iterable[str]:
        """Need nothing that is shared: rows are hashed in a query of their own."""
        return ()

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan the one check."""
        if subject.n_rows == 0 or not subject.columns:
            return
        relation = subject.relation
        n = _repeated(subject, figures)
        columns = ", ".join(column.sql for column in subject.columns)
        yield Plan(
            title="No duplicate rows",
            columns=(),
            dimension="uniqueness",
            severity="warning",
            expectation="no row repeats another in all columns",
            passed="All {rows} {rows:row is|rows are} different.",
            failed=(
                "{n} of {rows} {rows:row} {n:repeats|repeat} an earlier row in all "
                "columns ({percent})."
            ),
            action="kept: equal rows may be real",
            n_failed=n,
            count_sql=(
                "select count(*) - (select count(*) from (select distinct * "
                f"from {relation.sql} as u)) as n_failed from {relation.sql} as t"
            ),
            sample_sql=(
                f"select dsp_row_number from {relation.numbered} as t "
                f"qualify row_number() over (partition by {columns} "
                "order by dsp_row_number) > 1 order by 1 limit 10"
            ),
        )


def _repeated(subject: Subject, figures: Figures) -> int:
    """Return the exact number of rows that repeat another.

    Rows are grouped by a hash of all columns; only rows whose hashes meet are compared.
    """
    if any(
        integer(figures, f"count(distinct {column.sql})") == subject.n_rows
        for column in subject.columns
    ):
        return 0
    relation = subject.relation
    engine = relation.engine
    hashed = "hash(" + ", ".join(column.sql for column in subject.columns) + ")"
    met = (
        f"select dsp_hash from (select {hashed} as dsp_hash from {relation.sql} as t) "
        "group by dsp_hash having count(*) > 1"
    )
    n_met = engine.rows(f"select count(*) from ({met})")[0][0]
    if not n_met:
        return 0
    columns = ", ".join(column.sql for column in subject.columns)
    same = (
        f"select count(*) as n from {relation.sql} as t where {hashed} in ({met}) "
        f"group by {columns} having count(*) > 1"
    )
    return int(engine.rows(f"select coalesce(sum(n - 1), 0) from ({same})")[0][0])


plugin = DuplicateRows()
