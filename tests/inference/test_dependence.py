"""Kendall's tau, distance correlation and mutual information, against other routes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score

from dsp.inference.dense_ranks import dense_codes
from dsp.inference.distance import distance_correlation
from dsp.inference.dominance import dominated_sums, rises
from dsp.inference.information import mutual_information
from dsp.inference.kendall import kendall


def numbers(n: int, levels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return related numbers, with ties where there are few levels."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = x**2 + rng.normal(size=n)
    if levels:
        x, y = (np.floor(v * levels / 4) for v in (x, y))
    return x, y


@settings(max_examples=40, deadline=None)
@given(n=st.integers(0, 70), most=st.integers(0, 40), seed=st.integers(0, 10**6))
def test_dominated_sums_are_those_of_two_loops(n: int, most: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, weights = rng.integers(0, most + 1, n), rng.normal(size=(2, n))
    expected = np.zeros((2, n))
    for j in range(n):
        for i in range(j):
            if codes[i] < codes[j]:
                expected[:, j] += weights[:, i]
    assert dominated_sums(codes, weights) == pytest.approx(expected, abs=1e-12)
    assert rises(codes) == sum(
        int(codes[i] < codes[j]) for j in range(n) for i in range(j)
    )


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(3, 150),
    levels=st.sampled_from([0, 0, 2, 5, 30]),
    seed=st.integers(0, 10**6),
)
def test_kendall_agrees_with_scipy(n: int, levels: int, seed: int) -> None:
    x, y = numbers(n, levels, seed)
    tau, test = kendall(dense_codes(x), dense_codes(y))
    expected = stats.kendalltau(x, y)
    if tau is None:
        assert np.isnan(expected.statistic)
    else:
        assert tau == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
        assert test.p_value == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("n", [2, 3, 10, 40, 200])
@pytest.mark.parametrize("n_swaps", [0, 1])
def test_kendall_of_nearly_ordered_rows_is_exact(n: int, n_swaps: int) -> None:
    x, y = np.arange(n), np.arange(n)
    if n_swaps:
        y[:2] = y[1::-1]
    tau, test = kendall(dense_codes(x.astype(float)), dense_codes(y.astype(float)))
    expected = stats.kendalltau(x, y)
    assert tau == pytest.approx(expected.statistic, rel=1e-12)
    assert test.p_value == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


def by_definition(x: np.ndarray, y: np.ndarray) -> tuple[float, float | None]:
    """Return distance correlation and the one without bias, from all distances."""
    a, b = (np.abs(v[:, None] - v[None, :]) for v in (x, y))
    n = len(x)

    def double(d: np.ndarray) -> np.ndarray:
        return d - d.mean(0) - d.mean(1)[:, None] + d.mean()

    def fair(d: np.ndarray) -> np.ndarray:
        rows = d.sum(0) / (n - 2)
        u = d - rows - rows[:, None] + d.sum() / ((n - 1) * (n - 2))
        np.fill_diagonal(u, 0)
        return u

    def ratio(p: np.ndarray, q: np.ndarray) -> float:
        return (p * q).sum() / np.sqrt((p * p).sum() * (q * q).sum())

    plain = np.sqrt(max(0, ratio(double(a), double(b))))
    if min((fair(d) ** 2).sum() / (d**2).sum() for d in (a, b)) < 1e-9:
        return plain, None
    return plain, ratio(fair(a), fair(b))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(5, 90), levels=st.sampled_from([0, 3, 20]), seed=st.integers(0, 10**6)
)
def test_distance_correlation_is_that_of_all_distances(
    n: int, levels: int, seed: int
) -> None:
    x, y = numbers(n, levels, seed)
    value, test = distance_correlation(1e9 + x, y * 1e-9)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert (value, test) == (None, None)
        return
    # The numbers far from zero have lost digits; the definition takes them as they are.
    expected, fair = by_definition((1e9 + x) - 1e9, y)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    if fair is None:
        assert test is None
        return
    assert test.statistic == pytest.approx(n * fair + 1, rel=1e-7, abs=1e-7)
    tail = stats.chi2.sf(max(0.0, n * fair + 1), 1)
    assert test.p_value == pytest.approx(tail, rel=1e-6, abs=1e-7)


def test_distance_correlation_of_huge_numbers_is_finite() -> None:
    x = np.array([1e308, -1e308, 0.0, 5e307, 1.0])
    value, _ = distance_correlation(x, x)
    assert value == pytest.approx(1.0)
    assert distance_correlation(x[:1], x[:1]) == (None, None)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 300), k=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_mutual_information_agrees_with_sklearn(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, k, n)
    y = (x + rng.integers(0, 3, n)) % 6
    table = np.zeros((k + 1, 7), int)
    np.add.at(table, (x, y), 1)
    found = mutual_information(table.tolist())
    kept = table[table.any(1)][:, table.any(0)]
    if min(kept.shape) < 2:
        assert found is None
        return
    plain = mutual_info_score(x, y)
    assert found.plain == pytest.approx(plain, rel=1e-9, abs=1e-12)
    # Miller and Madow add (values - 1) / 2n to each of the three entropies.
    bias = (np.count_nonzero(kept) - sum(kept.shape) + 1) / (2 * n)
    assert found.corrected == pytest.approx(max(0, plain - bias), rel=1e-9, abs=1e-12)
    # Rounding may leave a trace below zero where the columns are independent.
    least = 1e-12
    if plain < least:
        assert found.normalized < least
        return
    share = normalized_mutual_info_score(x, y) * found.corrected / plain
    assert found.normalized == pytest.approx(min(1, share), rel=1e-9, abs=1e-12)
    test = stats.chi2_contingency(kept, lambda_="log-likelihood", correction=False)
    assert found.test.statistic == pytest.approx(test.statistic, rel=1e-9, abs=1e-9)
    assert found.test.p_value == pytest.approx(test.pvalue, rel=1e-9)
