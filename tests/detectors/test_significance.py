from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dsp.detectors import significance
from dsp.detectors.matrix import _cut, _join, read_correlations
from dsp.detectors.number import UNIT, Number
from dsp.detectors.timeline import fit_line, long_run_variance, rolling_median
from dsp.engine import DuckEngine


def test_correlation_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=80)
    y = 0.3 * x + rng.normal(size=80)
    oracle = stats.pearsonr(x, y)
    outcome = significance.correlation(80, float(np.corrcoef(x, y)[0, 1]))
    assert outcome.p_value == pytest.approx(oracle.pvalue, rel=1e-9)


def test_welch_agrees_with_scipy() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(0, 1, 40), rng.normal(0.5, 3, 70)
    outcome = significance.welch(
        (40, a.mean(), a.var(ddof=1)), (70, b.mean(), b.var(ddof=1))
    )
    assert outcome is not None
    assert outcome.p_value == pytest.approx(
        stats.ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9
    )


def test_two_group_means_agree_with_welchs_t() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 40), rng.normal(0.5, 1.5, 70)
    outcome = significance.group_means(
        np.array([40.0, 70.0]),
        np.array([a.mean(), b.mean()]),
        np.array([a.var(ddof=1), b.var(ddof=1)]),
    )
    assert outcome is not None
    assert outcome.p_value == pytest.approx(
        stats.ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9
    )


def test_contingency_agrees_with_scipy() -> None:
    counts = np.array([[30, 20, 10], [15, 40, 25]])
    outcome = significance.contingency(counts)
    oracle = stats.chi2_contingency(counts, correction=False)
    assert outcome is not None
    assert outcome.statistic == pytest.approx(oracle.statistic)
    assert outcome.p_value == pytest.approx(oracle.pvalue)


def test_contingency_declines_thin_tables() -> None:
    assert significance.contingency(np.array([[1, 2], [3, 1]])) is None
    assert significance.contingency(np.zeros((2, 2))) is None


def test_correlations_with_gaps_agree_with_numpy(engine: DuckEngine) -> None:
    import pyarrow as pa

    rng = np.random.default_rng(4)
    x, y = rng.gamma(2, 3, 20_000), rng.normal(size=20_000) * 1e6
    y += x * 1e5
    x[::7] = np.nan
    engine.put(
        pa.table({"x": pa.array(x, from_pandas=True), "y": y}), "data", schema="clean"
    )
    numbers = [
        Number(name="x", sql="x", centre=0.0, scale=128.0, has_nulls=True),
        Number(name="y", sql="y", centre=0.0, scale=2.0**25, has_nulls=False),
    ]
    found = read_correlations(engine, "clean.data", numbers, 20_000)
    has = ~np.isnan(x)
    n, r = found["x", "y"]
    assert n == has.sum()
    assert r == pytest.approx(np.corrcoef(x[has], y[has])[0, 1], rel=1e-10)


def test_cut_numbers_join_to_the_value() -> None:
    z = np.array([0.0, 1.0, -1.0, 0.1, -0.7654321])
    high, low = _cut(z)
    joined = [_join(h, part) / UNIT for h, part in zip(high, low, strict=True)]
    assert joined == pytest.approx(list(z), abs=2**-52)


def test_wandering_levels_have_a_large_long_run_variance() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(size=800)
    walk = np.zeros(800)
    for i in range(1, 800):
        walk[i] = 0.95 * walk[i - 1] + noise[i]
    white, _ = long_run_variance(noise - noise.mean())
    wandering, df = long_run_variance(walk - walk.mean())
    assert white == pytest.approx(1, rel=0.5)
    # In theory this process has 400, one over the square of 0.05.
    assert wandering > 150
    assert df < 60


def test_line_agrees_with_numpy() -> None:
    x = np.arange(50.0)
    y = 3 + 0.5 * x + np.sin(x * 7)
    line = fit_line(x, y)
    slope, start = np.polyfit(x, y, 1)
    assert line is not None
    assert line.slope == pytest.approx(slope)
    assert line.start == pytest.approx(start)
    assert line.end == pytest.approx(start + 49 * slope)


def test_rolling_median_agrees_with_brute_force() -> None:
    values = np.random.default_rng(6).normal(size=40)
    brute = [np.median(values[max(0, i - 7) : i + 8]) for i in range(40)]
    assert rolling_median(values) == pytest.approx(np.array(brute))
    assert rolling_median(values[:9]) == pytest.approx(
        [np.median(values[:9][max(0, i - 7) : i + 8]) for i in range(9)]
    )
