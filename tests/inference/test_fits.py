"""Fits from sums against scipy's fits from values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import digamma

from dsp.inference.fits import (
    FAMILIES,
    Fit,
    Summary,
    distance,
    fits,
    gamma_shape,
    goodness,
)
from dsp.inference.mixtures import two_normals


def summary(x: np.ndarray, *, is_whole: bool = False) -> Summary:
    logs = np.log(x) if (x > 0).all() else None
    return Summary(
        n=len(x),
        mean=float(x.mean()),
        variance=float(x.var()),
        low=float(x.min()),
        high=float(x.max()),
        is_whole=is_whole,
        log_mean=None if logs is None else float(logs.mean()),
        log_variance=None if logs is None else float(logs.var()),
        log_factorials=math.fsum(map(math.lgamma, x + 1)) if is_whole else None,
    )


def fitted(x: np.ndarray, family: str, *, is_whole: bool = False) -> Fit:
    found = dict(zip(FAMILIES, fits(summary(x, is_whole=is_whole)), strict=True))[family]
    assert found is not None
    return found


DRAWS = {
    "normal": lambda rng, n: rng.normal(-3, 2, n),
    "lognormal": lambda rng, n: rng.lognormal(2, 0.7, n),
    "exponential": lambda rng, n: rng.exponential(5, n),
    "gamma": lambda rng, n: rng.gamma(2.5, 3, n),
    "uniform": lambda rng, n: rng.uniform(-1, 4, n),
}


@pytest.mark.parametrize("family", DRAWS)
@pytest.mark.parametrize("n", [2, 30, 5_000])
def test_fits_agree_with_scipy(family: str, n: int) -> None:
    x = DRAWS[family](np.random.default_rng(n), n)
    found = fitted(x, family)
    law: Any
    if family == "normal":
        law = stats.norm(*stats.norm.fit(x))
        expected = stats.norm.fit(x)
    elif family == "lognormal":
        shape, _, scale = stats.lognorm.fit(x, floc=0)
        law, expected = stats.lognorm(shape, scale=scale), (math.log(scale), shape)
    elif family == "exponential":
        expected = (stats.expon.fit(x, floc=0)[1],)
        law = stats.expon(scale=expected[0])
    elif family == "gamma":
        shape, _, scale = stats.gamma.fit(x, floc=0)
        law, expected = stats.gamma(shape, scale=scale), (shape, scale)
    else:
        expected = (x.min(), x.max())
        law = stats.uniform(x.min(), x.max() - x.min())
    assert list(found.parameters.values()) == pytest.approx(expected, rel=1e-6)
    places = np.quantile(x, [0, 0.01, 0.3, 0.5, 0.9, 1])
    assert found.cdf(places) == pytest.approx(law.cdf(places), rel=1e-6, abs=1e-9)
    assert found.log_likelihood == pytest.approx(law.logpdf(x).sum(), rel=1e-9, abs=1e-6)
    n_parameters = len(found.parameters)
    assert found.aic == 2 * n_parameters - 2 * (found.log_likelihood or 0)


def test_poisson_agrees_with_scipy() -> None:
    x = np.random.default_rng(1).poisson(3.3, 4_000).astype(float)
    found = fitted(x, "poisson", is_whole=True)
    law = stats.poisson(x.mean())
    assert found.log_likelihood == pytest.approx(law.logpmf(x).sum(), rel=1e-11)
    places = np.array([-1.0, -0.5, 0.0, 0.5, 3.5, 9.0])
    assert found.cdf(places) == pytest.approx(law.cdf(places), rel=1e-11)


@given(st.floats(1e-3, 1e6))
def test_the_shape_of_a_gamma_solves_its_equation(shape: float) -> None:
    gap = math.log(shape) - float(digamma(shape))
    found = gamma_shape(gap)
    assert found is not None
    assert math.log(found) - float(digamma(found)) == pytest.approx(gap, rel=1e-9)


def test_what_cannot_be_fitted_is_none() -> None:
    assert fits(Summary(n=1, mean=1, variance=0, low=1, high=1)) == [None] * 6
    x = np.array([-1.0, 0.0, 4.0])
    known = dict(zip(FAMILIES, fits(summary(x)), strict=True))
    assert [name for name, fit in known.items() if fit] == ["normal", "uniform"]
    zeros = dict(zip(FAMILIES, fits(summary(x + 1, is_whole=True)), strict=True))
    assert [name for name, fit in zeros.items() if fit is None] == ["lognormal", "gamma"]
    assert gamma_shape(0.0) is None


@pytest.mark.parametrize("family", DRAWS)
def test_bounds_hold_the_distance_of_kolmogorov_and_smirnov(family: str) -> None:
    x = DRAWS[family](np.random.default_rng(5), 3_000)
    edges = [*np.quantile(x, np.linspace(0.01, 0.99, 99)), x.max()]
    counts = np.diff([0, *np.searchsorted(np.sort(x), edges, side="right")])
    for fit in fits(summary(x)):
        if fit is not None:
            low, high = distance(fit, edges, counts.tolist())
            true = stats.kstest(x, fit.cdf).statistic
            assert low - 1e-12 <= true <= high + 1e-12
            assert high - low < 0.03


def test_goodness_is_the_chi_square_of_joined_bins() -> None:
    x = np.random.default_rng(6).normal(0, 1, 2_000)
    fit = fitted(x, "normal")
    edges = [-1.0, -0.5, 0.0, 0.4, 1.0, x.max()]
    counts = np.diff([0, *np.searchsorted(np.sort(x), edges, side="right")]).tolist()
    found = goodness(fit, edges, counts, n_bins=10)
    cuts = fit.cdf(np.array(edges[:-1]))
    expected = np.diff([0, *cuts, 1]) * len(x)
    statistic, p_value = stats.chisquare(counts, expected)
    assert found is not None
    assert (found.statistic, found.p_value, found.df) == pytest.approx(
        (statistic, p_value, 5), rel=1e-9
    )
    # Each third of the distribution is one bin, and the last two are joined.
    joined = goodness(fit, edges, counts, n_bins=4)
    assert joined is not None
    assert joined.df == 2
    assert goodness(fit, edges, counts, n_bins=2) is None


def test_p_values_of_the_right_family_are_not_too_small() -> None:
    rng = np.random.default_rng(8)
    rejected = 0
    for _ in range(400):
        x = rng.normal(10, 3, 800)
        edges = [*np.quantile(x, np.linspace(0.005, 0.995, 199)), x.max()]
        counts = np.diff([0, *np.searchsorted(np.sort(x), edges, side="right")])
        found = goodness(fitted(x, "normal"), edges, counts.tolist(), n_bins=29)
        assert found is not None
        rejected += found.p_value < 0.05
    # At most 5 of 100, and what chance adds to it.
    assert 2 <= rejected <= 400 * 0.05 + 3 * math.sqrt(400 * 0.05 * 0.95)


def test_two_normals_are_found_again() -> None:
    rng = np.random.default_rng(9)
    x = np.concatenate([rng.normal(10, 1, 6_000), rng.normal(20, 3, 14_000)])
    counts, edges = np.histogram(x, 400)
    found = two_normals(edges.tolist(), counts.tolist())
    assert found is not None
    assert found.share == pytest.approx(0.3, abs=0.01)
    assert found.means == pytest.approx((10, 20), abs=0.1)
    assert found.sds == pytest.approx((1, 3), abs=0.1)
    assert stats.kstest(x, found.cdf).statistic < 0.01
    assert two_normals([0.0, 1.0, 2.0, 3.0], [1, 2, 3]) is None


def test_parts_that_lie_on_one_value_are_no_mixture() -> None:
    edges, counts = [1.0, 1.0, 1.0, 5.0, 5.0, 5.0], [10, 10, 0, 10, 10]
    assert two_normals(edges, counts) is None
    # One part is a single value, which no normal distribution is.
    assert two_normals([0.0, 0.0, 1.0, 2.0, 3.0], [900, 30, 40, 30]) is None
