"""Tests on sufficient statistics against scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.proportion import proportions_ztest

from dsp.inference import correlation, multiplicity, proportions, ranks, tables
from dsp.inference import groups as group_tests
from dsp.inference.base import Group

RNG = np.random.default_rng(17)
SAMPLES = [RNG.normal(m, s, n) for m, s, n in ((0, 1, 40), (0.4, 2, 25), (0.1, 0.5, 60))]
TABLE = [[12, 5, 9], [3, 14, 8]]


def groups() -> list[Group]:
    return [Group(len(x), x.mean(), x.var(ddof=1)) for x in SAMPLES]


def test_pearson_agrees_with_scipy() -> None:
    x, y = RNG.normal(size=30), RNG.normal(size=30)
    expected = stats.pearsonr(x, y)
    found = correlation.pearson_test(expected.statistic, 30)
    assert found is not None
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    interval = correlation.fisher_interval(expected.statistic, 30)
    assert interval == pytest.approx(tuple(expected.confidence_interval()), rel=1e-9)


def test_welch_t_agrees_with_scipy() -> None:
    a, b = groups()[:2]
    expected = stats.ttest_ind(SAMPLES[0], SAMPLES[1], equal_var=False)
    found = group_tests.welch_t(a, b)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.df == pytest.approx(expected.df, rel=1e-9)


def test_anova_agrees_with_scipy() -> None:
    expected = stats.f_oneway(*SAMPLES)
    found = group_tests.anova(groups())
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_welch_anova_agrees_with_statsmodels() -> None:
    expected = anova_oneway(SAMPLES, use_var="unequal")
    found = group_tests.welch_anova(groups())
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_chi_square_agrees_with_scipy() -> None:
    expected = stats.chi2_contingency(TABLE, correction=False)
    found = tables.chi_square(TABLE)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert (found.p_value, found.df) == pytest.approx((expected.pvalue, expected.dof))


def test_kruskal_agrees_with_scipy_with_ties() -> None:
    samples = [np.round(x, 1) for x in SAMPLES]
    listed = stats.rankdata(np.concatenate(samples))
    sizes = [len(x) for x in samples]
    parts = np.split(listed, np.cumsum(sizes)[:-1])
    _, repeats = np.unique(listed, return_counts=True)
    expected = stats.kruskal(*samples)
    found = ranks.kruskal(
        [part.sum() for part in parts], sizes, ties=int((repeats**3 - repeats).sum())
    )
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_two_proportions_agree_with_statsmodels() -> None:
    z, p = proportions_ztest([30, 45], [200, 210])
    found = proportions.two_proportions(30, 200, 45, 210)
    assert found is not None
    assert (found.statistic, found.p_value) == pytest.approx((z, p), rel=1e-9)


@pytest.mark.parametrize(
    ("adjust", "method"),
    [(multiplicity.holm, "holm"), (multiplicity.benjamini_hochberg, "fdr_bh")],
)
def test_adjusted_p_values_agree_with_statsmodels(adjust: object, method: str) -> None:
    p = [*RNG.random(20), 0.001, 0.001, 0.02]
    assert callable(adjust)
    assert adjust(p) == pytest.approx(multipletests(p, method=method)[1], rel=1e-12)
    assert adjust([]) == []


def test_undefined_tests_are_none() -> None:
    flat = [Group(5, 1.0, 0.0), Group(5, 1.0, 0.0)]
    assert group_tests.welch_t(*flat) is None
    assert group_tests.anova(flat) is None
    assert group_tests.welch_anova(flat) is None
    assert tables.chi_square([[3, 4]]) is None
    assert proportions.two_proportions(0, 5, 0, 5) is None
    assert correlation.pearson_test(0.5, 2) is None
    assert ranks.kruskal([3.0, 3.0], [1, 1], ties=6) is None
