"""Identifiers are unique."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    integer,
    label,
    n_values,
    name_words,
)


class Identifiers:
    """Holds that columns called id or key, which nearly always differ, always differ."""

    name = "identifiers"
    order = 60

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values and distinct values, roughly."""
        for column in _candidates(subject):
            yield f"count({column.sql})"
            yield f"approx_count_distinct({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a column that is nearly unique."""
        near = [
            column
            for column in _candidates(subject)
            if n_values(figures, column) > 1
            and integer(figures, f"approx_count_distinct({column.sql})")
            >= ROUGHLY * n_values(figures, column)
        ]
        figures.ask(f"count(distinct {column.sql})" for column in near)
        for column in near:
            n, name = n_values(figures, column), label(column.name)
            distinct = integer(figures, f"count(distinct {column.sql})")
            if distinct < MOSTLY * n:
                continue
            source = subject.relation.numbered
            yield Plan(
                title=f"{name} is unique",
                columns=(column.name,),
                dimension="uniqueness",
                severity="error",
                expectation="no identifier occurs twice",
                passed=(
                    f"All {{rows}} {{rows:value}} of {name} {{rows:is|are}} different."
                ),
                failed=(
                    f"{{n}} of {{rows}} {{rows:value}} of {name} {{n:repeats|repeat}} "
                    f"an earlier one."
                ),
                action="rows are kept",
                n_failed=n - distinct,
                n_rows=n,
                count_sql=(
                    f"select count({column.sql}) - count(distinct {column.sql}) "
                    f"as n_failed from {subject.relation.sql} as t"
                ),
                sample_sql=(
                    f"select dsp_row_number from {source} as t where {column.sql} in "
                    f"(select {column.sql} from {subject.relation.sql} as u group by 1 "
                    "having count(*) > 1) order by 1 limit 10"
                ),
                shared="All identifiers are unique",
            )


ROUGHLY, MOSTLY = 0.75, 0.9
KINDS = ("integer", "text", "decimal", "other")
WORDS = ("id", "ids", "uuid", "guid", "key")


def _candidates(subject: Subject) -> list[Field]:
    """Return the columns whose last word says that they identify."""
    return [c for c in subject.of(*KINDS) if (name_words(c.name) or [""])[-1] in WORDS]


plugin = Identifiers()
