"""Values are there."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    count_if,
    integer,
    label,
    share,
)


class Missing:
    """Holds that few values of each column are missing (NULL or NaN)."""

    name = "missing"
    order = 30

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count what is there."""
        for column in subject.columns:
            yield f"count({column.sql})"
            if column.family == "float":
                yield f"max({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a column; complete columns share one."""
        # NaN is the greatest number: where the maximum is one, it is counted.
        nan = [c for c in subject.of("float") if _is_nan(figures.get(f"max({c.sql})"))]
        figures.ask(_present(column) for column in nan)
        for column in subject.columns:
            predicate = _missing(column)
            seen = _present(column) if column in nan else f"count({column.sql})"
            n = subject.n_rows - integer(figures, seen)
            most = n > SEVERE * subject.n_rows
            name = label(column.name)
            yield Plan(
                title=f"{name} is complete",
                columns=(column.name,),
                dimension="completeness",
                severity="error" if most else "warning",
                expectation=f"at most {share(TOLERANCE)} of the values are missing",
                passed=f"{name} lacks {{n}} of {{rows}} {{rows:value}} ({{percent}}).",
                failed=f"{name} lacks {{n}} of {{rows}} {{rows:value}} ({{percent}}).",
                action="kept as missing; figures leave these rows out",
                predicate=predicate,
                n_failed=n,
                tolerance=TOLERANCE,
                shared="All other columns are complete",
                reason=None if subject.n_rows else "the table has no rows",
            )


TOLERANCE, SEVERE = 0.05, 0.5


def _present(column: Field) -> str:
    return count_if(f"not isnan({column.sql})")


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _missing(column: Field) -> str:
    if column.family == "float":
        return f"({column.sql} is null or isnan({column.sql}))"
    return f"{column.sql} is null"


plugin = Missing()
