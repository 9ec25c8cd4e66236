"""Proposals for columns that go together: one below another, parts and their total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from dsp.checks.base import Field, count_if
from dsp.checks.rule import rule
from dsp.checks.suggestions.ranges import lower
from dsp.checks.suggestions.record import Seen, Suggestion, tested

MOST_COLUMNS = 30
"""Columns that are tried together at most."""
MOST_PAIRS = 60
LEAST = 100
"""Rows below which nothing is proposed."""
CODES = 10
"""Different values up to which numbers may be codes, whose order means nothing."""
OVERLAP = 0.02
"""An order says something when values of other rows would break it so often."""


def numbers(sample: Sequence[Any]) -> Any:
    """Return a sample as an array, NaN for what is missing."""
    import numpy as np

    return np.array([np.nan if v is None else float(v) for v in sample], dtype=float)


def ordered_pairs(
    columns: Sequence[Field], arrays: dict[str, Any]
) -> list[tuple[Field, Field]]:
    """Return pairs of which the first is never above the second in the sample.

    Columns of numbers are compared with numbers, dates with dates. With the rows of one
    column in another order, `OVERLAP` of the pairs would break the order.
    """
    import numpy as np

    generator = np.random.default_rng(0)
    found = []
    for a, b in combinations(columns[:MOST_COLUMNS], 2):
        if a.is_temporal != b.is_temporal:
            continue
        x, y = arrays[a.name], arrays[b.name]
        both = np.isfinite(x) & np.isfinite(y)
        if both.sum() < 50:
            continue
        x, y = x[both], y[both]
        if min(len(np.unique(x)), len(np.unique(y))) <= CODES:
            continue
        for first, second, low, high in ((a, b, x, y), (b, a, y, x)):
            mixed = np.mean(generator.permutation(low) > high)
            if np.all(low <= high) and mixed >= OVERLAP and np.any(low < high):
                found.append((first, second))
    return found[:MOST_PAIRS]


def sums_of(columns: Sequence[Field], arrays: dict[str, Any]) -> list[tuple[Field, ...]]:
    """Return triples of number columns, the last of which is the sum of the others."""
    import numpy as np

    numeric = [c for c in columns if c.is_numeric][:MOST_COLUMNS]
    found: list[tuple[Field, ...]] = []
    for a, b in combinations(numeric, 2):
        total = arrays[a.name] + arrays[b.name]
        for c in numeric:
            if c in (a, b):
                continue
            off = np.abs(total - arrays[c.name])
            known = np.isfinite(off)
            if known.sum() < 50 or not _is_telling(arrays, (a, b, c), known):
                continue
            if np.all(off[known] <= 1e-9 * np.abs(arrays[c.name][known]) + 1e-9):
                found.append((a, b, c))
    return found


def off_sql(a: Field, b: Field, c: Field) -> str:
    """Return the aggregate that counts the rows where a + b is not c."""
    x, y, z = (f"cast({column.sql} as double)" for column in (a, b, c))
    return count_if(f"abs({x} + {y} - {z}) > 1e-9 * abs({z})")


def orders(seen: Seen, pairs: Sequence[tuple[Field, Field]]) -> Iterator[Suggestion]:
    """Propose that one column is never above another, where the difference says so."""
    found = []
    for a, b in pairs:
        key = ("difference", a.name, b.name)
        whole = seen.blocks.all(key)
        if whole.n < LEAST or whole.low[0] < 0:
            continue
        low = lower(seen, key)
        if low is not None and low.value >= 0:
            found.append((a, b, whole.n, low.n_tests))
    implied = {
        (a.name, c.name)
        for a, b, *_ in found
        for b2, c, *_ in found
        if b.name == b2.name and a.name != c.name
    }
    at_most: dict[str, Any] = {"is": "<="}
    for a, b, n, n_tests in found:
        if (a.name, b.name) not in implied:
            yield Suggestion(
                rule("compare", a.name, b.name, **at_most),
                f"0 of {n:,} rows fail; {tested(n_tests, n_tests)}",
                n_tests,
                n_tests,
            )


def sums(seen: Seen, triples: Sequence[tuple[Field, ...]]) -> Iterator[Suggestion]:
    """Propose that columns add up."""
    for a, b, c in triples:
        if seen.figures.get(off_sql(a, b, c)) == 0 and seen.n_rows >= LEAST:
            yield Suggestion(
                rule("adds_up", a.name, b.name, total=c.name),
                f"0 of {seen.n_rows:,} rows fail",
            )


def _is_telling(arrays: dict[str, Any], triple: Sequence[Field], known: Any) -> bool:
    """Return whether all three vary and none is mostly zero."""
    import numpy as np

    return all(
        np.mean(arrays[c.name][known] != 0) > 0.05 and np.ptp(arrays[c.name][known]) > 0
        for c in triple
    )
