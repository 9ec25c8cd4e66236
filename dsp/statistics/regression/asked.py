"""From what a regression is asked for to its design, in two scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.errors import ColumnNotFoundError, DspError
from dsp.statistics.base import DATED, NUMERIC, Column, columns_of
from dsp.statistics.exact import Moved
from dsp.statistics.regression.design import Design, centre_of, condition_of
from dsp.statistics.regression.terms import INTERCEPT, Levels, Polynomial, Term

MOST_TERMS = 500
MOST_LEVELS = 200
"""Values of a column that become terms at most."""

Asked = str | Polynomial | Levels


def design_of(
    engine: DuckEngine,
    source: str,
    y: str,
    x: Sequence[Asked],
    *,
    is_binomial: bool,
    intercept: bool,
) -> Design:
    """Return the design of a regression.

    Raises
    ------
    ColumnNotFoundError
        A column is not in the table.
    DspError
        A column cannot be used: too many values, a type that is no number, no two values
        of a logistic target, or the target among the terms.
    """
    known = {column.name: column for column in columns_of(engine, source)}
    powers, dimensions = _split(known, y, x)
    target = known[y]
    used = [target, *(known[name] for name in (*powers, *dimensions))]
    where = condition_of(used)
    if not is_binomial and target.family not in (*NUMERIC, *DATED, "boolean"):
        raise DspError(
            f'"{y}" holds {target.data_type}, which least squares cannot explain',
            hint='give family="binomial" for a target of two values',
        )
    measured = [known[name] for name in powers]
    if not is_binomial:
        measured.append(target)
    n_all, n_rows, ranges = _ranges(engine, source, measured, where)
    moved = {
        column.name: _moved(column, ranges[column.name], is_moved=intercept)
        for column in measured
    }
    found = _levels(engine, source, [known[name] for name in dimensions], where)
    event = _event(engine, source, target, where) if is_binomial else None
    terms = _terms(powers, found, intercept=intercept)
    if len(terms) > MOST_TERMS:
        raise DspError(
            f"{len(terms):,} terms are more than {MOST_TERMS}",
            hint="give fewer columns, or columns of fewer values",
        )
    constant = {name for name in powers if ranges[name][0] == ranges[name][1]}
    return Design(
        engine=engine,
        source=source,
        terms=terms,
        numbers={name: moved[name] for name in powers},
        levels={name: (known[name], values) for name, values in found.items()},
        target=None if is_binomial else moved[y],
        event=event,
        where=where,
        n_rows=n_rows,
        n_left_out=n_all - n_rows,
        constant=frozenset(constant),
    )


def _split(
    known: Mapping[str, Column], y: str, x: Sequence[Asked]
) -> tuple[dict[str, int], list[str]]:
    """Return the highest power of each number, and the dimensions."""
    powers: dict[str, int] = {}
    dimensions: list[str] = []
    for asked in (y, *x):
        name = asked if isinstance(asked, str) else asked.column
        if name not in known:
            raise ColumnNotFoundError.of(name, list(known))
    for asked in x:
        name = asked if isinstance(asked, str) else asked.column
        column = known[name]
        if name == y:
            raise DspError(f'"{y}" cannot explain itself', hint="leave it out of x")
        if name in powers or name in dimensions:
            raise DspError(f'"{name}" is named twice', hint="name a column once")
        is_number = column.family in (*NUMERIC, *DATED)
        if isinstance(asked, Levels) or not is_number:
            if isinstance(asked, Polynomial) or column.family in ("nested", "binary"):
                raise DspError(
                    f'"{name}" holds {column.data_type}, which has no powers or levels',
                    hint="give a number, a text or a boolean",
                )
            dimensions.append(name)
        else:
            powers[name] = asked.degree if isinstance(asked, Polynomial) else 1
    return powers, dimensions


def _ranges(
    engine: DuckEngine, source: str, measured: Sequence[Column], where: str
) -> tuple[int, int, dict[str, tuple[Any, Any, Any]]]:
    """Return all rows, the rows used, and least, greatest and mean of each number."""
    terms = ["count(*)", f"count(*) filter (where {where})"]
    for column in measured:
        is_plain = column.family in ("integer", "decimal")
        value = column.sql if is_plain else column.number
        terms += [
            f"cast({kind}({value}) filter (where {where}) as varchar)"
            for kind in ("min", "max")
        ]
        terms.append(f"avg({column.number}) filter (where {where})")
    row = engine.rows(f"select {', '.join(terms)} from {source}")[0]
    return (
        int(row[0]),
        int(row[1]),
        {
            column.name: (row[2 + 3 * i], row[3 + 3 * i], row[4 + 3 * i])
            for i, column in enumerate(measured)
        },
    )


def _moved(column: Column, range_: tuple[Any, Any, Any], *, is_moved: bool) -> Moved:
    low, high, mean = range_
    if low is None:
        return Moved.of(column, 0, 0, 0.0)
    # Any centre will do; the last digits of a mean depend on the order of its sum.
    about = None if mean is None else float(f"{mean:.10g}")
    centre = centre_of(about, float(low), float(high)) if is_moved else 0.0
    return Moved.of(column, low, high, centre)


def _levels(
    engine: DuckEngine, source: str, dimensions: Sequence[Column], where: str
) -> dict[str, tuple[str, ...]]:
    """Return the values of each dimension in their order, in one scan."""
    if not dimensions:
        return {}
    listed = " union all ".join(
        f"(select {i} as i, row_number() over (order by v) as k, cast(v as varchar) from "
        f"(select distinct {column.value} as v from {source} where {where}) "
        f"order by v limit {MOST_LEVELS + 1})"
        for i, column in enumerate(dimensions)
    )
    rows = sorted(engine.rows(listed))
    found: dict[str, tuple[str, ...]] = {}
    for i, column in enumerate(dimensions):
        values = tuple(text for j, _, text in rows if j == i)
        if len(values) > MOST_LEVELS:
            raise DspError(
                f'"{column.name}" has more than {MOST_LEVELS} values',
                hint="group its values, or leave it out",
            )
        found[column.name] = values
    return found


def _event(
    engine: DuckEngine, source: str, target: Column, where: str
) -> tuple[str, str]:
    """Return the later of the two values of a target, and SQL that it is there."""
    rows = engine.rows(
        f"select cast(v as varchar) from (select distinct {target.value} as v "
        f"from {source} where {where}) order by v limit 3"
    )
    if len(rows) != 2:
        n = "more than two" if len(rows) > 2 else str(len(rows))
        raise DspError(
            f'"{target.name}" has {n} values in the rows used; a logistic regression '
            "explains two",
            hint="give a target of two values, or the family gaussian",
        )
    event = rows[1][0]
    value = f"cast({target.value} as varchar) = {literal(event)}"
    return event, f"cast({value} as integer)"


def _terms(
    powers: Mapping[str, int],
    found: Mapping[str, tuple[str, ...]],
    *,
    intercept: bool,
) -> tuple[Term, ...]:
    terms = [INTERCEPT] if intercept else []
    for name, degree in powers.items():
        for power in range(1, degree + 1):
            shown = name if power == 1 else f"{name}^{power}"
            terms.append(Term(shown, name, power))
    is_full = not intercept
    for name, values in found.items():
        # Without an intercept the first dimension needs no level to compare with.
        compared = None if is_full or not values else values[0]
        terms += [
            Term(f"{name}={value}", name, 0, value, compared)
            for value in values
            if value != compared
        ]
        is_full = False
    return tuple(terms)
