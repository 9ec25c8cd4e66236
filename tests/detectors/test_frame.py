"""The frame: rows as scores and codes, from the database."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from dsp.detectors import reading
from dsp.detectors.base import Repair
from dsp.detectors.frame import Frame
from dsp.detectors.scene import Scene
from dsp.detectors.scores import indicator, normal_scores
from dsp.detectors.terms import Term, design, fitted
from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine

N = 2000


def data() -> pa.Table:
    draw = np.random.default_rng(3)
    start = np.datetime64("2023-01-01")
    price = draw.lognormal(size=N).round(2)
    return pa.table(
        {
            "price": pa.array(price, mask=draw.random(N) < 0.1),
            "weight": draw.normal(size=N),
            "city": pa.array(draw.choice(["Bern", "Basel", None], N).tolist()),
            "shop": [f"shop-{i}" for i in draw.integers(0, 120, N)],
            "sold": start + (np.arange(N) // 5).astype("timedelta64[D]"),
            "won": draw.choice(["yes", "no"], N).tolist(),
        }
    )


def framed(engine: DuckEngine, table: Any, target: str | None = None) -> Frame:
    stored = engine.put(table, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored, target=target).columns
    return Scene(engine, stored, columns, target=target).frame


def test_the_frame_holds_every_row(engine: DuckEngine) -> None:
    frame = framed(engine, data(), "won")
    assert frame.n == frame.n_all == N
    assert list(frame.measures) == ["won", "price", "weight"]
    assert list(frame.dimensions) == ["won", "city"]
    assert list(frame.entities) == ["shop"]
    assert frame.measures["won"].event == "yes"
    assert set(frame.missing) == {"price", "city"}
    assert frame.clock is not None
    assert (frame.clock.bucket, len(frame.clock.dates)) == ("day", 400)
    assert frame.dimensions["city"].labels == ("Basel", "Bern")
    assert (frame.dimensions["city"].code == -1).sum() == frame.missing["city"].sum()
    assert (~frame.measures["price"].has == frame.missing["price"]).all()


def test_scores_are_those_of_mid_ranks() -> None:
    draw = np.random.default_rng(1)
    x = draw.integers(0, 30, 500).astype(float)
    x[::7] = np.nan
    has = ~np.isnan(x)
    z = normal_scores(x)
    oracle = stats.norm.ppf(stats.rankdata(x[has]) / (has.sum() + 1))
    assert np.corrcoef(z[has], oracle)[0, 1] == pytest.approx(1)
    assert (z[~has] == 0).all()
    assert z[has].std() == pytest.approx(1)
    assert not normal_scores(np.full(5, 2.0)).any()


def test_a_long_table_is_drawn_the_same_each_time(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 500)
    one, two = framed(engine, data()), framed(engine, data())
    assert one.is_sample
    assert 400 < one.n < 600
    assert (one.measures["weight"].x == two.measures["weight"].x).all()


def test_repairs_take_copies_units_and_leaks_out(engine: DuckEngine) -> None:
    table = data()
    stored = engine.put(table, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored).columns
    scene = Scene(engine, stored, columns)
    before = scene.frame
    rows = np.arange(N) < 100
    scene.repair(
        [
            Repair(rescale=("weight", rows, 100.0)),
            Repair(drop_rows=rows),
            Repair(drop_columns=("price",)),
        ]
    )
    after = scene.frame
    assert after.n == N - 100
    assert "price" not in after.measures
    assert (after.measures["weight"].x == before.measures["weight"].x[100:]).all()
    assert len(after.clock.step if after.clock else ()) == N - 100


@pytest.mark.parametrize(
    "term",
    [
        Term(form="line", columns=("weight",)),
        Term(form="curve", columns=("weight",)),
        Term(form="groups", columns=("city",)),
        Term(form="level", columns=("city",), value="Bern"),
        Term(form="trend"),
        Term(form="step", date="2023-06-01"),
        Term(form="step", date="2023-06-01", within=("city", "Bern")),
        Term(form="weekly"),
        Term(form="yearly"),
        Term(form="cycle", days=10),
        Term(form="day", date="2023-03-03"),
        Term(form="gap", columns=("price",)),
        Term(form="product", columns=("city", "weight")),
        Term(form="product", columns=("city", "won")),
        Term(form="product", columns=("price", "weight")),
    ],
    ids=lambda t: f"{t.form}-{'-'.join(t.columns)}",
)
def test_what_a_term_explains_is_at_right_angles_to_the_rest(
    engine: DuckEngine, term: Term
) -> None:
    frame = framed(engine, data(), "won")
    y = frame.measures["weight"]
    made = design(frame, term)
    fit = fitted(made, y.z, y.has)
    rest = y.z - fit
    rows = fit != 0
    assert abs(float(fit @ rest)) < 1e-6 * N or term.form == "line"
    assert rows.any()


def test_an_indicator_counts_only_known_rows() -> None:
    mask = np.array([True, False, False, False])
    known = np.array([True, True, False, False])
    assert indicator(mask, known).tolist() == [1, -1, 0, 0]
    assert not indicator(mask, mask).any()
