"""Tests of groups against scipy and statsmodels on seeded random data."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from dsp.inference import effects, ranks
from dsp.inference import groups as group_tests
from dsp.inference.base import Group
from dsp.inference.base import Test as Outcome
from dsp.inference.variance import Sums, analysis_of_variance, group_of

MANY = settings(max_examples=60, deadline=None, derandomize=True)
SAMPLES = st.lists(
    st.lists(st.integers(-400, 400), min_size=1, max_size=30), min_size=2, max_size=5
)


def moments(values: object) -> Group:
    x = np.asarray(values, dtype=float)
    return Group(len(x), float(x.mean()), float(x.var(ddof=1)) if len(x) > 1 else 0.0)


def ranked(samples: list[list[int]]) -> tuple[list[float], list[int], int]:
    joined = np.concatenate(samples)
    listed = stats.rankdata(joined)
    sizes = [len(x) for x in samples]
    parts = np.split(listed, np.cumsum(sizes)[:-1])
    _, repeats = np.unique(joined, return_counts=True)
    ties = int((repeats**3 - repeats).sum())
    return [float(part.sum()) for part in parts], sizes, ties


def agrees(found: Outcome | None, statistic: float, p_value: float) -> None:
    """Hold that ours is theirs."""
    assert found is not None
    if not math.isfinite(p_value):
        # Rounding leaves scipy a tiny negative F or chi-square, without a p value.
        assert statistic == pytest.approx(0, abs=1e-9)
        p_value = 1.0
    assert found.statistic == pytest.approx(statistic, rel=1e-9, abs=1e-9)
    assert found.p_value == pytest.approx(p_value, rel=1e-9, abs=1e-300)


@MANY
@given(SAMPLES)
def test_tests_of_means_agree(samples: list[list[int]]) -> None:
    found = [moments(x) for x in samples]
    a, b = samples[:2]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        welch = stats.ttest_ind(a, b, equal_var=False)
        student = stats.ttest_ind(a, b)
        one = stats.ttest_1samp(a, 3.5)
        anova = stats.f_oneway(*samples)
    # Without spread scipy has rounding noise or infinity in place of "not defined".
    if min(len(a), len(b)) > 1 and found[0].variance + found[1].variance > 0:
        agrees(group_tests.welch_t(*found[:2]), *welch)
    else:
        assert group_tests.welch_t(*found[:2]) is None
    if found[0].variance + found[1].variance > 0:
        agrees(group_tests.student_t(*found[:2]), *student)
    if found[0].variance > 0:
        agrees(group_tests.one_sample_t(found[0], 3.5), *one)
    if any(g.variance > 0 for g in found):
        agrees(group_tests.anova(found), *anova)


@MANY
@given(SAMPLES)
def test_tests_of_unequal_groups_agree(samples: list[list[int]]) -> None:
    found = [moments(x) for x in samples]
    if any(g.n < 2 or g.variance == 0 for g in found):
        assert group_tests.welch_anova(found) is None
        assert group_tests.bartlett(found) is None
        return
    welch = anova_oneway(samples, use_var="unequal")
    agrees(group_tests.welch_anova(found), welch.statistic, welch.pvalue)
    agrees(
        group_tests.bartlett(found),
        *stats.bartlett(*(np.array(x, dtype=float) for x in samples)),
    )
    away = [np.abs(np.array(x) - np.median(x)) for x in samples]
    if sum(moments(x).variance for x in away) > 0:
        expected = stats.levene(*samples, center="median")
        agrees(group_tests.brown_forsythe([moments(x) for x in away]), *expected)


@MANY
@given(SAMPLES)
def test_tests_of_ranks_agree(samples: list[list[int]]) -> None:
    sums, sizes, ties = ranked(samples)
    if len(set(np.concatenate(samples))) > 1:
        expected = tuple(stats.kruskal(*samples))
        if abs(expected[0]) < 1e-9:
            # Equal sums of ranks: what scipy has left is rounding.
            expected = (0.0, 1.0)
        agrees(ranks.kruskal(sums, sizes, ties=ties), *expected)
    a, b = samples[:2]
    sums, _, ties = ranked([a, b])
    if len({*a, *b}) > 1:
        expected = stats.mannwhitneyu(a, b)
        agrees(ranks.mann_whitney(sums[0], len(a), len(b), ties=ties), *expected)
    delta = ranks.rank_biserial(sums[0], len(a), len(b))
    assert delta is not None
    brute = np.sign(np.subtract.outer(a, b)).mean()
    assert delta.value == pytest.approx(brute, abs=1e-12)
    if delta.low is not None and delta.high is not None:
        assert -1 <= delta.low <= delta.value <= delta.high <= 1


@MANY
@given(SAMPLES, st.sampled_from([0, 10**6, 10**12]))
def test_exact_sums_give_the_analysis_of_variance(
    samples: list[list[int]], level: int
) -> None:
    # In tenths, around an origin: what plain sums of squares lose at 10^12.
    unit, origin = Fraction(1, 10), Fraction(level)
    sums = [Sums(len(x), sum(x), sum(v * v for v in x)) for x in samples]
    found = analysis_of_variance(sums, unit)
    assert found is not None
    means = [Fraction(sum(x), len(x)) for x in samples]
    joined = [v for x in samples for v in x]
    grand = Fraction(sum(joined), len(joined))
    between = sum(len(x) * (m - grand) ** 2 for x, m in zip(samples, means, strict=True))
    within = sum((v - m) ** 2 for x, m in zip(samples, means, strict=True) for v in x)
    assert found.between == pytest.approx(float(between / 100), rel=1e-15)
    assert found.within == pytest.approx(float(within / 100), rel=1e-15)
    if within > 0 and len(joined) > len(samples):
        agrees(found.test, *stats.f_oneway(*samples))
        assert found.eta_squared == pytest.approx(float(between / (between + within)))
        residual = math.sqrt(within / 100 / (len(joined) - len(samples)))
        assert found.residual_sd == pytest.approx(residual, rel=1e-15)
    group = group_of(sums[0], unit, origin)
    assert group.mean == pytest.approx(float(origin + means[0] / 10), rel=1e-16)
    assert group.variance == pytest.approx(moments(samples[0]).variance / 100, rel=1e-12)


def test_huge_groups_by_their_moments() -> None:
    a, b = Group(10**12, 5.0, 4.0), Group(3 * 10**12, 5.00001, 9.0)
    t = -0.00001 / math.sqrt(4e-12 + 3e-12)
    found = group_tests.welch_t(a, b)
    assert found is not None
    assert found.statistic == pytest.approx(t, rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(-t), rel=1e-9)
    difference = effects.mean_difference(a, b)
    assert difference is not None
    half = stats.norm.ppf(0.975) * math.sqrt(7e-12)
    expected = (-0.00001 - half, -0.00001 + half)
    assert (difference.low, difference.high) == pytest.approx(expected, rel=1e-9)
    d = effects.cohens_d(a, b)
    assert d is not None
    assert d.value == pytest.approx(-0.00001 / math.sqrt((4 + 27) / 4), rel=1e-9)


@pytest.mark.parametrize(("n_a", "n_b"), [(2, 2), (3, 5), (12, 40), (300, 200)])
def test_effects_of_two_groups_agree(n_a: int, n_b: int) -> None:
    rng = np.random.default_rng(n_a)
    x, y = rng.normal(1, 2, n_a), rng.normal(0, 1, n_b)
    a, b = moments(x), moments(y)
    difference = effects.mean_difference(a, b)
    expected = stats.ttest_ind(x, y, equal_var=False).confidence_interval()
    assert difference is not None
    assert (difference.low, difference.high) == pytest.approx(tuple(expected), rel=1e-9)
    pooled = ((n_a - 1) * x.var(ddof=1) + (n_b - 1) * y.var(ddof=1)) / (n_a + n_b - 2)
    d = effects.cohens_d(a, b)
    assert d is not None
    assert d.low is not None
    assert d.high is not None
    assert d.value == pytest.approx((x.mean() - y.mean()) / math.sqrt(pooled), rel=1e-9)
    t = stats.ttest_ind(x, y).statistic
    factor = math.sqrt(n_a * n_b / (n_a + n_b))
    df = n_a + n_b - 2
    # By definition t stands at the 97.5 and 2.5 % points of the ends.
    assert stats.nct.cdf(t, df, d.low * factor) == pytest.approx(0.975, abs=1e-9)
    assert stats.nct.cdf(t, df, d.high * factor) == pytest.approx(0.025, abs=1e-9)
    g = effects.hedges_g(a, b)
    if df >= 2:
        gamma = math.gamma if df < 300 else None
        assert g is not None
        if gamma:
            j = gamma(df / 2) / (math.sqrt(df / 2) * gamma((df - 1) / 2))
            assert g.value == pytest.approx(d.value * j, rel=1e-9)


def test_large_and_small_sample_intervals_of_d_meet() -> None:
    b = Group(20_000, 0.0, 1.0)
    small = effects.cohens_d(Group(20_000, 2.999, 1.0), b)
    large = effects.cohens_d(Group(20_000, 3.001, 1.0), b)
    assert small is not None
    assert large is not None
    assert (small.method, large.method) == ("noncentral t", "normal, large sample")
    assert small.low == pytest.approx(large.low, rel=1e-3)
    assert small.high == pytest.approx(large.high, rel=1e-3)


@pytest.mark.parametrize(
    ("f", "df", "rest"),
    [(0.2, 2, 9), (1.7, 3, 40), (9.0, 5, 300), (4.0, 2, 250_000), (900.0, 8, 5_000_000)],
)
def test_shares_of_spread_agree(f: float, df: int, rest: int) -> None:
    eta, omega, epsilon = effects.shares_of_spread(f, df, rest)
    assert eta is not None
    assert omega is not None
    assert epsilon is not None
    n = df + rest + 1
    between, within = f * df, float(rest)
    mean_square = within / rest
    total = between + within
    assert eta.value == pytest.approx(between / total, rel=1e-9)
    expected = max(0.0, (between - df * mean_square) / (total + mean_square))
    assert omega.value == pytest.approx(expected, rel=1e-9)
    expected = max(0.0, (between - df * mean_square) / total)
    assert epsilon.value == pytest.approx(expected, rel=1e-9)
    for end, p in ((eta.low, 0.975), (eta.high, 0.025)):
        assert end is not None
        if end == 0:
            assert stats.f.cdf(f, df, rest) <= p
            continue
        nc = end * n / (1 - end)
        assert stats.ncf.cdf(f, df, rest, nc) == pytest.approx(p, abs=1e-9)


def test_undefined_tests_of_groups_are_none() -> None:
    one, flat, empty = Group(1, 2.0, 0.0), Group(5, 1.0, 0.0), Group(0, 0.0, 0.0)
    huge = Group(5, 1e308, 1e308)
    for pair in ((one, flat), (flat, flat), (empty, flat)):
        assert group_tests.welch_t(*pair) is None
        assert group_tests.student_t(*pair) is None
        assert group_tests.anova(pair) is None
        assert group_tests.bartlett(pair) is None
        assert group_tests.brown_forsythe(pair) is None
        assert effects.cohens_d(*pair) is None
        assert effects.hedges_g(*pair) is None
    assert group_tests.one_sample_t(one) is None
    assert group_tests.anova([huge, Group(5, -1e308, 1e308)]) is None
    assert effects.mean_difference(empty, flat) is None
    alone = effects.mean_difference(one, flat)
    assert alone is not None
    assert (alone.value, alone.low, alone.high) == (1.0, None, None)
    assert effects.shares_of_spread(1.0, 0, 5) == ()
    assert ranks.mann_whitney(1.0, 0, 3) is None
    assert ranks.mann_whitney(10.5, 3, 3, ties=210) is None
    assert ranks.rank_biserial(0.0, 0, 2) is None
    assert analysis_of_variance([Sums(3, 1, 1), Sums(0, 0, 0)], Fraction(1)) is None
    flat_sums = analysis_of_variance([Sums(2, 2, 2), Sums(2, 2, 2)], Fraction(1))
    assert flat_sums is not None
    assert (flat_sums.f, flat_sums.eta_squared, flat_sums.test) == (None, None, None)
