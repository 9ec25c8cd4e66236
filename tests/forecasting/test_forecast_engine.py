"""Rolling origins, choice, intervals, and series that can hardly be forecast."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import dsp
from dsp.engine import DuckEngine
from dsp.engine.store import plain
from dsp.errors import CancelledError, SettingError
from dsp.forecasting import backtest
from dsp.forecasting.base import Histories
from dsp.forecasting.choice import choose
from dsp.forecasting.combined import Combined
from dsp.forecasting.conformal import intervals
from dsp.forecasting.engine import methods_of
from dsp.registry import plugins

QUICK = ("theta", "ets", "arima")


def panel(n: int = 100, n_series: int = 6, seed: int = 1) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    t = np.arange(n)[:, None]
    wave = np.sin(2 * np.pi * t / 12 + np.arange(n_series))
    return 2 + 0.3 * wave + rng.normal(0, 0.1, (n, n_series))


def shown(values: np.ndarray[Any, Any], season: int = 12) -> Histories:
    n_series = values.shape[1]
    zeros = np.zeros(n_series, dtype=int)
    return Histories(values, np.full(n_series, len(values)), (season,), zeros, "month")


def rows(values: list[Any] | np.ndarray[Any, Any], name: str = "y") -> dict[str, Any]:
    start = date(2020, 1, 1)
    return {"t": [start + timedelta(days=i) for i in range(len(values))], name: values}


def forecast(values: Any, **asked: Any) -> Any:
    return dsp.forecast(pa.table(rows(values)), time="t", target="y", **asked)


@pytest.mark.parametrize("name", sorted(set(plugins("forecasting")) - {"combined"}))
def test_no_method_sees_what_comes_after_an_origin(name: str) -> None:
    values = panel(n_series=8)
    method = plugins("forecasting")[name]
    before = backtest.run(shown(values), [method], 6)
    changed = values.copy()
    first = before.backs[1]
    changed[-first:] = 100 + np.arange(first)[:, None]
    after = backtest.run(shown(changed), [method], 6)
    assert before.past[name][:2] == pytest.approx(after.past[name][:2], nan_ok=True)
    assert not np.allclose(before.ahead[name], after.ahead[name])


def test_the_combination_knows_only_errors_that_were_known() -> None:
    values = panel(n_series=4)
    methods, combination = methods_of((*QUICK, "combined"))
    tests = []
    for last in (values[-6:], np.full((6, 4), 50.0)):
        changed = np.concatenate([values[:-6], last])
        test = backtest.run(shown(changed), methods, 6)
        backtest.combine(test, combination)
        tests.append(test)
    seen = [k for k, back in enumerate(tests[0].backs) if back >= 6]
    first, second = (test.past["combined"][seen] for test in tests)
    assert first == pytest.approx(second)


def test_figures_of_errors_by_hand() -> None:
    actual = np.array([[[10.0], [20.0]]])
    said = np.array([[[12.0], [16.0]]])
    found = backtest.metrics(said, actual, np.array([[2.0]]))
    assert found["mase"] == pytest.approx([1.5])
    assert found["smape"] == pytest.approx([50 * (2 / 11 + 4 / 18)])
    assert found["rmse"] == pytest.approx([math.sqrt(10)])
    assert found["bias"] == pytest.approx([-1])


def test_the_scale_is_the_seasonal_change() -> None:
    values = np.array([[1.0], [5.0], [2.0], [8.0]])
    assert backtest.scale_of(shown(values, 2)) == pytest.approx([2.0])
    flat = np.ones((4, 1))
    assert np.isnan(backtest.scale_of(shown(flat, 2))).all()


def scored(errors: dict[str, list[float]]) -> backtest.Backtest:
    """Return a test of one step at 3 origins in which methods erred so much."""
    n_series = len(next(iter(errors.values())))
    shape = (3, 1, n_series)
    test = backtest.Backtest((3, 2, 1), np.zeros(shape), np.ones((3, n_series)))
    for name, sizes in errors.items():
        test.past[name] = np.broadcast_to(np.array(sizes), shape).copy()
        test.ahead[name] = np.zeros((1, n_series))
    return test


def test_a_lucky_method_does_not_replace_the_combination() -> None:
    errors = {"naive": [1.0], "ets": [0.95], "combined": [1.0]}
    assert choose(scored(errors), tuple(errors), favourite="combined").names == (
        "combined",
    )


def test_a_method_that_is_better_in_all_series_does() -> None:
    errors = {"ets": [0.6] * 40, "combined": [1.0] * 40}
    found = choose(scored(errors), tuple(errors), favourite="combined")
    assert set(found.names) == {"ets"}


def test_the_combination_leans_to_what_was_better() -> None:
    points = {name: np.full((1, 3), x) for name, x in (("ets", 1.0), ("theta", 2.0))}
    errors = {"ets": np.full(3, 0.5), "theta": np.full(3, 0.6)}
    found = Combined().combine(points, errors, np.full(3, 20.0))
    assert (found > 1).all()
    assert (found < 1.5).all()
    alone = Combined().combine(
        {**points, "theta": np.full((1, 3), np.nan)}, errors, np.full(3, 20.0)
    )
    assert alone == pytest.approx(1.0)


def test_intervals_grow_with_the_horizon_and_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    backs = (40, 30, 20, 10)
    size = np.sqrt(np.arange(1, 11))[None, :, None] * rng.uniform(0.5, 2, 300)
    errors = rng.normal(0, 1, (4, 10, 300)) * size
    found = intervals(errors, np.ones(300), backs, level=0.9)
    assert (np.diff(found.half, axis=0) >= 0).all()
    fresh = np.abs(rng.normal(0, 1, (10, 300)) * size[0])
    assert (fresh <= found.half).mean() == pytest.approx(0.9, abs=0.02)
    assert np.nanmean(found.coverage) == pytest.approx(0.9, abs=0.02)


def test_intervals_without_errors_are_unknown() -> None:
    found = intervals(np.empty((0, 3, 2)), np.ones(2), (), level=0.9)
    assert np.isnan(found.half).all()
    assert np.isnan(found.coverage).all()


@pytest.mark.parametrize("kind", ["autoregressive", "seasonal"])
def test_intervals_cover_what_comes(kind: str) -> None:
    rng = np.random.default_rng(11)
    n, n_series, horizon = 96, 60, 8
    noise = rng.normal(0, 1, (n + horizon, n_series))
    values = noise.copy()
    if kind == "autoregressive":
        for t in range(1, n + horizon):
            values[t] += 0.7 * values[t - 1]
    else:
        values += 3 * np.sin(np.arange(n + horizon) * 2 * np.pi / 7)[:, None]
    table = {
        "t": [date(2020, 1, 1) + timedelta(days=i) for i in range(n)] * n_series,
        "s": [f"s{i:02}" for i in range(n_series) for _ in range(n)],
        "y": values[:n].T.ravel(),
    }
    found = dsp.forecast(
        table, time="t", target="y", by="s", horizon=horizon, methods=QUICK
    )
    low, high = (
        np.array([[getattr(p, end) for p in found.of(row.series)] for row in found]).T
        for end in ("low", "high")
    )
    coming = values[n:]
    assert ((low <= coming) & (coming <= high)).mean() == pytest.approx(0.9, abs=0.04)
    assert found.coverage == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([5.0], "one value only"),
        ([5.0, 5.0, 5.0, 5.0], "constant"),
        ([None, float("nan"), float("inf")], "no finite value"),
        ([1.0, 2.0], "too short to test"),
        ([1.0, 2.0, 4.0], "too short to test"),
        ([1.0, None, None, None, 2.0, None, None, 5.0], "more than half"),
    ],
)
def test_series_that_say_little_have_a_reason(values: list[Any], reason: str) -> None:
    table = pa.table({**rows(values), "y": pa.array(values, pa.float64())})
    found = dsp.forecast(table, time="t", target="y", horizon=3, frequency="day")
    assert reason in (found.series[0].reason or "")
    for point in found.points:
        assert math.isfinite(point.value)
    assert len(found.of()) == (0 if reason == "no finite value" else 3)


NASTY = {
    "zeros": [0.0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 7, 0, 0] * 3,
    "negative": [-5.0 - i % 4 for i in range(50)],
    "huge": [1e300 * (1 + i % 5) for i in range(50)],
    "tiny": [1e-300 * (1 + i % 5) for i in range(50)],
    "near the limit": [1.7e308, -1.7e308] * 10,
    "far from zero": [1e9 + math.sin(i) for i in range(60)],
    "one spike": [1.0] * 30 + [1e6] + [1.0] * 30,
    "a step": [1.0] * 30 + [100.0] * 30,
    "exponential": [2.0**i for i in range(60)],
    "late change": [3.0] * 40 + [4.0],
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_series_give_finite_forecasts(name: str) -> None:
    found = forecast(NASTY[name], horizon=5, aggregate="mean", frequency="day")
    assert len(found.of()) == 5
    for record in (*found.points, *found.scores, *found.series):
        for value in plain(record).values():
            assert not isinstance(value, float) or math.isfinite(value)
    halves = [p.high - p.value for p in found.of() if p.high is not None]
    assert all(b >= a * (1 - 1e-9) for a, b in pairwise(halves))


def test_what_was_never_negative_is_not_forecast_so() -> None:
    found = forecast(NASTY["zeros"], horizon=5)
    assert min(p.low for p in found.of() if p.low is not None) == 0.0


def test_noise_is_no_better_than_the_naive_forecast_or_says_by_how_much() -> None:
    walk = np.cumsum(np.random.default_rng(6).choice([-1.0, 1.0], 200)) + 100
    row = forecast(walk, horizon=4, aggregate="mean").series[0]
    assert row.is_better == ("better than the seasonal naive" not in (row.reason or ""))


def test_series_of_a_panel_keep_their_names_and_lengths() -> None:
    n = (30, 45, 1)
    table = {
        "t": [date(2020, 1, 1) + timedelta(days=i) for k in n for i in range(k)],
        "s": [name for name, k in zip("ab", n, strict=False) for _ in range(k)] + [None],
        "y": [float(i % 7) for k in n for i in range(k)],
    }
    found = dsp.forecast(table, time="t", target="y", by=["s"], horizon=2)
    assert [(row.series, row.n_periods) for row in found] == [
        ("(missing)", 1),
        ("a", 30),
        ("b", 45),
    ]
    assert found.of("b")[0].ts.date() == date(2020, 2, 15)
    assert [p.method for p in found.points if p.series == "b" and not p.is_chosen] == (
        ["seasonal_naive"] * 2 if found.series[2].method != "seasonal_naive" else []
    )


def test_tables_do_not_depend_on_threads_or_the_order_of_rows() -> None:
    rng = np.random.default_rng(3)
    values = panel(60, 12)
    table = pa.table(
        {
            "t": [date(2015 + i // 12, 1 + i % 12, 1) for i in range(60)] * 12,
            "s": [f"s{i}" for i in range(12) for _ in range(60)],
            "y": values.T.ravel(),
        }
    )
    mixed = table.take(pa.array(rng.permutation(len(table))))
    asked: dict[str, Any] = {"time": "t", "target": "y", "by": "s", "horizon": 6}
    one = dsp.forecast(table, threads=1, **asked)
    two = dsp.forecast(mixed, threads=4, **asked)
    assert one.series == two.series
    assert one.points == two.points
    assert one.scores == two.scores


def test_ticks_are_counted_and_may_end_the_work() -> None:
    told: list[tuple[float, float | None]] = []

    def tick(done: float, total: float | None = None, **_: Any) -> None:
        told.append((done, total))

    forecast(panel(60, 1)[:, 0], horizon=3, methods=QUICK, tick=tick)
    fits = [(done, total) for done, total in told if total]
    assert fits[-1][0] == fits[-1][1]
    assert [d for d, _ in fits] == sorted(d for d, _ in fits)

    def stop(done: float, total: float | None = None, **_: Any) -> None:
        if done and total:
            raise CancelledError("enough")

    with pytest.raises(CancelledError, match="enough"):
        forecast(panel(60, 1)[:, 0], horizon=3, tick=stop)


def test_out_of_time_only_the_baselines_are_left() -> None:
    found = forecast(panel(60, 1)[:, 0], horizon=3, time_limit=0.0)
    assert found.left_out == ("theta", "ets", "arima", "boosted")
    assert found.series[0].method in ("naive", "seasonal_naive")
    assert len(found.of()) == 3


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"horizon": 0}, "horizon of 0"),
        ({"horizon": 5_000}, "horizon of 5000"),
        ({"level": 1.0}, "level of 1"),
        ({"seasons": (1,)}, "season of 1"),
        ({"methods": "prophet"}, "prophet"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(asked: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        forecast([1.0, 2.0, 3.0], **asked)


def test_seasons_are_found_or_named() -> None:
    t = np.arange(24 * 60)
    hours = 20 + 5 * np.sin(2 * np.pi * t / 24) + 4 * (t // 24 % 7 >= 5)
    hours = hours + np.random.default_rng(0).normal(0, 0.5, len(t))
    times = np.datetime64("2024-01-01T00:00:00") + t * np.timedelta64(1, "h")
    table = pa.table({"t": times.astype("datetime64[us]"), "load": hours})
    asked: dict[str, Any] = {"time": "t", "target": "load", "horizon": 48}
    found = dsp.forecast(table, methods=("theta",), **asked)
    assert found.series[0].seasonalities == ("24", "168")
    ahead = np.arange(len(t), len(t) + 48)
    truth = 20 + 5 * np.sin(2 * np.pi * ahead / 24) + 4 * (ahead // 24 % 7 >= 5)
    assert np.abs([p.value for p in found.of()] - truth).mean() < 0.5
    named = dsp.forecast(table, methods=("theta",), seasons=(24,), **asked)
    assert named.series[0].seasonalities == ("24",)
    none = dsp.forecast(table, methods=("theta",), seasons=(), **asked)
    assert none.series[0].seasonalities == ()


def test_an_output_holds_the_tables_and_evidence_that_runs(tmp_path: Any) -> None:
    path = tmp_path / "out.duckdb"
    found = forecast(panel(60, 1)[:, 0], horizon=3, methods=QUICK, output=path)
    engine = DuckEngine(path, read_only=True)
    try:
        sql = "select value from main.forecasts where is_chosen order by horizon"
        assert [row[0] for row in engine.rows(sql)] == [p.value for p in found.of()]
        evidence = engine.rows("select evidence_sql from main.forecast_series")[0][0]
        assert "clean" in evidence
        assert engine.rows("select count(*) from main.forecast_scores")[0][0] > 20
        assert engine.rows("select status from main.runs")[0][0] == "complete"
    finally:
        engine.close()


def test_a_deadline_is_a_time_and_not_a_wish() -> None:
    test = backtest.run(
        shown(panel()), methods_of(QUICK)[0], 6, deadline=time.monotonic() - 1
    )
    assert set(test.past) == {"naive", "seasonal_naive"}
    assert replace(shown(panel()), periods=()).season == 1
