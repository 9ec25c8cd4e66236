"""Correlation ratio of a dimension and a measure, from the moments of each group."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Group
from dsp.inference.groups import anova, welch_anova
from dsp.records import Association
from dsp.statistics.base import chunks
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.moments import ONE

Sums = tuple[int, int, int]


class CorrelationRatio:
    """Share of a measure's spread between the groups of a dimension (eta, 0-1)."""

    name = "correlation_ratio"
    kinds = ("dimension", "measure")

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return eta of each pair with Welch's (or, failing that, the classic) F test."""
        by_dimension: dict[str, list[str]] = {}
        for dimension, measure in pairs:
            by_dimension.setdefault(dimension, []).append(measure)
        together: dict[tuple[str, ...], list[str]] = {}
        for dimension, measures in by_dimension.items():
            together.setdefault(tuple(measures), []).append(dimension)
        found: list[Association] = []
        for listed, dimensions in together.items():
            for some_dimensions in chunks(dimensions, 10):
                for some_measures in chunks(listed, 25):
                    found += _measured(frame, some_dimensions, some_measures)
        return found


def _measured(
    frame: Frame, dimensions: Sequence[str], measures: Sequence[str]
) -> list[Association]:
    """Return the measure of every dimension with every measure, from one scan."""
    keys = [f"g{i}" for i in range(len(dimensions))]
    by = ", ".join(
        f"{frame.column(d).value} as {key}"
        for d, key in zip(dimensions, keys, strict=True)
    )
    z = ", ".join(
        f"{frame.scale(m).sql(frame.column(m).number)} as z{i}"
        for i, m in enumerate(measures)
    )
    listed = ", ".join(keys)
    integers = ", ".join(
        f"cast(z{i} * {ONE}e0 as bigint) as a{i}, "
        f"cast(z{i} * z{i} * {ONE}e0 as bigint) as b{i}"
        for i in range(len(measures))
    )
    terms = ", ".join(f"count(a{i}), sum(a{i}), sum(b{i})" for i in range(len(measures)))
    sets = ", ".join(f"({key})" for key in keys)
    own = " ".join(
        f"when grouping({key}) = 0 and {key} is not null then {i}"
        for i, key in enumerate(keys)
    )
    rows = frame.engine.rows(
        f"select case {own} else -1 end, {terms} from (select {listed}, {integers} "
        f"from (select {by}, {z} from {frame.source})) group by grouping sets ({sets})"
    )
    found = []
    for k, dimension in enumerate(dimensions):
        groups = [row[1:] for row in rows if row[0] == k]
        for i, measure in enumerate(measures):
            sums = [row[3 * i : 3 * i + 3] for row in groups if row[3 * i]]
            found.append(_association(frame, (dimension, measure), sums))
    return found


def _association(frame: Frame, pair: Pair, sums: Sequence[Sums]) -> Association:
    n = sum(row[0] for row in sums)
    groups = [_group(row) for row in sums]
    eta = correlation_ratio(sums)
    by, number = frame.column(pair[0]).value, frame.column(pair[1]).number
    centred = frame.centred(pair[1])
    offset = "" if centred == number else " (moved or scaled as written)"
    evidence = (
        f"-- moments of each group{offset}\n"
        f"select {by} as value, count(*) as n_rows, avg({centred}) as mean, "
        f"var_samp({centred}) as variance\nfrom {frame.source}\n"
        f"where {by} is not null\n    and {number} is not null\ngroup by 1\norder by 1"
    )
    return association(
        pair,
        "correlation_ratio",
        eta,
        n_rows=n,
        evidence_sql=evidence,
        test=None if eta is None else welch_anova(groups) or anova(groups),
        reason=None if eta is not None else "fewer than two groups, or no spread",
    )


def correlation_ratio(sums: Sequence[Sums]) -> float | None:
    """Return eta from n, sum and sum of squares (in 2^-62) of each group, or None."""
    n, total = sum(row[0] for row in sums), sum(row[1] for row in sums)
    squares = sum(row[2] for row in sums)
    spread = n * squares * ONE - total * total
    if len(sums) < 2 or spread <= 0:
        return None
    # n Σ (n total_g - n_g total)² / (n_g n²) over the spread, in exact integers
    between = math.fsum((n * t - m * total) ** 2 / (m * n * spread) for m, t, _ in sums)
    return math.sqrt(max(0.0, min(1.0, between)))


def _group(row: Sums) -> Group:
    n, total, squares = row
    spread = max(0, n * squares * ONE - total * total)
    variance = spread / (n * (n - 1) * ONE * ONE) if n > 1 else 0.0
    return Group(n, total / (n * ONE), variance)


plugin = CorrelationRatio()
