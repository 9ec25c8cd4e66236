from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsp.detectors import PatternDetector
from dsp.detectors.scene import Scene
from dsp.engine import DuckEngine
from dsp.insights import InsightGenerator
from dsp.records import Insight
from dsp.statistics import StatisticsEngine


def said(
    engine: DuckEngine, data: Any, *, target: str | None = None
) -> tuple[Insight, ...]:
    table = engine.put(data, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, target=target).columns
    detected = PatternDetector(engine).detect(table, columns, target=target)
    assert detected.problems == ()
    found = InsightGenerator().generate(
        detected, columns, target=target, n_rows=data.num_rows
    )
    return tuple(i for i in found if i.asserted)


def test_the_planted_stories_of_sales_are_found(engine: DuckEngine, sales: Any) -> None:
    found = said(engine, sales, target="revenue")
    west = [i for i in found if i.segment_value == "West" and "unit_price" in i.columns]
    assert west
    assert west[0].direction == "down"
    # By hand: the other regions sell at 40 on average, West at 60 % of that.
    assert west[0].value == pytest.approx(0.6 * (west[0].baseline or 0), rel=0.1)
    weekly = [i for i in found if i.kind == "seasonality" and i.period == "weekly"]
    assert {"units"} & {i.target for i in weekly}
    assert any(i.kind == "trend" and i.target == "units" for i in found)
    assert any(i.kind == "driver" and i.columns == ("units", "revenue") for i in found)
    about_noise = [i for i in found if "returned" in i.columns and "revenue" in i.columns]
    assert about_noise == []


def test_shuffled_columns_say_nothing(engine: DuckEngine, sales: Any) -> None:
    claims = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        names = [n for n in sales.column_names if n != "order_id"]
        shuffled = pa.table(
            {n: sales[n].take(pa.array(rng.permutation(sales.num_rows))) for n in names}
        )
        target = ["revenue", "returned", "region"][seed % 3]
        found = said(engine, shuffled, target=target)
        claims += sum(i.p_value is not None for i in found)
    assert claims <= 1


def test_wandering_means_make_no_trend(engine: DuckEngine) -> None:
    claims = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        days, level = 400, np.zeros(400)
        for i in range(1, days):
            level[i] = 0.9 * level[i - 1] + rng.normal()
        at = np.repeat(np.arange(days), 5)
        data = pa.table(
            {
                "day": [date(2023, 1, 1) + timedelta(days=int(i)) for i in at],
                "y": level[at] + rng.normal(size=len(at)) + 20,
                "group": rng.choice(["a", "b", "c"], len(at)).tolist(),
            }
        )
        claims += sum(
            i.kind in ("trend", "change_point", "seasonality", "segment_outlier")
            for i in said(engine, data, target="y")
        )
    assert claims <= 1


def test_a_step_is_a_change_point_at_its_date(engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    y = np.where(np.arange(300) >= 180, 15.0, 10.0) + rng.normal(size=300)
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(300)]
    found = said(engine, pa.table({"day": days, "y": y}), target="y")
    (step,) = [i for i in found if i.kind == "change_point"]
    shift = date.fromisoformat(step.time_start or "") - days[180]
    assert abs(shift.days) <= 2
    assert step.direction == "up"
    trends = [i for i in found if i.kind == "trend"]
    assert all(i.explained_by == step.insight_id for i in trends)


def test_a_single_day_out_of_line_is_named(engine: DuckEngine) -> None:
    y = 100 + np.random.default_rng(2).normal(size=200)
    y[77] = 160
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(200)]
    found = said(engine, pa.table({"day": days, "y": y}), target="y")
    (point,) = [i for i in found if i.kind == "point_anomaly"]
    assert point.time_start == days[77].isoformat()
    assert point.value == pytest.approx(160)


def test_a_yearly_cycle_over_four_years_is_found(engine: DuckEngine) -> None:
    days = [date(2020, 1, 1) + timedelta(days=i) for i in range(1461)]
    season = [-10 * np.cos(2 * np.pi * d.timetuple().tm_yday / 365.25) for d in days]
    y = np.array(season) + np.random.default_rng(3).normal(size=1461) * 4 + 30
    found = said(engine, pa.table({"day": days, "y": y}), target="y")
    (yearly,) = [i for i in found if i.period == "yearly" and i.is_said]
    assert "June" in yearly.title or "July" in yearly.title
    assert not any(i.kind == "trend" for i in found)


def test_copies_of_the_target_are_leakage(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    y = rng.choice(["yes", "no"], 400)
    data = pa.table(
        {
            "bought": y.tolist(),
            "flag": np.where(y == "yes", "1 paid", "2 open").tolist(),
            "other": rng.choice(["a", "b"], 400).tolist(),
        }
    )
    first = said(engine, data, target="bought")[0]
    assert (first.kind, first.columns) == ("leakage", ("flag", "bought"))


def test_a_target_that_is_a_difference_is_called_so(engine: DuckEngine) -> None:
    rng = np.random.default_rng(8)
    fare, tip, tolls = rng.gamma(2, 8, 900), rng.gamma(1, 3, 900), rng.gamma(1, 4, 900)
    total = fare + tip + tolls + rng.choice([0.3, 0.8], 900)
    noise = rng.normal(size=900)
    data = pa.table(
        {"fare": fare, "tip": tip, "tolls": tolls, "total": total, "noise": noise}
    )
    first = said(engine, data, target="fare")[0]
    assert first.kind == "leakage"
    assert set(first.columns) == {"total", "tip", "tolls", "fare"}
    assert first.columns[0] == "total"
    assert "total \u2212 t" in first.title
    oracle = np.corrcoef(fare, total - tip - tolls)[0, 1]
    assert first.value == pytest.approx(oracle, rel=1e-9)


def test_nearly_one_column_decides_another(engine: DuckEngine) -> None:
    rng = np.random.default_rng(5)
    town = rng.choice(["Bern", "Thun", "Genf", "Nyon"], 1000)
    canton = np.where(np.isin(town, ["Bern", "Thun"]), "BE", "GE")
    canton[:3] = "XX"
    found = said(engine, pa.table({"town": town.tolist(), "canton": canton.tolist()}))
    decides = [i for i in found if i.kind == "functional_dependency"]
    assert [i.columns for i in decides] == [("town", "canton")]
    assert decides[0].value == pytest.approx(0.997)


def test_sums_of_pairs_agree_with_pandas(engine: DuckEngine, sales: Any) -> None:
    table = engine.put(sales, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(table, target="revenue").columns
    scene = Scene(engine, table, columns, target="revenue")
    frame = sales.to_pandas()
    scores = pd.DataFrame({m.name: m.z for m in scene.frame.measures.values()})
    scores = scores.where(
        pd.DataFrame({m: v.has for m, v in scene.frame.measures.items()})
    )
    oracle = scores["unit_price"].groupby(frame["region"]).agg(["count", "mean", "var"])
    assert scene.frame.dimensions["region"].labels == tuple(oracle.index)
    groups = scene.gram.groups("region", "unit_price")
    for ours, name in zip(groups, oracle.columns, strict=True):
        assert ours == pytest.approx(oracle[name].to_numpy(float), rel=1e-9)
    cross = pd.crosstab(frame["region"], frame["channel"])
    assert scene.gram.counts("region", "channel").tolist() == cross.to_numpy().tolist()
    n, r = scene.gram.correlation("revenue", "unit_price")
    both = scores[["revenue", "unit_price"]].dropna()
    assert n == len(both)
    assert r == pytest.approx(both.corr().iloc[0, 1], rel=1e-9)


def test_threads_do_not_change_a_digit(sales: Any) -> None:
    outcomes = []
    for threads in (1, 4):
        engine = DuckEngine(threads=threads)
        outcomes.append(said(engine, sales, target="revenue"))
        engine.close()
    assert outcomes[0] == outcomes[1]
