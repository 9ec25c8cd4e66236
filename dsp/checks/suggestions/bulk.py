"""Proposals for numbers with exceptions: nearly all values lie within narrow limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dsp.checks.base import Field
from dsp.checks.rule import rule
from dsp.checks.rules import share_near
from dsp.checks.suggestions.extremes import reach
from dsp.checks.suggestions.ranges import SNAP, written
from dsp.checks.suggestions.record import Seen, Suggestion, held, tested
from dsp.checks.suggestions.summaries import Split, Summary
from dsp.numbers import share

LEAST = 200
"""Values below which an exception cannot be told from the rest."""
EXCEPTIONS = 1e-3
"""Share of values on either side that may be exceptions."""
NARROWER = 0.5
"""A limit must be so much closer than the exceptions that it says something."""
STEADY = 0.005
"""The share of exceptions may wander so much from block to block."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Narrow limits, None where the tail is too heavy even without exceptions."""

    low: float | None
    high: float | None


def limits_of(summary: Summary) -> Limits:
    """Return limits that hold but for `EXCEPTIONS` of the values on either side."""
    skip = math.ceil(EXCEPTIONS * summary.n)
    high, low = reach(summary, skip=skip), reach(summary.turned(), skip=skip)
    low = None if low is None else -low
    if low is not None and low < 0 <= summary.low[0] and low > -SNAP * summary.mean:
        low = 0.0
    return Limits(low, high)


def outside(summary: Summary, limits: Limits) -> int | None:
    """Return how many values lie outside limits; None when too few were kept."""
    n = 0
    sides = ((summary, limits.high), (summary.turned(), limits.low))
    for i, (side, limit) in enumerate(sides):
        if limit is None:
            continue
        bound = -limit if i else limit
        beyond = sum(x > bound for x in side.high)
        if beyond == len(side.high) < side.n:
            return None
        n += beyond
    return n


def bulk(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that few values lie outside narrow limits."""
    key = (column.name,)
    whole = seen.blocks.all(key)
    if whole.n < LEAST:
        return
    limits = limits_of(whole)
    n_out = outside(whole, limits)
    if n_out is None or (limits.low is None and limits.high is None):
        return
    drift = _drift(seen, key, limits)
    if drift is None or drift > STEADY:
        return

    def test(split: Split) -> bool | None:
        train = seen.blocks.of(key, split.way, split.train)
        check = seen.blocks.of(key, split.way, split.test)
        if train.n < LEAST or check.n_rows < share_near.LEAST:
            return None
        learned = limits_of(train)
        known, found = outside(train, learned), outside(check, learned)
        if known is None or found is None:
            return False
        p = known / train.n_rows
        off = math.sqrt(p * (1 - p) / check.n_rows + drift**2) * share_near.ERRORS
        return found / check.n_rows - p <= off + share_near.SKEWNESS / check.n_rows

    n_held, n_tests = held(seen.blocks.splits, test)
    if not n_tests or n_held < n_tests:
        return
    given = {
        name: written(column, limit, extreme, down=down)
        for name, limit, extreme, down in (
            ("min", limits.low, whole.mean, True),
            ("max", limits.high, whole.mean, False),
        )
        if limit is not None
    }
    known = float(f"{n_out / whole.n_rows:.4g}")
    yield Suggestion(
        rule(
            "share_near",
            column.name,
            share=known,
            drift=float(f"{drift:.4g}"),
            severity="warning",
            **given,
        ),
        f"{n_out:,} of {whole.n_rows:,} rows lie outside ({share(known)}); "
        f"{tested(n_tests, n_tests)}",
        n_tests,
        n_tests,
    )


def _drift(seen: Seen, key: tuple[str, ...], limits: Limits) -> float | None:
    """Return how far the share outside wanders between blocks, beyond chance."""
    found = 0.0
    for way in seen.blocks.ways:
        rates = []
        for block in seen.blocks.each(key, way):
            n = outside(block, limits)
            if n is None:
                return None
            rates.append((block.n_rows, n / block.n_rows))
        total = sum(n for n, _ in rates)
        mean = sum(n * r for n, r in rates) / total
        between = sum((r - mean) ** 2 for _, r in rates) / max(len(rates) - 1, 1)
        chance = mean * (1 - mean) * sum(1 / n for n, _ in rates) / len(rates)
        found = max(found, math.sqrt(max(0.0, between - chance)))
    return found
