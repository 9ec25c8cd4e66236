"""Dimensions that are no columns of the data: parts of a time, ranges of a number."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from dsp import numbers
from dsp.charts.base import short
from dsp.dashboard.cube.base import Dimension
from dsp.engine.duckdb_engine import literal, quote
from dsp.records import ColumnProfile

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = ("00:00–06:00", "06:00–12:00", "12:00–18:00", "18:00–24:00")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def times_of(time: ColumnProfile) -> list[Dimension]:
    """Return the weekday, the part of the day and the month of a time column.

    Each one only where the data span enough of them to be compared.
    """
    try:
        first, last = (
            datetime.fromisoformat(str(x)[:19]) for x in (time.min_value, time.max_value)
        )
    except ValueError:
        return []
    days = (last - first).days
    name = quote(time.column_name)
    when = f"case when isfinite({name}) then cast({name} as timestamp) end"
    found: list[tuple[str, str, tuple[str, ...]]] = []
    if days >= 21 and time.n_distinct > 14:
        found.append(("Weekday", f"isodow({when})", WEEKDAYS))
    if time.family == "timestamp" and days >= 2 and time.n_distinct > days + 2:
        found.append(("Time of day", f"1 + hour({when}) // 6", HOURS))
    if days >= 730 and time.n_distinct > 24:
        found.append(("Month", f"month({when})", tuple(MONTHS.split())))
    return [
        Dimension(
            column=time.column_name,
            label=label,
            value_sql=_named(part, names),
            n_values=len(names),
            ordered=names,
        )
        for label, part, names in found
    ]


def ranges(column: ColumnProfile) -> list[Dimension]:
    """Return the quarters of a number: four ranges with about as many rows each."""
    cuts = [column.q25, column.q50, column.q75]
    edges = sorted({float(f"{x:.3g}") for x in cuts if x is not None})
    if len(edges) < 2 or column.min_number is None:
        return []
    name = quote(column.column_name)
    shown = (
        numbers.plain if numbers.is_year(column.column_name, *edges) else numbers.level
    )
    words = [f"below {shown(edges[0])}"]
    words += [f"{shown(low)} to {shown(high)}" for low, high in pairwise(edges)]
    words.append(f"{shown(edges[-1])} and more")
    if len(set(words)) < len(words):
        return []
    usable = f"case when isfinite(cast({name} as double)) then cast({name} as double) end"
    tests = "\n        ".join(
        f"when ({usable}) < {edge!r} then {literal(word)}"
        for edge, word in zip(edges, words, strict=False)
    )
    return [
        Dimension(
            column=column.column_name,
            label=short(column.column_name),
            value_sql=f"case {tests}\n        when ({usable}) is not null "
            f"then {literal(words[-1])} end",
            n_values=len(words),
            ordered=tuple(words),
        )
    ]


def _named(part: str, names: tuple[str, ...]) -> str:
    tests = "\n        ".join(
        f"when {i} then {literal(name)}" for i, name in enumerate(names, start=1)
    )
    return f"case {part}\n        {tests} end"
