"""No value stands for a missing one."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    label,
    literal,
    n_values,
)


class Sentinels:
    """Holds that no text or number stands for a missing value."""

    name = "sentinels"
    order = 170

    def measures(self, subject: Subject) -> Iterable[str]:
        """Ask for extremes of numbers and counts of texts that mean nothing."""
        for column in subject.of("integer", "decimal", "float"):
            yield f"count({column.sql})"
            yield f"min({column.sql})"
            yield f"max({column.sql})"
        for column in subject.of("text"):
            yield f"count({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan a check a text column, and one a number column with a suspect extreme."""
        words = ", ".join(map(literal, TEXTS))
        for column in subject.of("text"):
            n = n_values(figures, column)
            if n:
                yield _plan(
                    column,
                    n,
                    # A list is looked up ten times faster than `in`, which DuckDB
                    # turns into comparisons of every row with every word.
                    f"list_contains([{words}], lower({column.sql}))",
                    "texts such as N/A",
                )
        suspects = list(_suspects(subject, figures))
        figures.ask(sql for column, value in suspects for sql in _proofs(column, value))
        for column, value in suspects:
            times, low, high = (figures.get(sql) for sql in _proofs(column, value))
            if low is None or high is None or times < TIMES:
                continue
            is_apart = low >= 0 if value < 0 else high < value / 2
            if is_apart:
                yield _plan(
                    column,
                    n_values(figures, column),
                    f"{column.sql} = {value}",
                    f"{value}",
                )


TIMES = 2
TEXTS = (
    "n/a", "na", "n.a.", "n/k", "null", "none", "nil", "nan", "#n/a", "?", "-", "--",
    "unknown", "missing", "not available", "undefined", "(blank)", "tbd",
)  # fmt: skip
NUMBERS = (-1, -9, -99, -999, -9999, -99999, 999, 9999, 99999, 999999)


def _suspects(subject: Subject, figures: Figures) -> Iterable[tuple[Field, int]]:
    """Return columns whose smallest or greatest value is a usual stand-in."""
    for column in subject.of("integer", "decimal", "float"):
        for end in ("min", "max"):
            value = figures.get(f"{end}({column.sql})")
            if value in NUMBERS and (value < 0) == (end == "min"):
                yield column, int(value)


def _proofs(column: Field, value: int) -> tuple[str, str, str]:
    rest = f"filter (where {column.sql} <> {value})"
    return (
        f"count(*) filter (where {column.sql} = {value})",
        f"min({column.sql}) {rest}",
        f"max({column.sql}) {rest}",
    )


def _plan(column: Field, n: int, predicate: str, what: str) -> Plan:
    name = label(column.name)
    return Plan(
        title=f"{name} has no stand-ins for missing values",
        columns=(column.name,),
        dimension="completeness",
        severity="warning",
        expectation=f"missing values are empty, not written as {what}",
        passed=f"No value of {name} stands for a missing one.",
        failed=(
            f"{{n}} of {{rows}} {{rows:value}} of {name} {{n:looks|look}} like {what} "
            "for missing."
        ),
        action="kept as values: only their owner knows whether they mean missing",
        predicate=predicate,
        n_rows=n,
        shared="No value stands for a missing one",
    )


plugin = Sentinels()
