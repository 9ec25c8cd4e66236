"""Numbers do not lie far out."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dsp.checks.base import Field, Figures, Plan, Subject, integer, label, n_values
from dsp.numbers import number


class Outliers:
    """Holds that numbers lie within three interquartile ranges of the quartiles."""

    name = "outliers"
    order = 110

    def measures(self, subject: Subject) -> Iterable[str]:
        """Ask for extremes and counts; quartiles follow where outliers may be."""
        for column in subject.of("integer", "decimal", "float"):
            yield f"count({column.sql})"
            yield from _ends(column)

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a numeric column with a spread."""
        columns = [
            column
            for column in subject.of("integer", "decimal", "float")
            if n_values(figures, column) >= MINIMUM
        ]
        open_columns = _open(columns, subject, figures)
        figures.ask(_quartiles(column) for column in open_columns)
        for column in columns:
            name = label(column.name)
            quartiles = figures.get(_quartiles(column))
            predicate = None
            if column in open_columns:
                if not quartiles or quartiles[0] is None:
                    continue
                low, high = (float(value) for value in quartiles)
                reach = FAR * (high - low)
                if not (math.isfinite(reach) and reach > 0):
                    continue
                value = f"cast({column.sql} as double)"
                bounds = f"{value} < {low - reach!r} or {value} > {high + reach!r}"
                predicate = f"isfinite({value}) and ({bounds})"
            else:
                low, high, reach = 0.0, 0.0, 0.0
            yield Plan(
                title=f"{name} has no values far out",
                columns=(column.name,),
                dimension="validity",
                severity="info",
                expectation="values within three interquartile ranges of the quartiles",
                passed=f"No value of {name} lies far out.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:value}} of {name} ({{percent}}) "
                    f"{{n:lies|lie}} outside "
                    f"{number(low - reach)} to {number(high + reach)}, three "
                    "interquartile ranges from the quartiles."
                ),
                action="kept as they are",
                predicate=predicate,
                n_failed=None if predicate else 0,
                n_rows=n_values(figures, column),
                shared="No other numbers lie far out",
            )


FAR, MINIMUM, LARGE = 3.0, 20, 500_000


def _finite(column: Field) -> tuple[str, str]:
    """Return the SQL of a value and the filter that keeps finite ones."""
    if column.family == "float":
        return column.sql, f" filter (where isfinite({column.sql}))"
    return column.sql, ""


def _ends(column: Field) -> tuple[str, str]:
    # Not filtered: shared with other kinds, and an infinite end only leaves more open.
    return f"min({column.sql})", f"max({column.sql})"


def _quartiles(column: Field, shares: str = "0.25, 0.75") -> str:
    value, keep = _finite(column)
    return f"quantile_disc({value}, [{shares}]){keep}"


def _literal(column: Field, value: float) -> str:
    """Return a number in the type of the column, so that rows need no cast."""
    return str(int(value)) if column.family == "integer" else repr(value)


def _open(columns: list[Field], subject: Subject, figures: Figures) -> list[Field]:
    """Return the columns that may have outliers.

    Exact quartiles of many rows are dear. A sample guesses one value above the first
    quartile and one below the third; a count of all rows proves the guesses; extremes
    inside the fences that they give prove that nothing lies far out.
    """
    if subject.n_rows < LARGE:
        return columns
    step = max(1, subject.n_rows // 20_000)
    relation = subject.relation
    items = ", ".join(_quartiles(c, "0.27, 0.73") for c in columns)
    if not items:
        return columns
    rough = relation.engine.rows(
        f"select {items} from {relation.numbered} as t where dsp_row_number % {step} = 0"
    )[0]
    brackets = {
        c.name: [float(v) for v in found]
        for c, found in zip(columns, rough, strict=True)
        if found and found[0] is not None
    }
    figures.ask(
        sql for c in columns if c.name in brackets for sql in _proofs(c, brackets[c.name])
    )
    return [c for c in columns if not _is_calm(c, brackets.get(c.name), figures)]


def _proofs(column: Field, bracket: list[float]) -> list[str]:
    """Return counts of the values below each guess, and of all finite ones."""
    value, keep = _finite(column)
    also = f" and isfinite({value})" if keep else ""
    counts = [
        f"count(*) filter (where {value} {sign} {_literal(column, end)}{also})"
        for sign, end in zip(("<=", "<"), bracket, strict=True)
    ]
    return [*counts, f"count({value}){keep}"]


def _is_calm(column: Field, bracket: list[float] | None, figures: Figures) -> bool:
    if bracket is None:
        return False
    first, third, n = (integer(figures, sql) for sql in _proofs(column, bracket))
    holds = first >= 0.25 * n + 1 and third <= 0.75 * n - 1
    ends = [figures.get(sql) for sql in _ends(column)]
    if not holds or None in ends:
        return False
    low, high = map(float, ends)
    reach = FAR * (bracket[1] - bracket[0])
    return bool(reach > 0 and low >= bracket[0] - reach and high <= bracket[1] + reach)


plugin = Outliers()
