from __future__ import annotations

import json
from typing import TYPE_CHECKING

import altair as alt
import pytest

from dsp.charts import ChartBuilder
from dsp.charts.base import Look
from dsp.engine import DuckEngine, Store
from dsp.registry import plugins
from dsp.statistics import StatisticsEngine

if TYPE_CHECKING:
    import pyarrow as pa


@pytest.mark.parametrize("name", sorted(plugins("charts")))
def test_every_kind_draws_a_valid_chart_of_data_by_name(name: str) -> None:
    plugin = plugins("charts")[name]
    assert plugin.name == name
    assert plugin.shape
    look = Look("Value", "Label", "number", columns=tuple(sorted(plugin.shape)))
    chart = plugin.draw(alt.NamedData(name="some_chart"), look)
    spec = json.loads(chart.to_json())
    assert spec["data"] == {"name": "some_chart"} or "some_chart" in json.dumps(spec)
    assert "datasets" not in spec


def test_charts_of_nasty_tables_feed_from_their_queries(
    engine: DuckEngine, nasty: tuple[str, pa.Table]
) -> None:
    _, data = nasty
    store = Store(engine)
    store.create()
    table = engine.put(data, "data", schema="clean")
    profile = StatisticsEngine(engine).profile(table)
    store.insert([*profile.columns, *profile.histograms, *profile.top_values])
    charts, problems = ChartBuilder(engine).build(store)
    assert not problems
    for chart in charts:
        assert engine.sql(chart.data_sql).num_rows <= 2_000
        assert "data" in json.loads(chart.spec) or "layer" in json.loads(chart.spec)
