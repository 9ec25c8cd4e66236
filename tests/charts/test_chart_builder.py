from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pytest

from dsp.charts import ChartBuilder
from dsp.charts.base import Look
from dsp.engine import Store
from dsp.errors import DspError
from dsp.records import ChartRow, Insight
from dsp.registry import plugins

if TYPE_CHECKING:
    import pyarrow as pa

    from dsp.engine import DuckEngine

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("kind", sorted(plugins("charts")))
def test_a_specification_is_the_golden_one(kind: str) -> None:
    """Set WRITE_GOLDEN=1 to write the files again, and read the difference."""
    import altair as alt

    plugin = plugins("charts")[kind]
    columns = tuple(sorted({*plugin.shape, "n_rows"}))
    look = Look("Revenue", "Region", highlight="West", columns=columns)
    spec = plugin.draw(alt.NamedData(name="chart_1"), look).to_dict()
    spec.pop("config")
    text = json.dumps(spec, indent=2, sort_keys=True) + "\n"
    path = GOLDEN / f"{kind}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(plugins("charts")))
def test_a_specification_holds_no_data(kind: str) -> None:
    spec = json.loads((GOLDEN / f"{kind}.json").read_text(encoding="utf-8"))
    assert spec["data"] == {"name": "chart_1"}
    assert "datasets" not in spec
    assert "url" not in json.dumps(spec["data"])


def values(chart: Any) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    if "datasets" in spec:
        return next(iter(spec["datasets"].values()))
    return spec["data"]["values"]


def test_bars_are_the_groups_of_pandas(sales: pa.Table) -> None:
    frame = sales.to_pandas()
    chart = ChartBuilder.chart(
        "bar", ibis.memtable(sales), label="region", value="revenue", how="sum"
    )
    expected = frame.groupby("region")["revenue"].sum().sort_values(ascending=False)
    assert [row["label"] for row in values(chart)] == list(expected.index)
    assert [row["value"] for row in values(chart)] == pytest.approx(list(expected))


def test_histogram_counts_every_row_once(sales: pa.Table) -> None:
    chart = ChartBuilder.chart("histogram", ibis.memtable(sales), x="revenue", bins=10)
    assert sum(row["value"] for row in values(chart)) == sales.num_rows


def test_trend_sums_by_month(sales: pa.Table) -> None:
    frame = sales.to_pandas()
    months = frame.groupby(frame["order_date"].map(lambda d: d.month))["revenue"].sum()
    chart = ChartBuilder.chart(
        "trend", ibis.memtable(sales), ts="order_date", value="revenue"
    )
    assert [row["value"] for row in values(chart)] == pytest.approx(list(months))


def test_an_unknown_kind_names_the_kinds(sales: pa.Table) -> None:
    with pytest.raises(DspError, match=r'(?s)no kind of chart "sankey".*bar, box'):
        ChartBuilder.chart("sankey", ibis.memtable(sales), label="region")


def test_an_empty_run_gives_no_charts(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    assert ChartBuilder(engine).build(store) == ((), ())


@pytest.mark.parametrize(
    ("kind", "evidence", "titles"),
    [
        ("driver", "select 'a' as label, 2.5 as value", {"wind", "rain"}),
        (
            "heteroscedasticity",
            "select 'a' as label, 2.5 as value",
            {"wind", "Spread of rain"},
        ),
        (
            "lagged",
            "select 2.0 as x, 0.5 as value",
            {"days of lag", "Correlation"},
        ),
    ],
)
def test_a_chart_is_titled_by_what_its_evidence_measures(
    engine: DuckEngine, kind: str, evidence: str, titles: set[str]
) -> None:
    chart = chart_of(engine, kind=kind, evidence_sql=evidence, target="rain")
    assert titles <= titles_of(chart)


@pytest.mark.parametrize(
    ("fact", "evidence", "bars", "title"),
    [
        (
            ("missing_values", "missing_share"),
            "0.25 as value",
            [("missing", 0.25), ("known", 0.75)],
            "Share of rows",
        ),
        (
            ("duplicate_rows", "share_of_rows"),
            "0.1 as value, 3 as n_rows",
            [("copies", 0.1), ("other rows", 0.9)],
            "Share of rows",
        ),
        (
            ("id_column", "distinct_values"),
            "90 as value, 100 as n_rows",
            [("distinct values", 90.0), ("rows", 100.0)],
            "Count",
        ),
        (
            ("heavy_tail", "skewness"),
            "9.5 as value, 2.5 as baseline, 4 as n_rows",
            [("mean", 9.5), ("median", 2.5)],
            "wind",
        ),
    ],
)
def test_a_fact_is_drawn_as_two_bars(
    engine: DuckEngine,
    fact: tuple[str, str],
    evidence: str,
    bars: list[tuple[str, float]],
    title: str,
) -> None:
    kind, effect = fact
    chart = chart_of(
        engine, kind=kind, effect_name=effect, evidence_sql=f"select {evidence}"
    )
    assert engine.rows(chart.data_sql) == bars
    assert title in titles_of(chart)


def chart_of(engine: DuckEngine, **said: Any) -> ChartRow:
    """Return the only chart of a run that has one insight about wind and rain."""
    store = Store(engine)
    store.create()
    about: dict[str, Any] = dict.fromkeys(
        ("insight_id", "chart_id", "title", "unit", "correction", "statement"), "s"
    )
    about |= {"recommendation": "r", "severity": "info", "columns": ("wind", "rain")}
    about |= {"rank": 1, "score": 1.0, "asserted": True, "n_rows": 9, "n_tests": 1}
    store.insert([Insight(**about | said)])
    (chart,), problems = ChartBuilder(engine).build(store)
    assert problems == ()
    return chart


def titles_of(chart: ChartRow) -> set[str]:
    spec = json.loads(chart.spec)
    layers = [spec, *spec.get("layer", [])]
    tips = [t for layer in layers for t in layer.get("encoding", {}).get("tooltip", [])]
    return {t["title"] for t in tips}


def test_years_on_an_axis_have_no_separators() -> None:
    table = ibis.memtable({"year": list(range(1950, 2020)), "x": list(range(70))})
    spec = json.dumps(ChartBuilder.chart("histogram", table, x="year").to_dict())
    assert "format(datum.value,'d')" in spec
    assert '"title": "From"' in spec
    assert '"format": ".4~r"' in spec
    other = json.dumps(ChartBuilder.chart("histogram", table, x="x").to_dict())
    assert "format(datum.value,'d')" not in other
