"""Tests and effects of groups of numbers, from their moments and rank sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from dsp.inference import effects, ranks
from dsp.inference import groups as tests
from dsp.inference.base import Group
from dsp.inference.variance import Variance
from dsp.records import GroupTest
from dsp.statistics.groups.results import MOST_PAIRED, Pair

NO_SPREAD = "fewer than two groups, or no spread within them"
NO_GROUPS = "a group has fewer than two values, or no spread"


@dataclass(frozen=True, slots=True)
class RankSums:
    """Sum of average ranks of each group, and the sum of t³ - t over equal values."""

    sums: tuple[float, ...]
    ties: int


def mean_tests(
    pair: Pair, groups: Sequence[Group], variance: Variance | None, evidence_sql: str
) -> list[GroupTest]:
    """Return the tests of means and variances, and the sizes of their differences.

    Parameters
    ----------
    groups
        In the order of `pair.labels`.
    variance
        The analysis of variance of the groups, where it is known exactly.
    """
    sql, rows = evidence_sql, []
    if len(groups) == 2:
        a, b = groups
        of = dict(zip(("group_a", "group_b"), pair.labels, strict=True))
        rows += [
            pair.test("Welch t test", tests.welch_t(a, b), sql, NO_GROUPS, **of),
            pair.test("Student t test", tests.student_t(a, b), sql, NO_SPREAD, **of),
            pair.effect(
                "mean_difference", effects.mean_difference(a, b), sql, NO_GROUPS, **of
            ),
            pair.effect("cohens_d", effects.cohens_d(a, b), sql, NO_SPREAD, **of),
            pair.effect("hedges_g", effects.hedges_g(a, b), sql, NO_SPREAD, **of),
        ]
    anova = tests.anova(groups) if variance is None else variance.test
    rows += [
        pair.test("one-way ANOVA", anova, sql, NO_SPREAD),
        pair.test("Welch ANOVA", tests.welch_anova(groups), sql, NO_GROUPS),
        pair.test("Bartlett test", tests.bartlett(groups), sql, NO_GROUPS),
    ]
    found = (
        effects.shares_of_spread(
            anova.statistic, round(anova.df or 0), round(anova.df_residual or 0)
        )
        if anova
        else ()
    )
    named = ("eta_squared", "omega_squared", "epsilon_squared")
    for name, one in zip(named, found or (None,) * 3, strict=True):
        rows.append(pair.effect(name, one, sql, NO_SPREAD))
    return rows


def spread_rows(
    pair: Pair, variance: Variance | None, evidence_sql: str
) -> list[GroupTest]:
    """Return the sums of squares of an analysis of variance."""
    if variance is None:
        return []
    figures = {
        "ss_between": (variance.between, variance.df_between),
        "ss_within": (variance.within, variance.df_within),
        "residual_sd": (variance.residual_sd, variance.df_within),
    }
    return [
        pair.row("spread", name, evidence_sql, value=value, df=df)
        for name, (value, df) in figures.items()
    ]


def paired_tests(
    pair: Pair, groups: Sequence[Group], evidence_sql: str
) -> list[GroupTest]:
    """Return Welch's t and the difference of every two of a few groups."""
    if not 2 < len(groups) <= MOST_PAIRED:
        return []
    rows = []
    for (a, one), (b, two) in combinations(zip(pair.labels, groups, strict=True), 2):
        of = {"group_a": a, "group_b": b}
        test, effect = tests.welch_t(one, two), effects.mean_difference(one, two)
        rows.append(pair.test("Welch t test", test, evidence_sql, NO_GROUPS, **of))
        rows.append(pair.effect("mean_difference", effect, evidence_sql, NO_GROUPS, **of))
    return rows


def rank_tests(
    pair: Pair, sizes: Sequence[int], found: RankSums | None, sql: str, reason: str = ""
) -> list[GroupTest]:
    """Return the tests of ranks and their effects, or why there are none."""
    why = reason or "fewer than two groups, or all values are equal"
    kruskal = ranks.kruskal(found.sums, sizes, ties=found.ties) if found else None
    epsilon = ranks.epsilon_squared(kruskal, sum(sizes)) if kruskal else None
    rows = [pair.test("Kruskal-Wallis test", kruskal, sql, why)]
    rows.append(pair.effect("epsilon_squared_ranks", epsilon, sql, why))
    if epsilon is not None:
        rows[-1] = pair.row("effect", epsilon.name, sql, value=epsilon.value)
    if len(sizes) != 2:
        return rows
    of = dict(zip(("group_a", "group_b"), pair.labels, strict=True))
    whitney = delta = None
    if found:
        whitney = ranks.mann_whitney(found.sums[0], *sizes, ties=found.ties)
        delta = ranks.rank_biserial(found.sums[0], *sizes)
    rows.append(pair.test("Mann-Whitney U test", whitney, sql, why, **of))
    rows.append(pair.effect("cliffs_delta", delta, sql, why, **of))
    return rows
