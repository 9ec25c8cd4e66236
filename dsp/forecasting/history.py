"""The history of every series: rows taken together by period, in SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dsp.engine.duckdb_engine import literal
from dsp.errors import (
    ColumnNotFoundError,
    DspError,
    SettingError,
    TargetError,
)
from dsp.forecasting.clocks import (
    Question,
    Rows,
    clock_of,
    is_number,
    local_clock,
    step_of,
)
from dsp.forecasting.periods import DENSE, Filling, Frequency

if TYPE_CHECKING:
    from dsp.engine import StoredTable

AGGREGATES = ("sum", "mean", "last")
PER_ROW = re.compile(
    r"price|rate|rating|ratio|score|age|temp|percent|pct|share|discount|mean|avg|average"
    r"|index|level|width|height|depth|grade|rank|lat|lon|speed|density|humidity|pressure"
    r"|stock|balance|value",
    re.IGNORECASE,
)
"""Names of numbers that are not added up over time."""

BITS = 80
"""Bits that the largest value of a series is taken to: sums of whole numbers are the same
in any order, those of doubles are not."""
_UP = "pow(2, floor(coalesce(bits, 0) / 2))"
_REST = "pow(2, coalesce(bits, 0) - floor(coalesce(bits, 0) / 2))"
SUM = (
    f"sum(case when isfinite(value) then cast(value * {_UP} * {_REST} as hugeint) end) "
    f"/ any_value({_UP}) / any_value({_REST})"
)


@dataclass(frozen=True, slots=True)
class History:
    """Series by period.

    Attributes
    ----------
    names
        Names of the series, sorted.
    values
        Array [time, series] from each first period on; NaN for a period without a value.
    lengths, starts
        Periods of each series, and the number of its first one.
    n_rows
        Rows that were taken together, by series.
    evidence
        For each series the SQL that gives its history again.
    notes
        What was left out, for all series.
    """

    names: tuple[str, ...]
    values: Any
    lengths: Any
    starts: Any
    n_rows: Any
    frequency: Frequency
    aggregate: str
    evidence: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_history(table: StoredTable, question: Question) -> History:
    """Return the history of every series.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in the table.
    TargetError
        The target holds no numbers.
    SettingError
        A setting is not known, or the time column holds no times.
    DspError
        There are no rows with a time, or too many series.
    """
    types = dict(table.engine.described(table.sql))
    for name in (question.time, question.target, *question.by):
        if name not in types:
            raise ColumnNotFoundError.of(name, types)
    if question.aggregate not in (None, *AGGREGATES):
        raise SettingError(
            f'rows cannot be taken together by "{question.aggregate}"',
            hint=f"one of {', '.join(AGGREGATES)}",
        )
    if not is_number(types[question.target]):
        raise TargetError(
            f'"{question.target}" holds no numbers ({types[question.target].lower()})',
            hint="name a column of numbers as target",
        )
    base = Rows(table, question, clock_of(table, question, types[question.time]))
    base = replace(base, ts=local_clock(base, types[question.time]))
    found = step_of(base)
    aggregate = question.aggregate or _aggregate(base)
    bounds, notes = _whole_periods(base, found)
    return _read(base, found.frequency, aggregate, bounds=bounds, notes=notes)


def _aggregate(base: Rows) -> str:
    """Return how rows of a period are taken together: sums of amounts, else means."""
    if PER_ROW.search(base.question.target):
        return "mean"
    low = base.table.engine.rows(
        f"select min({base.value}) filter (where isfinite({base.value})) "
        f"from {base.table.sql}"
    )[0][0]
    return "sum" if low is not None and low >= 0 else "mean"


def _whole_periods(base: Rows, found: Filling) -> tuple[str, tuple[str, ...]]:
    """Return SQL that keeps whole periods, and what was left out.

    Where rows are finer than periods, a period that the data begins or ends in by more
    than a few usual gaps between rows is not whole.
    """
    step = found.frequency
    row = base.table.engine.rows(
        f"select min(ts), max(ts), count(distinct ts), "
        f"count(distinct {step.number_sql('ts')}) from {base.source}"
    )[0]
    first, last, n_times, n_periods = row
    if not n_periods or n_periods < 4 or n_times / n_periods <= DENSE:
        return "", ()
    usual = step.days * 86_400 / (n_times / n_periods)
    start, end = step.number(first), step.number(last)
    late = _seconds(first, step.start(start).replace(tzinfo=None))
    early = _seconds(step.start(end + 1).replace(tzinfo=None), last)
    slack = max(3.5 * usual, 0.1 * step.days * 86_400 if step.seconds == 0 else 0.0)
    number, bounds, notes = step.number_sql("ts"), [], []
    if late > slack:
        bounds.append(f"{number} > {start}")
        notes.append(f"the first {step.name} is not whole and left out")
    if early > slack + (86_400 if step.days > 1 else 0):
        bounds.append(f"{number} < {end}")
        notes.append(f"the last {step.name} is not whole and left out")
    return "".join(f"\n    and {bound}" for bound in bounds), tuple(notes)


def _seconds(after: datetime, before: datetime) -> float:
    return (after - before).total_seconds()


def _read(
    base: Rows,
    step: Frequency,
    aggregate: str,
    *,
    bounds: str,
    notes: tuple[str, ...],
) -> History:
    import numpy as np

    from dsp.engine.arrays import as_numpy

    held = "value) filter (where isfinite(value))"
    figure = {
        "sum": f"fsum({held}",
        "mean": f"favg({held}",
        "last": "arg_max(value, (ts, value)) filter (where isfinite(value))",
    }[aggregate]
    exact = {"sum": SUM, "mean": f"{SUM} / count(*) filter (where isfinite(value))"}
    rows = _by_period(base, step, exact.get(aggregate, figure), bounds)
    if rows.num_rows == 0:
        raise DspError("no whole period is left", hint="name a finer --frequency")
    encoded = rows["series"].combine_chunks().dictionary_encode()
    names = tuple(encoded.dictionary.to_pylist())
    code = as_numpy(encoded.indices).astype(np.int64)
    numbers = as_numpy(rows["number"]).astype(np.int64)
    values = as_numpy(rows["value"]).astype(float)
    counts = as_numpy(rows["n_rows"]).astype(np.int64)
    n_series = len(names)
    last = np.full(n_series, np.iinfo(np.int64).min)
    first = np.full(n_series, np.iinfo(np.int64).max)
    known = np.isfinite(values)
    np.maximum.at(last, code[known], numbers[known])
    np.minimum.at(first, code[known], numbers[known])
    empty = last < first
    last[empty], first[empty] = -1, 0
    most = step.most_periods
    if (last - first >= most).any():
        notes = (*notes, f"only the latest {most:,} periods of a series are used")
    first = np.maximum(first, last - most + 1)
    lengths = np.where(empty, 0, last - first + 1)
    grid = np.full((int(lengths.max(initial=0)), n_series), np.nan)
    at = numbers - first[code]
    inside = known & (at >= 0) & (at < lengths[code])
    grid[at[inside], code[inside]] = values[inside]
    return History(
        names=names,
        values=grid,
        lengths=lengths,
        starts=first,
        n_rows=np.bincount(code, counts, n_series).astype(np.int64),
        frequency=step,
        aggregate=aggregate,
        evidence=tuple(_evidence(base, step, figure, bounds, name) for name in names),
        notes=notes,
    )


def _by_period(base: Rows, step: Frequency, figure: str, bounds: str) -> Any:
    """Return series, number of the period, value and n_rows, in order."""
    return base.table.engine.sql(
        "with data as (\n    select series,\n"
        f"        {step.number_sql('ts')} as number,\n"
        f"        ts,\n        value\n    from {base.source}{bounds}\n),\ntops as (\n"
        f"    select series,\n        {BITS} - ceil(log2(max(abs(value)))) as bits\n"
        "    from data\n    where isfinite(value)\n        and value <> 0\n"
        "    group by series\n)\n"
        f"select series,\n    number,\n    {figure} as value,\n"
        "    count(*) as n_rows\nfrom data\nleft join tops using (series)\n"
        "group by series, number\norder by series, number"
    )


def _evidence(base: Rows, step: Frequency, figure: str, bounds: str, name: str) -> str:
    """Return SQL that gives the history of one series: ts, value and n_rows."""
    inside = bounds.replace("\n    ", "\n        ")
    return (
        "with by_period as (\n"
        f"    select {step.number_sql('ts')} as number,\n        {figure} as value,\n"
        f"        count(*) as n_rows\n    from {base.source}{inside}\n"
        f"        and series = {literal(name)}\n    group by number\n)\n"
        f"select {step.start_sql('number')} as ts,\n    value,\n    n_rows\n"
        "from by_period\norder by ts"
    )
