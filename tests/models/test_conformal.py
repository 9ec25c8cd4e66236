from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.models.coding import Column
from dsp.models.conformal import Bands, intervals, margin, sets
from dsp.models.portable import Linear
from dsp.models.scoring import scoring_sql
from dsp.models.task import Task
from dsp.models.terms import Filled
from dsp.models.views import View


def test_conformal_margin_by_hand() -> None:
    # ceil((19 + 1) * 0.9) = 18th smallest of 1..19.
    assert margin(np.arange(1.0, 20.0)) == 18.0
    assert margin(np.arange(5.0)) is None


def test_sets_of_classes_hold_the_true_one_nine_times_out_of_ten() -> None:
    rng = np.random.default_rng(10)
    shares = rng.dirichlet(np.ones(3), 8_000)
    y = (rng.random(8_000)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    found = sets(y[:4_000], shares[:4_000])
    assert found.level == 0.9
    assert found.likely(shares[4_000:]).any(axis=1).all()
    held = found.covered(y[4_000:], shares[4_000:]).mean()
    assert 0.885 < held < 0.93


def test_sets_of_an_accurate_model_hold_the_true_class_more_often() -> None:
    rng = np.random.default_rng(11)
    event = rng.beta(0.1, 0.1, 8_000)
    shares = np.column_stack([1 - event, event])
    y = (rng.random(8_000) < event).astype(int)
    right = (shares.argmax(axis=1) == y).mean()
    assert 0.92 < right < 0.945
    found = sets(y[:4_000], shares[:4_000])
    assert found.level == 0.95
    assert found.covered(y[4_000:], shares[4_000:]).mean() == pytest.approx(
        0.95, abs=0.012
    )
    certain = np.column_stack([np.zeros(4_000), np.ones(4_000)])
    assert sets(np.ones(4_000), certain).level == 0.99
    # 50 rows cannot tell what happens once in a hundred times.
    assert sets(np.ones(50), certain[:50]).level == 0.95


def test_intervals_are_wider_where_errors_are_larger() -> None:
    rng = np.random.default_rng(12)
    output = rng.uniform(1, 100, 12_000)
    y = output + rng.normal(size=12_000) * output / 10
    found = intervals(y[:6_000], output[:6_000])
    held = found.covered(y[6_000:], output[6_000:])
    low = output[6_000:] < 20
    assert held.mean() == pytest.approx(0.9, abs=0.012)
    assert held[low].mean() == pytest.approx(0.9, abs=0.03)
    width = found.half_width(np.array([5.0, 95.0]))
    assert width[1] > 6 * width[0]
    assert intervals(y[:300], output[:300]).edges == ()
    assert intervals(np.arange(600.0), np.zeros(600)).margins == (540.0, 540.0)
    assert Bands().covered(y, output) is None


def test_the_query_has_the_same_intervals(engine: DuckEngine) -> None:
    x = [0.0, 1.0, 1.5, 2.0, 5.0]
    engine.put(pa.table({"x": x}), "data")
    view = View((Filled(0, 0.0),))
    model = Linear(view, np.array([[1.0]]), np.array([0.0]), "identity")
    bands = Bands(edges=(1.0, 2.0), margins=(0.1, 0.2, 0.3))
    column = Column("x", "number", (0,))
    task = Task("regression")
    query = scoring_sql("data", [column], [(1.0, model)], task, bands=bands)
    found = engine.rows(f"select x - low, high - x from ({query}) order by x")
    widths = bands.half_width(np.array(x))
    assert widths.tolist() == [0.1, 0.2, 0.2, 0.3, 0.3]
    assert found == [(pytest.approx(w), pytest.approx(w)) for w in widths]
