from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dsp.detectors import significance
from dsp.detectors.timeline import fit_line, long_run_variance, rolling_median


def test_correlation_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=80)
    y = 0.3 * x + rng.normal(size=80)
    oracle = stats.pearsonr(x, y)
    outcome = significance.correlation(80, float(np.corrcoef(x, y)[0, 1]))
    assert outcome.p_value == pytest.approx(oracle.pvalue, rel=1e-9)


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
