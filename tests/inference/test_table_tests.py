"""Tests of tables and shares against scipy and statsmodels on seeded random counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import contingency
from statsmodels.stats import proportion

from dsp.inference import proportions, tables

MANY = settings(max_examples=80, deadline=None, derandomize=True)
SQUARE = st.lists(
    st.lists(st.integers(0, 60), min_size=2, max_size=2), min_size=2, max_size=2
)
TABLE = st.integers(2, 4).flatmap(
    lambda m: st.lists(
        st.lists(st.integers(0, 50), min_size=m, max_size=m), min_size=2, max_size=5
    )
)


def trimmed(table: list[list[int]]) -> np.ndarray:
    counts = np.array(table)
    return counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]


@MANY
@given(TABLE)
def test_tests_of_tables_agree(table: list[list[int]]) -> None:
    full = trimmed(table)
    if min(full.shape) < 2:
        assert tables.chi_square(table) is None
        assert tables.g_test(table) is None
        assert tables.cramers_v_effect(table) is None
        return
    for found, kind in (
        (tables.chi_square(table), None),
        (tables.g_test(table), "log-likelihood"),
    ):
        expected = stats.chi2_contingency(full, correction=False, lambda_=kind)
        assert found is not None
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.df == expected.dof
        assert tables.least_expected(table) == pytest.approx(
            expected.expected_freq.min(), rel=1e-12
        )
    v = tables.cramers_v_effect(table)
    if v is None:
        return
    assert v.value == tables.cramers_v(table)
    x = stats.chi2_contingency(full, correction=False).statistic
    scale = full.sum() * (min(full.shape) - 1)
    df = (full.shape[0] - 1) * (full.shape[1] - 1)
    for end, p in ((v.low, 0.975), (v.high, 0.025)):
        assert end is not None
        if 0 < end < 1:
            chance = stats.ncx2.cdf(x, df, end * end * scale)
            assert chance == pytest.approx(p, abs=1e-8)


@MANY
@given(SQUARE)
def test_tables_of_two_by_two_agree(table: list[list[int]]) -> None:
    (a, b), (c, d) = table
    if min(a + b, c + d, a + c, b + d) == 0:
        assert tables.fisher_exact(table) is None
        assert tables.phi(table) is None
        return
    fisher = tables.fisher_exact(table)
    assert fisher is not None
    assert fisher.p_value == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    phi = tables.phi(table)
    assert phi is not None
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    assert abs(phi.value) == pytest.approx(math.sqrt(chi2 / (a + b + c + d)), rel=1e-9)
    odds = tables.odds_ratio(table)
    if min(a, b, c, d) == 0:
        assert odds is None
        return
    expected = contingency.odds_ratio(table, kind="sample")
    interval = expected.confidence_interval()
    assert odds is not None
    assert (odds.value, odds.low, odds.high) == pytest.approx(
        (expected.statistic, interval.low, interval.high), rel=1e-9
    )


@settings(max_examples=15, deadline=None, derandomize=True)
@given(SQUARE)
def test_the_conditional_odds_ratio_agrees(table: list[list[int]]) -> None:
    (a, b), (c, d) = table
    assume(min(a, b, c, d) > 0)
    found = tables.conditional_odds_ratio(table)
    expected = contingency.odds_ratio(table, kind="conditional")
    interval = expected.confidence_interval()
    assert found is not None
    # scipy looks for its roots to 1e-12 of the odds ratio or its inverse.
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.statistic, interval.low, interval.high), rel=1e-6
    )


def test_fisher_with_many_rows_agrees() -> None:
    table = [[3, 2_000], [40, 1_000_000]]
    found = tables.fisher_exact(table)
    assert found is not None
    # Exact whole numbers, since scipy's logarithms keep nine digits of these.
    row, column, n = 2_003, 43, 1_002_043
    ways = [math.comb(row, x) * math.comb(n - row, column - x) for x in range(44)]
    exact = sum(w for w in ways if w <= ways[3]) / math.comb(n, column)
    assert found.p_value == pytest.approx(exact, rel=1e-10)


@MANY
@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 500), st.integers(1, 500))
def test_shares_agree(hits_a: int, n_a: int, hits_b: int, n_b: int) -> None:
    assume(hits_a <= n_a and hits_b <= n_b)
    wilson = proportion.proportion_confint(hits_a, n_a, method="wilson")
    found = proportions.share_interval(hits_a, n_a)
    assert found == pytest.approx(wilson, rel=1e-9, abs=1e-12)
    newcombe = proportion.confint_proportions_2indep(
        hits_a, n_a, hits_b, n_b, method="newcomb", compare="diff"
    )
    difference = proportions.risk_difference(hits_a, n_a, hits_b, n_b)
    assert difference is not None
    assert (difference.low, difference.high) == pytest.approx(
        newcombe, rel=1e-9, abs=1e-12
    )
    test = proportions.two_proportions(hits_a, n_a, hits_b, n_b)
    if 0 < hits_a + hits_b < n_a + n_b:
        z, p = proportion.proportions_ztest([hits_a, hits_b], [n_a, n_b])
        assert test is not None
        assert (test.statistic, test.p_value) == pytest.approx(
            (z, p), rel=1e-9, abs=1e-12
        )
    else:
        assert test is None
    ratio = proportions.risk_ratio(hits_a, n_a, hits_b, n_b)
    if min(hits_a, hits_b) == 0:
        assert ratio is None
        return
    expected = contingency.relative_risk(hits_a, n_a, hits_b, n_b)
    interval = expected.confidence_interval()
    assert ratio is not None
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(
        (expected.relative_risk, interval.low, interval.high), rel=1e-9
    )


def test_undefined_shares_are_none() -> None:
    assert proportions.share_interval(0, 0) is None
    assert proportions.risk_difference(0, 0, 1, 2) is None
    assert proportions.risk_ratio(1, 2, 0, 5) is None
    assert tables.conditional_odds_ratio([[0, 3], [2, 5]]) is None
    assert tables.least_expected([[0, 0], [0, 0]]) is None
