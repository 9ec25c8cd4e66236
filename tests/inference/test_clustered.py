"""Tests of terms where rows cluster: their level on noise, and their power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from dsp.inference.clustered import inflation, score_test


def line(x: Any, y: Any) -> Any:
    """Return what a line through x explains of y, both with mean 0."""
    return x * float(x @ y) / float(x @ x)


def test_independent_rows_give_the_f_test_of_a_line() -> None:
    draw = np.random.default_rng(1)
    x, y = draw.normal(size=(2, 400))
    x, y = x - x.mean(), y - y.mean() + 0.2 * (x - x.mean())
    found = score_test(line(x, y), y, 1, {"shop": np.arange(400) // 8})
    oracle = stats.linregress(x, y)
    assert found is not None
    assert found.unit == "row"
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-6)
    assert found.effect == pytest.approx(oracle.rvalue**2)


@pytest.mark.parametrize("seed", range(4))
def test_entities_that_own_rows_count_once(seed: int) -> None:
    draw = np.random.default_rng(seed)
    shop = np.repeat(np.arange(60), 200)
    x = draw.normal(size=60)[shop] + 0.3 * draw.normal(size=len(shop))
    y = draw.normal(size=60)[shop] + draw.normal(size=len(shop))
    x, y = x - x.mean(), y - y.mean()
    blind = score_test(line(x, y), y, 1, {})
    found = score_test(line(x, y), y, 1, {"shop": shop})
    assert blind is not None
    assert found is not None
    assert found.unit == "shop"
    assert found.inflation > 20
    # Sixty shops with nothing in common but chance.
    assert found.p_value > 1e-3
    assert blind.p_value < found.p_value


def test_an_effect_between_entities_is_still_seen() -> None:
    draw = np.random.default_rng(5)
    shop = np.repeat(np.arange(200), 50)
    x = draw.normal(size=200)[shop]
    y = x + draw.normal(size=200)[shop] + draw.normal(size=len(shop))
    x, y = x - x.mean(), y - y.mean()
    found = score_test(line(x, y), y, 1, {"shop": shop})
    assert found is not None
    assert found.p_value < 1e-12


def test_few_clusters_are_left_alone() -> None:
    score = np.repeat([1.0, -1.0], 50)
    assert inflation(score, np.repeat([0, 1], 50), "half").factor == 1


def test_nothing_to_test_gives_none() -> None:
    assert score_test(np.zeros(3), np.zeros(3), 1, {}) is None
