"""Fits of columns against scipy on their values."""

from __future__ import annotations

import json
import math
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dsp.engine import DuckEngine, Store, StoredTable
from dsp.records import DistributionFit
from dsp.statistics import StatisticsEngine, fits

RNG = np.random.default_rng(3)
DRAWN = {
    "normal": RNG.normal(50, 8, 4_000),
    "lognormal": RNG.lognormal(1, 0.9, 4_000),
    "exponential": RNG.exponential(3, 4_000),
    "gamma": RNG.gamma(4, 2, 4_000),
    "uniform": RNG.uniform(10, 20, 4_000),
    "poisson": RNG.poisson(9.5, 4_000),
    "bimodal": np.concatenate([RNG.normal(10, 1, 1_600), RNG.normal(17, 2, 2_400)]),
}


def fitted(engine: DuckEngine, columns: dict[str, Any]) -> list[DistributionFit]:
    engine.put(pa.table(columns), "data", schema="clean")
    stored = StoredTable(engine, "data", "clean")
    room = StatisticsEngine(engine)
    records = room.details(stored, room.profile(stored).columns)
    return [r for r in records if isinstance(r, DistributionFit)]


@pytest.mark.parametrize("family", DRAWN)
def test_the_family_is_found_again(engine: DuckEngine, family: str) -> None:
    found = fitted(engine, {"it's": DRAWN[family]})
    assert [r.rank for r in found if r.is_best] == [1]
    best = next(r for r in found if r.is_best)
    assert best.family == family
    assert best.n_rows == 4_000
    assert not best.is_sampled
    assert best.p_value is not None
    assert best.verdict is not None
    if family == "bimodal":
        assert best.p_value == 0.001
        assert best.verdict.startswith("two peaks, of normals around ")
        return
    assert best.p_value > 0.01
    assert best.verdict.startswith(f"agrees with {family} (KS 0.0")
    two = next(r for r in found if r.family == "bimodal")
    assert (two.rank, two.verdict) == (None, "one peak")


def test_figures_agree_with_scipy(engine: DuckEngine) -> None:
    x = DRAWN["gamma"]
    found = {r.family: r for r in fitted(engine, {"x": x})}
    shape, _, scale = stats.gamma.fit(x, floc=0)
    sigma, _, median = stats.lognorm.fit(x, floc=0)
    laws: dict[str, Any] = {
        "normal": stats.norm(x.mean(), x.std()),
        "lognormal": stats.lognorm(sigma, scale=median),
        "exponential": stats.expon(scale=x.mean()),
        "gamma": stats.gamma(shape, scale=scale),
        "uniform": stats.uniform(x.min(), x.max() - x.min()),
    }
    for family, law in laws.items():
        row = found[family]
        n_parameters = len(json.loads(row.parameters or ""))
        assert row.aic == pytest.approx(2 * n_parameters - 2 * law.logpdf(x).sum())
        true = stats.kstest(x, law.cdf).statistic
        assert row.ks is not None
        assert row.ks_high is not None
        assert row.ks - 1e-9 <= true <= row.ks_high + 1e-9
        assert row.ks_high - row.ks < 0.01
        bins = engine.rows(row.evidence_sql)
        assert sum(n for _, n in bins) == len(x)
        values = np.sort(x)
        edges = [edge for edge, _ in bins]
        assert [n for _, n in bins] == np.diff(
            [0, *np.searchsorted(values, edges, side="right")]
        ).tolist()
    assert found["poisson"].reason == "needs whole numbers of zero or more"
    assert (found["poisson"].rank, found["poisson"].ks) == (None, None)
    parameters = json.loads(found["gamma"].parameters or "")
    assert parameters == pytest.approx({"shape": shape, "scale": scale}, rel=1e-6)


def test_what_has_no_shape_has_no_fits(engine: DuckEngine) -> None:
    n = 100
    found = fitted(
        engine,
        {
            "constant": [1.0] * n,
            "few": [float(i % 5) for i in range(n)],
            "nothing": pa.array([None] * n, pa.float64()),
            "words": [f"w{i}" for i in range(n)],
            "huge": [10.0 ** (i * 3) for i in range(n)],
            "mostly missing": [float(i) * 1.5 if i < 19 else None for i in range(n)],
        },
    )
    assert found == []


def test_zeros_and_heaps_are_given_as_reasons(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    zeros = np.where(rng.random(2_000) < 0.4, 0.0, rng.exponential(1, 2_000))
    heap = np.where(rng.random(2_000) < 0.4, 7.25, rng.normal(0, 9, 2_000))
    mostly = np.where(rng.random(2_000) < 0.7, 0.0, rng.integers(1, 9, 2_000) / 20)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = fitted(engine, {"zeros": zeros, "heap": heap, "mostly": mostly})
    assert all(r.ks is None or math.isfinite(r.ks) for r in found)
    best = {r.column_name: r for r in found if r.is_best}
    share = f"{(zeros == 0).mean():.0%} of the values are zero"
    assert best["zeros"].reason == share
    assert best["heap"].reason is not None
    assert best["heap"].reason.endswith("% of the values are in one bin")


def test_big_tables_are_sampled_by_what_tells_rows_apart(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fits, "SAMPLE_ROWS", 1_000)
    rng = np.random.default_rng(5)
    x, dice = rng.normal(0, 1, 8_000), rng.integers(1, 9, 8_000)
    best = [r for r in fitted(engine, {"x": x, "dice": dice}) if r.is_best]
    assert [(r.column_name, r.family) for r in best] == [
        ("x", "normal"),
        ("dice", "uniform"),
    ]
    for row in best:
        assert row.is_sampled
        assert 800 <= row.n_rows <= 1_200
        assert sum(n for _, n in engine.rows(row.evidence_sql)) == row.n_rows
    # Equal rows would come or go together: nothing tells them apart.
    only = [r for r in fitted(engine, {"dice": dice}) if r.is_best]
    assert [(r.n_rows, r.is_sampled) for r in only] == [(8_000, False)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from([0.0, 1.0, -1.0, 3.5, math.inf, math.nan]),
            st.floats(-1e9, 1e9),
            st.floats(-1e300, 1e300),
        ),
        min_size=20,
        max_size=60,
    )
)
def test_any_numbers_give_finite_figures_that_can_be_stored(
    values: list[float | None],
) -> None:
    engine = DuckEngine(threads=2)
    found = fitted(engine, {"x": pa.array(values, pa.float64())})
    for row in found:
        figures = (row.ks, row.ks_high, row.aic, row.statistic, row.p_value)
        assert all(f is None or math.isfinite(f) for f in figures)
        for share in (row.ks, row.ks_high, row.p_value):
            assert share is None or -1e-9 <= share <= 1 + 1e-9
        assert row.rank is not None or row.reason
        assert row.ks is None or row.ks <= (row.ks_high or 0)
    assert sum(row.is_best for row in found) == bool(found)
    engine.execute("drop schema clean cascade")
    store = Store(engine)
    store.create()
    store.insert(found)
    assert store.read(DistributionFit) == found
