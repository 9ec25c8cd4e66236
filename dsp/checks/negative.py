"""Amounts are not negative."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Figures,
    Plan,
    Subject,
    count_if,
    integer,
    label,
    n_values,
    name_words,
    share,
)


class Negative:
    """Holds that prices, counts, ages and what is hardly ever negative never are."""

    name = "negative"
    order = 90

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values, and find the smallest."""
        for column in subject.of("integer", "decimal", "float"):
            yield f"count({column.sql})"
            yield f"min({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a column where a negative value would be a surprise."""
        columns = subject.of("integer", "decimal", "float")
        figures.ask(
            count_if(f"{column.sql} < 0")
            for column in columns
            if (figures.get(f"min({column.sql})") or 0) < 0
        )
        for column in columns:
            n, name = n_values(figures, column), label(column.name)
            predicate = f"{column.sql} < 0"
            n_negative = integer(figures, count_if(predicate))
            words = set(name_words(column.name))
            named = bool(words & NEVER) and not words & MAYBE
            rare = 0 < n_negative < RARE * n
            if not n or not (named or rare):
                continue
            yield Plan(
                title=f"{name} is not negative",
                columns=(column.name,),
                dimension="validity",
                severity="warning" if named else "info",
                expectation="no value below zero"
                if named
                else f"no value below zero, as in {share(1 - n_negative / n)}",
                passed=f"No value of {name} is negative.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:value}} of {name} {{n:is|are}} negative."
                ),
                action="kept as they are",
                predicate=predicate,
                n_failed=n_negative,
                n_rows=n,
                shared="Amounts and counts are not negative",
            )


RARE = 0.01
NEVER = frozenset(
    [
        "price",
        "prices",
        "amount",
        "qty",
        "quantity",
        "age",
        "count",
        "counts",
        "distance",
        "duration",
        "units",
        "weight",
        "height",
        "length",
        "width",
        "population",
        "votes",
        "passengers",
        "fare",
        "salary",
        "wage",
        "sales",
        "revenue",
        "stock",
        "size",
        "area",
        "volume",
        "speed",
        "mileage",
    ]
)
MAYBE = frozenset(
    [
        "change",
        "delta",
        "diff",
        "difference",
        "growth",
        "net",
        "profit",
        "margin",
        "error",
    ]
)


plugin = Negative()
