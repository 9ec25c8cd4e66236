"""The target can be explained."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    integer,
    label,
    literal,
    n_values,
    share,
)


class Target:
    """Holds that the target is there, takes more than one value and is not lopsided."""

    name = "target"
    order = 190

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count the target's values."""
        column = _column(subject)
        if column is not None:
            yield from (f"count({column.sql})", f"min({column.sql}) = max({column.sql})")
            yield f"approx_count_distinct({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan up to three checks of the target."""
        column = _column(subject)
        if column is None or not subject.n_rows:
            return
        n, name = n_values(figures, column), label(column.name)
        source = subject.relation.sql
        yield Plan(
            title=f"The target {name} is complete",
            columns=(column.name,),
            dimension="completeness",
            severity="warning" if n else "error",
            expectation="every row has a target",
            passed=f"All {{rows}} {{rows:row has|rows have}} a target {name}.",
            failed=(
                f"{{n}} of {{rows}} {{rows:row}} {{n:has|have}} no target {name} "
                f"({{percent}})."
            ),
            action="models leave out rows without target",
            predicate=f"{column.sql} is null",
        )
        if not n:
            return
        single = figures.get(f"min({column.sql}) = max({column.sql})") is True
        yield Plan(
            title=f"The target {name} varies",
            columns=(column.name,),
            dimension="validity",
            severity="error",
            expectation="at least two values",
            passed=f"The target {name} has more than one value.",
            failed=f"The target {name} is the same in all {{n}} {{n:row}}.",
            action="no model is fitted",
            n_failed=n if single else 0,
            n_rows=n,
            count_sql=(
                f"select case when min({column.sql}) = max({column.sql}) "
                f"then count({column.sql}) else 0 end as n_failed from {source} as t"
            ),
        )
        distinct = integer(figures, f"approx_count_distinct({column.sql})")
        if single or not 2 <= distinct <= CLASSES or column.family not in KINDS:
            return
        (largest, rows), *_ = subject.relation.engine.rows(
            f"select cast({column.sql} as varchar), count(*) from {source} as t "
            f"where {column.sql} is not null group by all order by 2 desc, 1 limit 1"
        )
        yield Plan(
            title=f"The target {name} is balanced",
            columns=(column.name,),
            dimension="validity",
            severity="info",
            expectation=f"no class holds more than {share(LOPSIDED)} of the rows",
            passed=f"The largest class, {label(largest)}, holds {{percent}} of the rows.",
            failed=f"The largest class, {label(largest)}, holds {{percent}} of the rows.",
            action="models are judged by measures that allow for it",
            predicate=f"cast({column.sql} as varchar) = {literal(largest)}",
            n_failed=rows,
            n_rows=n,
            tolerance=LOPSIDED,
        )


LOPSIDED, CLASSES = 0.9, 20
KINDS = ("integer", "text", "boolean", "enum")


def _column(subject: Subject) -> Field | None:
    """Return the target when its values can be compared."""
    found = [c for c in subject.columns if c.name == subject.target]
    usable = found and found[0].family not in ("nested", "binary", "json")
    return found[0] if usable else None


plugin = Target()
