"""Statistics of series against statsmodels, NIST, hand figures and simulation."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import acf, adfuller, pacf
from statsmodels.tsa.stattools import kpss as kpss_of_statsmodels

from dsp.inference import series_stationarity as stationarity
from dsp.inference.series import centred
from dsp.inference.series_autocorrelation import (
    autocorrelations,
    ljung_box,
    partial_autocorrelations,
    white_noise_bound,
)
from dsp.inference.series_changes import change_points, spread_changes
from dsp.inference.series_seasons import decompose

KINDS = ("noise", "walk", "line", "rounded", "season", "ar")


def autoregression(rng: np.random.Generator, n: int, phi: float) -> Any:
    return lfilter([1.0], [1.0, -phi], rng.normal(size=n + 200))[200:]


def made(kind: str, n: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    noise, t = rng.normal(size=n), np.arange(n)
    return {
        "noise": noise,
        "walk": np.cumsum(noise),
        "line": 0.1 * t + noise,
        "rounded": np.round(noise),
        "season": 3 * np.sin(2 * np.pi * t / 7) + noise,
        "ar": autoregression(rng, n, 0.6),
    }[kind] + 50


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(KINDS), st.integers(20, 400), st.integers(0, 10_000), st.booleans()
)
def test_unit_root_and_stationarity_tests_agree_with_statsmodels(
    kind: str, n: int, seed: int, trend: bool
) -> None:
    x = made(kind, n, seed)
    regression = "ct" if trend else "c"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = adfuller(x, regression=regression, result_object=True)
        flat = kpss_of_statsmodels(x, regression=regression, result_object=True)
    found = stationarity.adf(x, trend=trend)
    assert found is not None
    assert found.lags == root.lags
    assert found.statistic == pytest.approx(root.statistic, rel=1e-9, abs=1e-9)
    assert found.p_value == pytest.approx(root.pvalue, rel=1e-9, abs=1e-12)
    level = stationarity.kpss(x, trend=trend)
    assert level is not None
    assert level.lags == flat.lags
    assert level.statistic == pytest.approx(flat.statistic, rel=1e-9)
    assert level.p_value == pytest.approx(flat.pvalue, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), st.integers(8, 500), st.integers(0, 10_000))
def test_autocorrelations_agree_with_statsmodels(kind: str, n: int, seed: int) -> None:
    x = made(kind, n, seed)
    n_lags = min(40, n // 4)
    found = autocorrelations(x, n_lags)
    if x.min() == x.max():
        assert found is None
        return
    assert found is not None
    assert found == pytest.approx(acf(x, nlags=n_lags)[1:], rel=1e-9, abs=1e-12)
    partial = partial_autocorrelations(found)
    expected = pacf(x, nlags=n_lags, method="ldbiased")[1:]
    assert partial == pytest.approx(expected, rel=1e-9, abs=1e-10)
    test = ljung_box(found, n)
    table = acorr_ljungbox(x, lags=[n_lags])
    assert test.statistic == pytest.approx(table["lb_stat"].iloc[0], rel=1e-9)
    assert test.p_value == pytest.approx(table["lb_pvalue"].iloc[0], rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.sampled_from((2, 3, 4, 5, 7, 12, 24, 52)),
    st.integers(2, 150),
    st.integers(0, 10_000),
)
def test_decomposition_agrees_with_statsmodels(
    kind: str, period: int, more: int, seed: int
) -> None:
    x = made(kind, 2 * period + more, seed)
    found = decompose(x, period)
    assert found is not None
    expected = STL(x, period=period).fit()
    assert found.trend == pytest.approx(expected.trend, abs=1e-9)
    assert found.season == pytest.approx(expected.seasonal, abs=1e-9)
    assert found.trend + found.season + found.rest == pytest.approx(x, abs=1e-12)
    for strength, part in (
        (found.trend_strength, expected.trend),
        (found.seasonal_strength, expected.seasonal),
    ):
        share = 1 - expected.resid.var() / (expected.resid + part).var()
        assert strength == pytest.approx(max(0.0, share), abs=1e-9)


def test_a_yearly_season_of_days_agrees_with_statsmodels() -> None:
    t = np.arange(1_200)
    x = made("noise", 1_200, 3) + 5 * np.sin(2 * np.pi * t / 365) + 0.01 * t
    found = decompose(x, 365)
    assert found is not None
    expected = STL(x, period=365).fit()
    assert found.trend == pytest.approx(expected.trend, abs=1e-9)
    assert found.season == pytest.approx(expected.seasonal, abs=1e-9)


@pytest.mark.parametrize(
    ("first", "low", "high"),
    [
        (1.2, 1.1, 1.3),
        (1_000_000.2, 1_000_000.1, 1_000_000.3),
        (10_000_000.2, 10_000_000.1, 10_000_000.3),
    ],
)
def test_the_first_autocorrelation_is_that_of_nist(
    first: float, low: float, high: float
) -> None:
    # NumAcc2, 3 and 4: certified r1 is -0.999 for the decimal figures.
    found = autocorrelations([first, *[low, high] * 500], 1)
    assert found == pytest.approx((-0.999,), abs=2e-8 * first / 1e7)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=60))
def test_autocorrelation_far_from_zero_is_exact(steps: list[int]) -> None:
    x = [1e12 + step / 1024 for step in steps]
    found = autocorrelations(x, 2)
    mean = Fraction(sum(steps), len(steps))
    rest = [step - mean for step in steps]
    total = sum(r * r for r in rest)
    if total == 0:
        assert found is None
        return
    expected = [sum(a * b for a, b in pairwise(rest)) / total]
    expected.append(sum(a * b for a, b in zip(rest, rest[2:], strict=False)) / total)
    assert found == pytest.approx([float(e) for e in expected], rel=1e-9, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(20, 200), st.integers(0, 10_000))
def test_tests_do_not_depend_on_the_level(n: int, seed: int) -> None:
    x = np.round(made("walk", n, seed) * 1024) / 1024
    near, far = stationarity.stationarity(x), stationarity.stationarity(x + 2.0**40)
    assert near is not None
    assert far is not None
    assert far.verdict == near.verdict
    assert far.adf.statistic == pytest.approx(near.adf.statistic, rel=1e-9, abs=1e-9)
    assert far.kpss.statistic == pytest.approx(near.kpss.statistic, rel=1e-9)
    assert change_points(x + 2.0**40) == tuple(
        type(c)(
            index=c.index,
            before=pytest.approx(c.before + 2.0**40),
            after=pytest.approx(c.after + 2.0**40),
            effect=pytest.approx(c.effect, rel=1e-9),
            gain=pytest.approx(c.gain, rel=1e-6, abs=1e-6),
        )
        for c in change_points(x)
    )


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("noise", "stationary"),
        ("ar", "stationary"),
        ("line", "trend-stationary"),
        ("walk", "unit root"),
    ],
)
def test_verdicts_are_right_nearly_always(kind: str, verdict: str) -> None:
    found = [stationarity.stationarity(made(kind, 400, seed)) for seed in range(60)]
    right = sum(s is not None and s.verdict == verdict for s in found)
    assert right >= 45


def test_undefined_series_statistics_are_none() -> None:
    line = [float(i) for i in range(40)]
    for undefined in ([7.0] * 40, line[:5]):
        assert stationarity.adf(undefined) is None
        assert stationarity.kpss(undefined) is None
        assert stationarity.stationarity(undefined) is None
        assert change_points(undefined) == ()
        assert spread_changes(undefined) == ()
    # A straight line leaves nothing to test around a line, and nothing around a level.
    assert stationarity.adf(line) is None
    assert stationarity.kpss(line, trend=True) is None
    assert stationarity.adf([0.0, 1.0] * 20) is None
    assert autocorrelations([3.0] * 9, 2) is None
    assert partial_autocorrelations((1.0, 1.0)) == (1.0, None)
    assert decompose(line[:9], 5) is None
    assert decompose(line, 1) is None
    flat = decompose([2.0] * 20, 4)
    assert flat is not None
    assert (flat.trend_strength, flat.seasonal_strength) == (None, None)
    assert white_noise_bound(400) == pytest.approx(0.0979981992)
    assert list(centred([5.0])) == [0.0]
    huge = autocorrelations([1e308, -1e308, 1e308, -1e308], 1)
    assert huge == pytest.approx((-0.75,))


@pytest.mark.parametrize("n", [60, 200, 600])
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_few_changes_are_seen_in_what_only_wanders(phi: float, n: int) -> None:
    rng = np.random.default_rng(11)
    n_wrong = sum(len(change_points(autoregression(rng, n, phi))) > 0 for _ in range(100))
    assert n_wrong < 5


def test_few_changes_are_seen_in_differences_lines_and_heavy_tails() -> None:
    rng, t = np.random.default_rng(12), np.arange(200)
    series = {
        "differences": lambda: np.diff(np.cumsum(rng.normal(size=201))),
        "line": lambda: 0.05 * t + rng.normal(size=200),
        "tails": lambda: rng.standard_t(3, size=200),
        "counts": lambda: rng.poisson(2, size=200).astype(float),
    }
    for name, draw in series.items():
        assert sum(len(change_points(draw())) > 0 for _ in range(100)) < 5, name


@pytest.mark.parametrize(("phi", "power"), [(0.0, 95), (0.3, 85), (0.6, 50)])
def test_a_shift_of_two_standard_deviations_is_found(phi: float, power: int) -> None:
    rng = np.random.default_rng(13)
    n_found = 0
    for _ in range(100):
        x = autoregression(rng, 200, phi) * math.sqrt(1 - phi**2)
        x[120:] += 2
        found = change_points(x)
        n_found += len(found) == 1 and abs(found[0].index - 120) <= 5
    assert n_found >= power


def test_changes_there_and_back_and_in_long_series_are_found() -> None:
    rng = np.random.default_rng(14)
    x = rng.normal(size=3_000)
    x[1_000:1_400] += 2
    first, second = change_points(x)
    assert (abs(first.index - 1_000) <= 3, abs(second.index - 1_400) <= 3) == (True, True)
    assert first.before == pytest.approx(x[: first.index].mean(), rel=1e-12)
    assert first.after == pytest.approx(x[first.index : second.index].mean(), rel=1e-12)
    assert first.effect == pytest.approx(2, abs=0.2)
    assert second.effect == pytest.approx(-2, abs=0.2)
    assert min(first.gain, second.gain) > 0


def test_an_outlier_makes_no_change() -> None:
    level = [1.0] * 300
    level[120] = 0.0
    assert change_points(level) == ()
    assert spread_changes(level) == ()
    noise = np.random.default_rng(18).normal(size=300)
    noise[100] = 60.0
    assert change_points(noise) == ()
    assert spread_changes(noise) == ()


def test_a_wider_spread_is_found() -> None:
    rng = np.random.default_rng(16)
    wider = np.where(np.arange(300) < 180, 1, 3)
    n_found = 0
    for _ in range(60):
        x = autoregression(rng, 300, 0.5) * wider
        x[90:] += 4
        found = spread_changes(x, change_points(x))
        n_found += len(found) == 1 and abs(found[0].index - 180) <= 15
    assert n_found >= 48


def test_few_changes_of_spread_are_seen_where_it_is_one() -> None:
    rng = np.random.default_rng(17)
    series = {
        "noise": lambda: rng.normal(size=200),
        "autoregression": lambda: autoregression(rng, 200, 0.6),
        "walk": lambda: np.cumsum(rng.normal(size=200)),
        "tails": lambda: rng.standard_t(3, size=200),
        "counts": lambda: rng.poisson(2, size=200).astype(float),
    }
    for name, draw in series.items():
        n_wrong = sum(len(spread_changes(draw())) > 0 for _ in range(100))
        assert n_wrong < 5, name


def test_a_step_on_a_line_is_found() -> None:
    rng, t = np.random.default_rng(15), np.arange(300)
    found = change_points(0.03 * t + rng.normal(size=300) + 6 * (t >= 150))
    assert [abs(c.index - 150) <= 3 for c in found] == [True]
