"""Correlation ratio of a dimension and a measure, from the moments of each group."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.inference.base import Group
from dsp.inference.groups import anova, welch_anova
from dsp.records import Association
from dsp.statistics.frame import Frame, Pair, association


class CorrelationRatio:
    """Share of a measure's spread between the groups of a dimension (eta, 0-1)."""

    name = "correlation_ratio"
    kinds = ("dimension", "measure")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return eta of each pair with Welch's (or, failing that, the classic) F test."""
        return [_association(frame, pair) for pair in pairs]


def _association(frame: Frame, pair: Pair) -> Association:
    groups = [group for group in frame.statistics.groups[pair] if group.n]
    n = sum(group.n for group in groups)
    eta = correlation_ratio(groups)
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


def correlation_ratio(groups: Sequence[Group]) -> float | None:
    """Return eta from the moments of each group, or None.

    Examples
    --------
    >>> correlation_ratio([Group(2, 1.0, 0.0), Group(2, 3.0, 0.0)])
    1.0
    """
    n = sum(group.n for group in groups)
    if len(groups) < 2:
        return None
    mean = math.fsum(group.n * group.mean for group in groups) / n
    between = math.fsum(group.n * (group.mean - mean) ** 2 for group in groups)
    within = math.fsum((group.n - 1) * group.variance for group in groups)
    spread = between + within
    return math.sqrt(between / spread) if spread > 0 else None


plugin = CorrelationRatio()
