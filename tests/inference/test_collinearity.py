"""Partial correlations, variance inflation and clusters, against other routes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from statsmodels.stats.outliers_influence import variance_inflation_factor

from dsp.inference.collinearity import cluster_order, collinearity


def mixed(n: int, k: int, seed: int) -> np.ndarray:
    """Return columns that depend on each other."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)) @ rng.normal(size=(k, k)) + 5


def residual(x: np.ndarray, i: int, others: list[int]) -> np.ndarray:
    design = np.column_stack([np.ones(len(x)), x[:, others]])
    return x[:, i] - design @ np.linalg.lstsq(design, x[:, i], rcond=None)[0]


@settings(max_examples=25, deadline=None)
@given(k=st.integers(2, 7), seed=st.integers(0, 10**6))
def test_partial_correlations_are_those_of_residuals(k: int, seed: int) -> None:
    x = mixed(60, k, seed)
    found = collinearity(np.corrcoef(x, rowvar=False).tolist())
    for (i, j), value in found.partial.items():
        others = [m for m in range(k) if m not in (i, j)]
        a, b = residual(x, i, others), residual(x, j, others)
        assert value == pytest.approx(np.corrcoef(a, b)[0, 1], rel=1e-6, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(k=st.integers(2, 7), seed=st.integers(0, 10**6))
def test_vif_agrees_with_statsmodels(k: int, seed: int) -> None:
    x = mixed(60, k, seed)
    found = collinearity(np.corrcoef(x, rowvar=False).tolist())
    design = np.column_stack([np.ones(len(x)), x])
    expected = [variance_inflation_factor(design, i + 1) for i in range(k)]
    assert list(found.vif) == pytest.approx(expected, rel=1e-6)
    r2 = [1 - 1 / vif for vif in expected]
    assert list(found.r2) == pytest.approx(r2, rel=1e-6, abs=1e-9)


def test_columns_that_depend_on_each_other_are_named() -> None:
    x = mixed(200, 5, 1)
    both = np.column_stack([x, x[:, 0] - 2 * x[:, 1], 3 * x[:, 2] + 1])
    found = collinearity(np.corrcoef(both, rowvar=False).tolist())
    assert found.dependent == ((0, 1, 5), (0, 1, 5), (2, 6), (), (), (0, 1, 5), (2, 6))
    assert [vif is None for vif in found.vif] == [True] * 3 + [False] * 2 + [True] * 2
    design = np.column_stack([np.ones(200), x])
    expected = [variance_inflation_factor(design, i) for i in (4, 5)]
    assert [found.vif[3], found.vif[4]] == pytest.approx(expected)
    known = {pair for pair, value in found.partial.items() if value is not None}
    assert known == {(3, 4)}


def test_a_matrix_of_no_one_set_of_rows_gives_nothing() -> None:
    found = collinearity([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    assert (found.is_valid, found.vif, found.r2) == (False, (None,) * 3, (None,) * 3)
    assert set(found.partial.values()) == {None}


def test_no_column_gives_nothing() -> None:
    assert collinearity([]).vif == ()
    assert cluster_order([]) == []


@settings(max_examples=40, deadline=None)
@given(k=st.integers(2, 12), seed=st.integers(0, 10**6))
def test_clusters_are_those_of_scipy(k: int, seed: int) -> None:
    """Every cluster of SciPy's tree stands together in the order."""
    rng = np.random.default_rng(seed)
    distances = np.triu(rng.random((k, k)), 1)
    distances += distances.T
    order = cluster_order(distances.tolist())
    tree = hierarchy.linkage(squareform(distances), method="average")
    members = {i: [i] for i in range(k)}
    for step, (a, b, *_) in enumerate(tree):
        members[k + step] = members[int(a)] + members[int(b)]
    assert sorted(order) == list(range(k))
    for cluster in members.values():
        places = sorted(order.index(i) for i in cluster)
        assert places == list(range(places[0], places[0] + len(places)))


def test_equal_distances_join_in_the_order_of_columns() -> None:
    assert cluster_order([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) == [0, 1, 2]
