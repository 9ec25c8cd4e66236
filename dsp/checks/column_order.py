"""Starts come before ends."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    count_if,
    integer,
    label,
    name_words,
)


class ColumnOrder:
    """Holds that pairs of columns such as min and max are in order."""

    name = "column_order"
    order = 160

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count the rows of each pair, and those in order."""
        for low, high in _pairs(subject):
            yield count_if(_both(low, high))
            yield count_if(_wrong(low, high))

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan a check for each pair that is nearly always in order."""
        for low, high in _pairs(subject):
            n = integer(figures, count_if(_both(low, high)))
            wrong = integer(figures, count_if(_wrong(low, high)))
            if not n or wrong > RARE * n:
                continue
            a, b = label(low.name), label(high.name)
            yield Plan(
                title=f"{a} is not after {b}"
                if low.is_temporal
                else f"{a} is at most {b}",
                columns=(low.name, high.name),
                dimension="consistency",
                severity="warning",
                expectation=f"{a} ≤ {b}",
                passed=(
                    f"{a} ≤ {b} in all {{rows}} {{rows:row that has|rows that have}} "
                    f"both."
                ),
                failed=(
                    f"{a} is above {b} in {{n}} of {{rows}} {{rows:row}} ({{percent}})."
                ),
                action="kept as they are",
                predicate=_wrong(low, high),
                n_rows=n,
            )


RARE = 0.01
WORDS = (
    ("start", "end"),
    ("begin", "end"),
    ("started", "ended"),
    ("started", "finished"),
    ("start", "finish"),
    ("pickup", "dropoff"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("low", "high"),
    ("lower", "upper"),
    ("from", "to"),
    ("departure", "arrival"),
    ("created", "updated"),
    ("created", "closed"),
    ("opened", "closed"),
    ("ordered", "shipped"),
    ("ordered", "delivered"),
    ("shipped", "delivered"),
    ("order", "ship"),
    ("order", "delivery"),
    ("birth", "death"),
)


def _pairs(subject: Subject) -> list[tuple[Field, Field]]:
    """Return columns whose names differ by such a pair of words only."""
    ordered = [c for c in subject.columns if c.is_numeric or c.is_temporal]
    by_words = {tuple(name_words(c.name)): c for c in ordered}
    found: list[tuple[Field, Field]] = []
    for words, low in by_words.items():
        for first, last in WORDS:
            other = tuple(last if word == first else word for word in words)
            high = by_words.get(other)
            if other != words and high and _comparable(low, high):
                found.append((low, high))
    return found


def _comparable(low: Field, high: Field) -> bool:
    """Return whether comparing the columns can never raise."""
    return low.data_type == high.data_type or (
        {low.family, high.family} <= {"integer", "float"}
    )


def _both(low: Field, high: Field) -> str:
    return f"{low.sql} is not null and {high.sql} is not null"


def _wrong(low: Field, high: Field) -> str:
    finite = " and ".join(
        f"not isnan({c.sql})" for c in (low, high) if c.family == "float"
    )
    return f"{low.sql} > {high.sql}" + (f" and {finite}" if finite else "")


plugin = ColumnOrder()
