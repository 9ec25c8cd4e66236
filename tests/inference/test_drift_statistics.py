"""Distances of distributions and their p values agree with scipy, at every size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from dsp.inference.drift import (
    EXACT,
    effective_size,
    greatest_distance,
    jensen_shannon,
    ks_p_value,
    stability_index,
)

counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1).filter(
    lambda pairs: sum(a for a, _ in pairs) and sum(b for _, b in pairs)
)


@given(counts)
@settings(max_examples=60, deadline=None)
def test_distances_of_counts_agree_with_a_second_route(
    pairs: list[tuple[int, int]],
) -> None:
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    assert jensen_shannon(list(a), list(b)) == pytest.approx(
        jensenshannon(a, b, base=2), rel=1e-9, abs=1e-7
    )
    p, q = np.maximum(a / a.sum(), 1e-4), np.maximum(b / b.sum(), 1e-4)
    wanted = float(((p - q) * np.log(p / q)).sum())
    found = stability_index(list(a), list(b), floor=1e-4)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-15)
    values = np.arange(len(a))
    with np.errstate(divide="ignore"):  # of its p value, for two values in all
        distance = stats.ks_2samp(
            np.repeat(values, a), np.repeat(values, b), method="asymp"
        ).statistic
    assert greatest_distance(list(a), list(b)) == pytest.approx(distance, rel=1e-9)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_exact_p_values_agree_with_scipy(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(seed % 3, size=m)
    if seed % 2:
        a, b = a.round(1), b.round(1)
    wanted = stats.ks_2samp(a, b, method="exact")
    found = ks_p_value(wanted.statistic, n, m)
    assert found == pytest.approx(wanted.pvalue, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("n", [7, 139, 141, 1_000, 99_999, 100_001, 5_000_000])
@pytest.mark.parametrize("z", [0.3, 0.6, 0.8, 1.0, 1.3, 1.5, 3.0, 15.0, 25.0])
def test_asymptotic_p_values_agree_with_scipy(n: int, z: float) -> None:
    m = max(2 * n, EXACT)
    size = effective_size(n, m)
    distance = min(z / math.sqrt(size), 1.0)
    wanted = float(stats.kstwo.sf(distance, np.round(n * m / (n + m))))
    assert ks_p_value(distance, n, m) == pytest.approx(wanted, rel=1e-9, abs=1e-300)


def test_no_values_have_no_distance() -> None:
    assert stability_index([0, 0], [1, 2], floor=1e-4) is None
    assert jensen_shannon([1, 2], [0, 0]) is None
    assert greatest_distance([], []) is None
    assert ks_p_value(0.5, 0, 3) is None
    assert ks_p_value(0.0, 3, 3) == 1.0
