"""The dip against linear programs, known values and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import kstest

from dsp.inference.dip import LEVELS, P_VALUES, dip, dip_p_value


def steps(n: int) -> tuple[list[float], list[float]]:
    return [i / n for i in range(n)], [(i + 1) / n for i in range(n)]


def least_distance(x: np.ndarray, below: np.ndarray, up_to: np.ndarray) -> float:
    """Return the dip by one linear program for each place of the peak."""
    n = len(x)
    best = 1.0
    for peak in range(n):
        rows, bounds, equal = [], [], []

        def unit(*places: tuple[int, float]) -> np.ndarray:
            row = np.zeros(2 * n + 1)  # left limits, values, distance
            for place, value in places:
                row[place] += value
            return row

        for i in range(n):
            for place, level in ((i, below[i]), (n + i, up_to[i])):
                rows += [unit((place, 1), (-1, -1)), unit((place, -1), (-1, -1))]
                bounds += [level, -level]
            if i == peak:
                rows.append(unit((i, 1), (n + i, -1)))
                bounds.append(0)
            else:
                equal.append(unit((i, 1), (n + i, -1)))
        slopes = [
            unit((i + 1, 1 / (x[i + 1] - x[i])), (n + i, -1 / (x[i + 1] - x[i])))
            for i in range(n - 1)
        ]
        rows += [-slope for slope in slopes]
        rows += [slopes[i] - slopes[i + 1] for i in range(peak - 1)]
        rows += [slopes[i + 1] - slopes[i] for i in range(peak, n - 2)]
        bounds += [0] * (len(rows) - len(bounds))
        found = linprog(
            unit((-1, 1)),
            A_ub=np.array(rows),
            b_ub=bounds,
            A_eq=np.array(equal),
            b_eq=[0] * len(equal),
            bounds=[(0, 1)] * (2 * n) + [(0, None)],
        )
        assert found.status == 0
        best = min(best, found.fun)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_dip_of_a_histogram_is_the_least_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 9))
    x = np.sort(rng.choice(30, n, replace=False)).astype(float)
    weights = rng.integers(0, 6, n - 1) + 0.1
    shares = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    found = dip(x.tolist(), shares.tolist(), shares.tolist())
    assert found is not None
    assert found.distance == pytest.approx(least_distance(x, shares, shares), abs=1e-8)


@pytest.mark.parametrize("seed", range(40))
def test_the_dip_of_a_sample_is_the_least_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 10))
    x = np.sort(rng.choice(40, n, replace=False)).astype(float)
    below, up_to = steps(n)
    least = least_distance(x, np.array(below), np.array(up_to))
    found = dip(x.tolist(), below, up_to)
    assert found is not None
    assert found.distance == pytest.approx(max(least, 1 / (2 * n)), abs=1e-8)


def test_two_halves_far_apart_have_the_greatest_dip() -> None:
    x = [*np.linspace(0, 1, 50), *np.linspace(1_000, 1_001, 50)]
    found = dip(x, *steps(100))
    assert found is not None
    assert found.distance == pytest.approx(0.25, abs=0.01)
    assert dip([1.0], [0.0], [1.0]) is None


def test_p_values_of_uniform_samples_are_uniform() -> None:
    rng = np.random.default_rng(7)
    for n in (37, 300):
        found = []
        for _ in range(1_500):
            measured = dip(np.sort(rng.random(n)).tolist(), *steps(n))
            assert measured is not None
            found.append(dip_p_value(measured.distance, n))
        # Simulated levels on both sides: twice the variance of one sample.
        assert kstest(found, "uniform").statistic < 1.36 * (2 / 1_500) ** 0.5


def test_levels_rise_and_tails_are_bounded() -> None:
    for n, levels in LEVELS.items():
        assert list(levels) == sorted(levels)
        assert len(levels) == len(P_VALUES)
        for level, p_value in zip(levels, P_VALUES, strict=True):
            assert dip_p_value(level / n**0.5, n) == pytest.approx(p_value, rel=1e-9)
    assert dip_p_value(0.25, 10**9) == 0.001
    assert dip_p_value(0.0, 3) == 1.0
