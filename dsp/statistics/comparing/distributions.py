"""The values of a column counted in both tables: in bins, by value, and cumulated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from dsp.engine.drift import N_CATEGORIES, counts, cumulative_counts, value_counts
from dsp.engine.relation import count_if
from dsp.inference.drift import greatest_distance
from dsp.numbers import number
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.sides import Pair, Sides

FEW = 50
"""Distinct numbers of both tables up to which every number is a bin of its own."""
RICH = 0.1
"""Distinct values a row from which on rows are sorted without being grouped."""
SHAPE_BINS = 24
"""Bins that a distribution is drawn with."""
EXAMPLES = 5
LONGEST = 200
"""Characters of a text that can be a bin; longer ones are in the bin of the rest."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Values of a column in bins, counted in both tables.

    Attributes
    ----------
    bins
        Where bins end, as numbers, or the texts; `counts` has one bin more, of the rest.
    labels
        What is in each bin, in words.
    a, b
        Counts of each bin in each table.
    is_by_value
        Whether bins are values, not ranges.
    ks
        Greatest distance of the cumulative distributions, of all values.
    n_outside
        Values of B outside the range of A, for numbers.
    n_new, n_lost, n_new_rows
        Distinct values that one table alone has, and rows of B with new ones.
    new, lost
        The most frequent of them.
    shape
        Ends of the bins that it is drawn with; empty where those of the index do.
    """

    bins: tuple[Any, ...]
    labels: tuple[str, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]
    is_by_value: bool
    ks: float | None = None
    n_outside: int | None = None
    n_new: int | None = None
    n_lost: int | None = None
    n_new_rows: int | None = None
    new: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    shape: tuple[float, ...] = ()


def distribution_of(sides: Sides, pair: Pair, a: Facts, b: Facts) -> Distribution:
    """Return the distribution of a column that has values in both tables."""
    if not pair.is_measured:
        return _categories(sides, pair, a.n_values, b.n_values)
    # The counts of distinct values are estimates, so a few more are looked at.
    if max(a.n_distinct, b.n_distinct) <= 1.2 * FEW:
        found = _few_numbers(sides, pair)
        if found is not None:
            return found
    is_rich = a.n_distinct + b.n_distinct > RICH * (a.n_values + b.n_values)
    return _ranges(sides, pair, a.n_values, b.n_values, is_rich=is_rich)


def _few_numbers(sides: Sides, pair: Pair) -> Distribution | None:
    mine, other = pair.numbers()
    query = value_counts(mine, sides.a.sql, other, sides.b.sql)
    rows = sides.a.engine.rows(f"{query} order by x limit {FEW + 1}")
    if len(rows) > FEW or any(math.isinf(x) for x, _, _ in rows):
        return None
    values = tuple(x for x, _, _ in rows)
    a, b = tuple(h for _, h, _ in rows), tuple(r for _, _, r in rows)
    inside = [x for x, h in zip(values, a, strict=True) if h]
    outside = (
        r for x, r in zip(values, b, strict=True) if not inside[0] <= x <= inside[-1]
    )
    return Distribution(
        bins=values,
        labels=(*(said(pair, x) for x in values), "other"),
        a=(*a, 0),
        b=(*b, 0),
        is_by_value=True,
        ks=greatest_distance(a, b),
        n_outside=sum(outside),
        **_only_one(pair, rows),
    )


def _only_one(pair: Pair, rows: Sequence[tuple[float, int, int]]) -> dict[str, Any]:
    new = sorted((-r, x) for x, h, r in rows if not h)
    lost = sorted((-h, x) for x, h, r in rows if not r)
    return {
        "n_new": len(new),
        "n_lost": len(lost),
        "n_new_rows": -sum(r for r, _ in new),
        "new": tuple(said(pair, x) for _, x in new[:EXAMPLES]),
        "lost": tuple(said(pair, x) for _, x in lost[:EXAMPLES]),
    }


def _ranges(sides: Sides, pair: Pair, n: int, m: int, *, is_rich: bool) -> Distribution:
    """Count numbers in the deciles of A, from the cumulative counts of all values."""
    mine, other = pair.numbers()
    steps = cumulative_counts(mine, sides.a.sql, other, sides.b.sql, is_rich=is_rich)
    # The smallest value that a share of A does not exceed, and the counts up to there.
    deciles = ", ".join(
        f"{term} filter (where 10 * h >= {k * n})"
        for k in range(1, 10)
        for term in ("min(x)", "min(h)", "min(r)")
    )
    reach = ", ".join(
        f"min(x) filter (where 100 * {side} >= {share * total})"
        for side, total in (("h", n), ("r", m))
        for share in (1, 99)
    )
    row = sides.a.engine.rows(
        f"select max(abs(h / {n} - r / {m})), coalesce(max(r) filter (where h = 0), 0) "
        f"+ {m} - min(r) filter (where h = {n}), {reach}, {deciles} from ({steps})"
    )[0]
    ks, n_outside, low_a, high_a, low_b, high_b, *cells = row
    ends: list[float] = []
    up_to: list[tuple[int, int]] = [(0, 0)]
    for x, h, r in (cells[i : i + 3] for i in range(0, 27, 3)):
        if math.isfinite(x) and (not ends or x > ends[-1]):
            ends.append(x)
            up_to.append((h, r))
    up_to.append((n, m))
    return Distribution(
        bins=tuple(ends),
        labels=ranges_said(pair, ends),
        a=tuple(after[0] - before[0] for before, after in pairwise(up_to)),
        b=tuple(after[1] - before[1] for before, after in pairwise(up_to)),
        is_by_value=False,
        ks=ks,
        n_outside=n_outside,
        shape=_even(min(low_a, low_b), max(high_a, high_b)),
    )


def _even(low: float, high: float) -> tuple[float, ...]:
    """Return ends of even bins between two quantiles; tails join the outer ones."""
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        return ()
    step = high / SHAPE_BINS - low / SHAPE_BINS
    ends = [low + step * k for k in range(1, SHAPE_BINS)]
    return tuple(ends) if all(x < y for x, y in pairwise([low, *ends, high])) else ()


def _categories(sides: Sides, pair: Pair, n: int, m: int) -> Distribution:
    mine, other = pair.texts()
    values = value_counts(mine, sides.a.sql, other, sides.b.sql)
    share = f"h / {n} + r / {m}"
    rows = sides.a.engine.rows(
        f"with found as materialized ({values}) "
        f"select 0 as part, null as x, {count_if('h = 0')} as h, "
        f"{count_if('r = 0')} as r, "
        "coalesce(sum(r) filter (where h = 0), 0)::bigint as n from found "
        f"union all (select 1, x, h, r, 0 from found where length(x) <= {LONGEST} "
        f"order by {share} desc, x limit {N_CATEGORIES}) "
        f"union all (select 2, left(x, {LONGEST}), h, r, 0 from found where h = 0 "
        f"order by r desc, x limit {EXAMPLES}) "
        f"union all (select 3, left(x, {LONGEST}), h, r, 0 from found where r = 0 "
        f"order by h desc, x limit {EXAMPLES})"
    )
    (_, _, n_new, n_lost, n_new_rows) = next(row for row in rows if row[0] == 0)
    top = [(x, h, r) for part, x, h, r, _ in rows if part == 1]
    top.sort(key=lambda item: (-(item[1] / n + item[2] / m), item[0]))
    a, b = tuple(h for _, h, _ in top), tuple(r for _, _, r in top)
    new = sorted((-r, x) for part, x, _, r, _ in rows if part == 2)
    lost = sorted((-h, x) for part, x, h, _, _ in rows if part == 3)
    return Distribution(
        bins=tuple(x for x, _, _ in top),
        labels=(*(x for x, _, _ in top), "other"),
        a=(*a, n - sum(a)),
        b=(*b, m - sum(b)),
        is_by_value=True,
        n_new=n_new,
        n_lost=n_lost,
        n_new_rows=n_new_rows,
        new=tuple(x for _, x in new),
        lost=tuple(x for _, x in lost),
    )


def bin_counts(pair: Pair, bins: Sequence[Any]) -> tuple[str, str]:
    """Return the aggregates that count the bins in A and in B."""
    as_text = not pair.is_measured
    return (
        counts(pair.a, bins, as_text=as_text),
        counts(pair.b, bins, as_text=as_text),
    )


def ranges_said(pair: Pair, ends: Sequence[float]) -> tuple[str, ...]:
    """Return the ranges between the ends of bins in words."""
    if not ends:
        return ("all",)
    words = [said(pair, end) for end in ends]
    between = [f"{low} – {high}" for low, high in pairwise(words)]
    return (f"≤ {words[0]}", *between, f"> {words[-1]}")


def said(pair: Pair, value: float) -> str:
    """Return a number, or seconds since 1970 as a date or moment, in words."""
    if pair.kind != "moment":
        return number(value)
    try:
        moment = _EPOCH + timedelta(seconds=value)
    except OverflowError:
        return number(value)
    if pair.a.family == pair.b.family == "date" or value % 86_400 == 0:
        return moment.date().isoformat()
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
