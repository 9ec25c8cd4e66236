"""Proposals for values: closed lists, shares, missing values, means, variety."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dsp.checks.base import Field, label
from dsp.checks.rule import rule
from dsp.checks.rules import mean_near, share_near
from dsp.checks.suggestions.record import Seen, Suggestion, held, tested
from dsp.checks.suggestions.summaries import N_BLOCKS, Split, Summary
from dsp.numbers import counted, share

MOST_VALUES = 100
"""Values that a proposed list has at most."""
LEAST = 50
"""Rows below which nothing is said about frequencies."""
RARE = 3
"""A list is proposed when even its rarest value has occurred so often."""
STEADY = 0.5
"""A mean is proposed when it wanders by no more than this share of the deviation."""
DIGITS = 4


def value_sql(column: Field) -> str:
    """Return SQL of a value as it is counted."""
    return f"cast({column.sql} as varchar)" if column.family == "enum" else column.sql


def closed(seen: Seen, column: Field) -> tuple[list[Any], int] | None:
    """Return the values of a column that gets no others, with the number of tests.

    No value is rare, so that by Good and Turing hardly any unseen ones are left; and the
    values of every part of the rows are among those of the other part.
    """
    key, n = column.name, seen.n_values(column)
    if key not in seen.words or n < LEAST:
        return None
    counts = seen.words.all(key)
    if not 1 <= len(counts) <= min(MOST_VALUES, n // 10) or min(counts.values()) < RARE:
        return None

    def test(split: Split) -> bool | None:
        train = seen.words.of(key, split.way, split.train)
        check = seen.words.of(key, split.way, split.test)
        return set(check) <= set(train) if train and check else None

    n_held, n_tests = held(seen.blocks.splits, test)
    if not n_tests or n_held < n_tests:
        return None
    return sorted(counts), n_tests


def lists(seen: Seen, column: Field, values: list[Any], n_tests: int) -> Suggestion:
    """Propose a closed list."""
    least = min(seen.words.all(column.name).values())
    return Suggestion(
        rule("one_of", column.name, values=values),
        f"{counted(len(values), 'value')} in {seen.n_values(column):,} rows, the rarest "
        f"{least:,} times; {tested(n_tests, n_tests)}",
        n_tests,
        n_tests,
    )


def missing(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that no value is missing, or no more than usual."""
    n, n_values = seen.n_rows, seen.n_values(column)
    if n < 20 or not n_values:
        return
    if n_values == n:
        yield Suggestion(rule("not_null", column.name), f"0 of {n:,} rows fail")
        return
    key = (column.name,) if column.name in _measured(seen) else ("missing", column.name)

    def of(summary: Summary) -> tuple[int, int]:
        if key[0] == "missing":
            return summary.n_rows, round(summary.mean * summary.n)
        return summary.n_rows, summary.n_rows - summary.n

    found = _share(seen, key, of)
    if found is not None:
        known, drift, n_tests = found
        yield Suggestion(
            rule("share_near", column.name, share=known, drift=drift, severity="warning"),
            f"{n - n_values:,} of {n:,} rows have no value ({share(known)}); "
            f"{tested(n_tests, n_tests)}",
            n_tests,
            n_tests,
        )


def variety(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that a column is not constant."""
    key = (column.name,)
    if key in seen.blocks and seen.n_values(column) >= LEAST:
        parts = [b for b in seen.blocks.each(key, "row") if b.n]
        is_varied = bool(parts) and all(b.low[0] < b.high[0] for b in parts)
    elif column.name in seen.words:
        words = [seen.words.of(column.name, "row", (block,)) for block in range(N_BLOCKS)]
        is_varied = all(len(word) > 1 for word in words if word) and bool(words)
    else:
        n = seen.count(f"approx_count_distinct({column.sql})")
        is_varied = n > 10 and column.family in ("text", "enum")
    if is_varied and seen.n_values(column) >= LEAST:
        yield Suggestion(rule("varies", column.name), "every block of rows varies")


def means(seen: Seen, column: Field, key: tuple[str, ...]) -> Iterator[Suggestion]:
    """Propose that the mean of numbers, or of lengths, stays near the known one."""
    whole = seen.blocks.all(key)
    if whole.n < LEAST * 2 or whole.sd == 0:
        return
    drift = _drift(seen, key, lambda s: (s.n, s.mean, s.sd**2))
    if drift > STEADY * whole.sd:
        return

    def test(split: Split) -> bool | None:
        train = seen.blocks.of(key, split.way, split.train)
        check = seen.blocks.of(key, split.way, split.test)
        if check.n < mean_near.LEAST or train.n < LEAST:
            return None
        off = math.sqrt(train.sd**2 / check.n + drift**2)
        return abs(check.mean - train.mean) <= mean_near.ERRORS * off

    n_held, n_tests = held(seen.blocks.splits, test)
    if not n_tests or n_held < n_tests:
        return
    given: dict[str, Any] = {
        "mean": _plain(whole.mean),
        "sd": _plain(whole.sd),
        "drift": _plain(drift),
    }
    yield Suggestion(
        rule("mean_near", column.name, severity="warning", **given),
        f"the mean of {whole.n:,} values wanders by {given['drift']} from block to "
        f"block; {tested(n_tests, n_tests)}",
        n_tests,
        n_tests,
    )


def shares(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that the most frequent value of a list stays as frequent as it is."""
    counts: Mapping[Any, int] = seen.words.all(column.name)
    value = min(counts, key=lambda v: (-counts[v], str(v)))
    if not 2 <= len(counts) <= 20 or isinstance(value, float):
        return
    key = column.name

    def of(way: str, blocks: Sequence[int]) -> tuple[int, int]:
        part = seen.words.of(key, way, blocks)
        return sum(part.values()), part.get(value, 0)

    n_null = seen.n_rows - seen.n_values(column)
    found = None if n_null else _share_by(seen, of)
    if found is not None:
        known, drift, n_tests = found
        yield Suggestion(
            rule(
                "share_near",
                column.name,
                share=known,
                value=value,
                drift=drift,
                severity="warning",
            ),
            f"{label(str(value))} in {counts[value]:,} of {seen.n_rows:,} rows; "
            f"{tested(n_tests, n_tests)}",
            n_tests,
            n_tests,
        )


def _measured(seen: Seen) -> set[str]:
    return {c.name for c in seen.columns if (c.name,) in seen.blocks}


def _share(
    seen: Seen, key: tuple[str, ...], of: Callable[[Summary], tuple[int, int]]
) -> tuple[float, float, int] | None:
    return _share_by(seen, lambda way, blocks: of(seen.blocks.of(key, way, blocks)))


def _share_by(
    seen: Seen, of: Callable[[str, Sequence[int]], tuple[int, int]]
) -> tuple[float, float, int] | None:
    """Return a share, how far it wanders, and the tests that it held on; else None."""
    n, k = of("row", range(N_BLOCKS))
    if n < LEAST:
        return None
    known, drift = k / n, 0.0
    for way in seen.blocks.ways:
        parts = [(a, b) for i in range(N_BLOCKS) if (a := (b := of(way, (i,)))[0])]
        rates = [(a, b[1] / a, known * (1 - known)) for a, b in parts]
        drift = max(drift, _wandering(rates))
    if drift > STEADY * max(math.sqrt(known * (1 - known)), 1e-9):
        return None

    def test(split: Split) -> bool | None:
        (n_train, k_train), (n_test, k_test) = (
            of(split.way, split.train),
            of(split.way, split.test),
        )
        if n_test < share_near.LEAST or n_train < LEAST:
            return None
        p = k_train / n_train
        off = math.sqrt(p * (1 - p) / n_test + drift**2) * share_near.ERRORS
        return abs(k_test / n_test - p) <= off + share_near.SKEWNESS / n_test

    n_held, n_tests = held(seen.blocks.splits, test)
    if not n_tests or n_held < n_tests:
        return None
    return _plain(known), _plain(drift), n_tests


def _drift(
    seen: Seen, key: tuple[str, ...], of: Callable[[Summary], tuple[int, float, float]]
) -> float:
    return max(
        _wandering([of(block) for block in seen.blocks.each(key, way) if block.n > 1])
        for way in seen.blocks.ways
    )


def _wandering(parts: list[tuple[int, float, float]]) -> float:
    """Return the deviation of means between blocks that chance does not explain.

    Parameters
    ----------
    parts
        Values, mean and variance of each block.
    """
    if len(parts) < 2:
        return 0.0
    mean = sum(m for _, m, _ in parts) / len(parts)
    between = sum((m - mean) ** 2 for _, m, _ in parts) / (len(parts) - 1)
    chance = sum(v / n for n, _, v in parts) / len(parts)
    return math.sqrt(max(0.0, between - chance))


def _plain(value: float) -> float:
    """Return a figure with few digits, as it is written."""
    return float(f"{value:.{DIGITS}g}")
