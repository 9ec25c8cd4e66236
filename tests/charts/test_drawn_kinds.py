from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from dsp.charts import ChartBuilder
from dsp.charts.base import LIGHT, Look
from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import literal
from dsp.errors import DspError
from dsp.registry import plugins

GOLDEN = Path(__file__).parent / "golden"
VARIANTS = {
    "gauge_goal": ("gauge", ("value", "high", "low", "goal")),
    "histogram_by": ("histogram", ("low", "high", "value", "label")),
    "kpi_change": ("kpi", ("value", "baseline", "goal")),
    "scatter_grid": ("scatter", ("x", "x2", "y", "y2", "n_rows")),
    "time_series_by": ("time_series", ("ts", "value", "label")),
}


def drawn_rows(chart: Any) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    if "datasets" in spec:
        return list(next(iter(spec["datasets"].values())))
    return list(spec["data"]["values"])


def points(engine: DuckEngine, n: int) -> Any:
    rng = np.random.default_rng(3)
    x = rng.normal(size=n)
    return engine.put(pa.table({"x": x, "y": x * 2 + rng.exponential(size=n)}), "points")


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_a_variant_is_the_golden_one(variant: str) -> None:
    """Set WRITE_GOLDEN=1 to write the files again, and read the difference."""
    import altair as alt

    kind, columns = VARIANTS[variant]
    look = Look("Revenue", "Region", columns=columns, polarity="up")
    spec = plugins("charts")[kind].draw(alt.NamedData(name="chart_1"), look).to_dict()
    spec.pop("config")
    text = json.dumps(spec, indent=2, sort_keys=True) + "\n"
    path = GOLDEN / f"{variant}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_few_points_are_drawn_as_they_are(engine: DuckEngine) -> None:
    table = points(engine, 2_000)
    shown = drawn_rows(ChartBuilder.chart("scatter", table, x="x", y="y"))
    expected = engine.rows("select x, y from points order by x, y")
    assert [(row["x"], row["y"]) for row in shown] == expected


def test_many_points_are_counted_in_cells_as_the_database_counts(
    engine: DuckEngine,
) -> None:
    table = points(engine, 5_000)
    shown = drawn_rows(ChartBuilder.chart("scatter", table, x="x", y="y", bins=20))
    assert len(shown) <= 400
    assert sum(cell["n_rows"] for cell in shown) == 5_000
    (last_x, last_y) = engine.rows("select max(x), max(y) from points")[0]
    for cell in shown[:: len(shown) // 25]:
        # The last cells hold their upper ends too.
        x_end = "<=" if cell["x2"] == pytest.approx(last_x) else "<"
        y_end = "<=" if cell["y2"] == pytest.approx(last_y) else "<"
        ((found,),) = engine.rows(
            f"select count(*) from points where x >= $x and x {x_end} $x2 "
            f"and y >= $y and y {y_end} $y2",
            {key: cell[key] for key in ("x", "x2", "y", "y2")},
        )
        assert found == cell["n_rows"]


def test_many_points_of_a_query_are_counted_in_cells(engine: DuckEngine) -> None:
    points(engine, 5_000)
    row = ChartBuilder(engine).row(
        "scatter", "select x as a, y as b from points", chart_id="c", title="T",
        x="a", y="b",
    )  # fmt: skip
    cells = engine.sql(row.data_sql)
    assert cells.num_rows <= 2_000
    assert sum(cells.column("n_rows").to_pylist()) == 5_000
    assert '"x2"' in row.spec


def shops(n: int) -> Any:
    """Return n shops: the first has one row, the second two, and so on."""
    names = [f"s{at:02d}" for at in range(1, n + 1) for _ in range(at)]
    return ibis.memtable({"shop": names, "units": [1.0] * len(names)})


def test_a_pie_has_six_slices_with_what_is_left_as_other() -> None:
    shown = drawn_rows(ChartBuilder.chart("pie", shops(9), label="shop", value="units"))
    assert [(row["label"], row["value"]) for row in shown] == [
        ("s09", 9.0),
        ("s08", 8.0),
        ("s07", 7.0),
        ("s06", 6.0),
        ("s05", 5.0),
        ("Other", 10.0),
    ]
    six = drawn_rows(ChartBuilder.chart("pie", shops(6), label="shop"))
    assert [row["label"] for row in six] == ["s06", "s05", "s04", "s03", "s02", "s01"]


def test_a_pie_of_averages_is_refused() -> None:
    with pytest.raises(DspError, match='parts of a whole, and "mean" of units is none'):
        ChartBuilder.chart("pie", shops(2), label="shop", value="units", how="mean")


def test_a_pie_of_negative_parts_is_refused() -> None:
    table = ibis.memtable({"shop": ["a", "b"], "units": [3.0, -1.0]})
    with pytest.raises(DspError, match="negative"):
        ChartBuilder.chart("pie", table, label="shop", value="units")


def test_series_beyond_the_sixth_are_one_and_keep_the_total() -> None:
    rows = shops(9).to_pyarrow().to_pydict()
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows["at"] = [start + timedelta(days=n) for n in range(len(rows["shop"]))]
    table = ibis.memtable(pa.table(rows))
    chart = ChartBuilder.chart(
        "time_series", table, ts="at", value="units", label="shop", grain="month"
    )
    shown = drawn_rows(chart)
    names = list(dict.fromkeys(row["label"] for row in shown))
    assert names == ["s09", "s08", "s07", "s06", "s05", "s04", "Other"]
    assert sum(row["value"] for row in shown) == len(rows["shop"])
    assert all(row["ts"].endswith("Z") for row in shown)


def test_the_period_of_a_series_fits_its_length() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    days = ibis.memtable({"at": [start + timedelta(days=n) for n in range(900)]})
    shown = drawn_rows(ChartBuilder.chart("time_series", days, ts="at"))
    assert 120 < len(shown) < 140
    with pytest.raises(DspError, match=r'(?s)no period "monat".*"month"'):
        ChartBuilder.chart("time_series", days, ts="at", grain="monat")
    with pytest.raises(DspError, match=r'(?s)each hour is more than.*grain="day"'):
        ChartBuilder.chart("time_series", days, ts="at", grain="hour")


@pytest.mark.parametrize(
    ("name", "encodings", "same", "as_"),
    [
        ("distribution", {"x": "units"}, "histogram", {"x": "units"}),
        ("heat_map", {"label": "a", "label_b": "b"}, "heatmap", None),
        ("boxplot", {"label": "a", "value": "units"}, "box", None),
        ("line", {"x": "at", "value": "units"}, "time_series", {"ts": "at"}),
        ("line", {"x": "units", "value": "n", "label": "a"}, "lines", None),
        ("line", {"x": "units", "value": "n"}, "relation", None),
        ("bullet", {"value": "n", "high": 30.0}, "gauge", None),
        ("number", {"value": "n"}, "kpi", None),
    ],
)
def test_another_name_of_a_kind_draws_the_same(
    name: str, encodings: dict[str, Any], same: str, as_: dict[str, Any] | None
) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    table = ibis.memtable(
        {
            "a": ["x", "y"] * 10,
            "b": ["p", "p", "q", "q"] * 5,
            "units": [float(n % 7) for n in range(20)],
            "n": list(range(20)),
            "at": [start + timedelta(days=n) for n in range(20)],
        }
    )
    kept = {k: v for k, v in encodings.items() if k != "x"}
    other = encodings if as_ is None else kept | as_
    one = ChartBuilder.chart(name, table, **encodings).to_dict()
    assert one == ChartBuilder.chart(same, table, **other).to_dict()


def test_groups_of_a_distribution_each_sum_to_one(sales: pa.Table) -> None:
    chart = ChartBuilder.chart(
        "histogram", ibis.memtable(sales), x="revenue", label="region", bins=12
    )
    shown = drawn_rows(chart)
    assert len(shown) == 4 * 12
    for region in ("North", "South", "East", "West"):
        shares = [row["value"] for row in shown if row["label"] == region]
        assert sum(shares) == pytest.approx(1)


def test_bins_of_a_distribution_are_those_of_numpy(sales: pa.Table) -> None:
    chart = ChartBuilder.chart("histogram", ibis.memtable(sales), x="revenue", bins=15)
    counts, edges = np.histogram(sales["revenue"].to_numpy(), bins=15)
    shown = drawn_rows(chart)
    assert [row["value"] for row in shown] == [int(n) for n in counts if n]
    assert shown[0]["low"] == edges[0]
    assert shown[-1]["high"] == edges[-1]


def test_labels_of_a_heat_map_stand_in_their_order() -> None:
    table = ibis.memtable(
        {"hour": [10, 2, None, 9, 2], "who": ["b", "a", "b", None, "b"], "n": [1.0] * 5}
    )
    shown = drawn_rows(
        ChartBuilder.chart("heatmap", table, label="hour", label_b="who", value="n")
    )
    assert list(dict.fromkeys(r["label"] for r in shown)) == ["2", "9", "10", "(missing)"]
    assert [r["label_b"] for r in shown[:3]] == ["a", "b", "(missing)"]
    assert len(shown) == 12
    assert sum(row["value"] is not None for row in shown) == 5


def test_a_figure_is_compared_with_its_baseline() -> None:
    chart = ChartBuilder.chart(
        "kpi", shops(3), value="units", title="Units", baseline=5, goal=9, polarity="up"
    )
    assert drawn_rows(chart) == [{"value": 6.0, "baseline": 5.0, "goal": 9.0}]
    text = json.dumps(chart.to_dict())
    assert LIGHT["good"] in text
    assert LIGHT["bad"] in text
    assert '"Units"' in text
    with pytest.raises(DspError, match='no polarity "high"'):
        ChartBuilder.chart("kpi", shops(3), value="units", polarity="high")


def test_a_gauge_needs_a_range() -> None:
    with pytest.raises(DspError, match="chart gauge needs high"):
        ChartBuilder.chart("gauge", shops(3), value="units")
    with pytest.raises(DspError, match="ends at 1, which is not above 2"):
        ChartBuilder.chart("gauge", shops(3), value="units", low=2, high=1)


def test_a_forecast_starts_where_the_past_ends() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    table = ibis.memtable(
        {
            "at": [start + timedelta(days=n) for n in range(4)],
            "sold": [1.0, 2.0, 3.0, 4.0],
            "low": [None, None, 2.5, 3.0],
            "high": [None, None, 3.5, 5.0],
        }
    )
    shown = drawn_rows(
        ChartBuilder.chart(
            "forecast_band", table, ts="at", value="sold", low="low", high="high"
        )
    )
    assert [row["value"] for row in shown] == [1.0, 2.0, None, None]
    assert [row["forecast"] for row in shown] == [None, 2.0, 3.0, 4.0]
    assert [row["low"] for row in shown] == [None, 2.0, 2.5, 3.0]


@pytest.mark.parametrize(
    ("skewness", "is_log"), [(3.0, True), (0.5, False), (None, False)]
)
def test_predictions_of_a_skewed_target_have_logarithmic_axes(
    engine: DuckEngine, skewness: float | None, is_log: bool
) -> None:
    engine.execute(
        "create or replace table main.predictions as select 'm' as model_id, "
        "'holdout' as split, exp(i / 50) as predicted_number, "
        "exp(i / 50 + 0.1) as actual_number from range(300) as t(i)"
    )
    best = SimpleNamespace(model_id="m", task="regression")
    target = SimpleNamespace(skewness=skewness)
    facts: Any = SimpleNamespace(best=best, target=target, engine=engine)
    (plan,) = plugins("charts")["predicted_actual"].plan(facts)
    cells = engine.sql(plan.data_sql).to_pylist()
    assert sum(cell["n_rows"] for cell in cells) == 300
    assert cells[0]["low"] == pytest.approx(1.0)
    assert cells[0]["high"] == pytest.approx(math.exp(299 / 50 + 0.1))
    assert plan.look.log == is_log
    # Steps of equal ratio fill the diagonal evenly, steps of equal width do not.
    assert (max(cell["n_rows"] for cell in cells) < 20) == is_log


def test_a_planned_forecast_starts_where_the_past_ends(engine: DuckEngine) -> None:
    evidence = (
        "select timestamp '2024-01-01' + interval 1 day * i as ts, "
        "i::double as value from range(90) as t(i)"
    )
    engine.execute(
        "create table main.forecast_series as select 'units' as series, "
        f"'units' as target, 'day' as frequency, {literal(evidence)} as evidence_sql, "
        "'naive' as method, 90 as n_rows",
    )
    engine.execute(
        "create table main.forecasts as select 'units' as series, true as is_chosen, "
        "timestamptz '2024-03-31 00:00:00+00' + interval 1 day * i as ts, "
        "89.0 as value, 80.0 as low, 99.0 as high, 0.9 as level from range(5) as t(i)"
    )
    facts: Any = SimpleNamespace(engine=engine)
    (plan,) = plugins("charts")["forecast"].plan(facts)
    rows = engine.sql(plan.data_sql).to_pylist()
    joint = [r for r in rows if r["value"] is not None and r["forecast"] is not None]
    assert [(r["value"], r["forecast"], r["low"], r["high"]) for r in joint] == [
        (89.0, 89.0, 89.0, 89.0)
    ]
    assert sum(r["forecast"] is not None for r in rows) == 6
