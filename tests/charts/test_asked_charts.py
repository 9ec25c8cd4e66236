from __future__ import annotations

import json
from typing import Any

import ibis
import pytest

from dsp.charts import ChartBuilder
from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError, DspError

ORDERS = {
    "region": ["N", "S", "N", None, "S"],
    "units": [1.0, 2.0, 4.0, 8.0, float("inf")],
    "at": ["2024-01-05", "2024-01-06", "2024-02-01", "2024-02-02", "2024-03-01"],
}


def orders() -> Any:
    table = ibis.memtable(ORDERS)
    return table.mutate(at=table["at"].cast("date"))


@pytest.fixture
def shop(engine: DuckEngine) -> DuckEngine:
    engine.execute(
        "create table orders as select unnest(['N', 'S', 'N', null]) as region, "
        "unnest([1, 2, 4, 8]) as units, "
        "unnest(['1.5', 'nan', 'inf', '2']::double[]) as price"
    )
    return engine


def rows_of(chart: Any) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    found = spec["datasets"].values() if "datasets" in spec else [spec["data"]["values"]]
    return list(next(iter(found)))


@pytest.mark.parametrize(
    ("kind", "encodings", "message"),
    [
        ("bar", {}, "chart bar needs label; columns: region, units, at"),
        ("box", {}, "chart box needs label, value; columns: region, units, at"),
        ("bar", {"labl": "region"}, 'no encoding "labl"\n\nHint: did you mean "label"'),
        ("bar", {"label": "regin"}, 'no column named "regin".*\n.*mean "region"'),
        ("barr", {"label": "region"}, 'no kind of chart "barr".*\n.*mean "bar"'),
        ("trend", {"ts": "region"}, 'a time as ts, and column "region" is text'),
        (
            "box",
            {"label": "units", "value": "region"},
            'number as value, and column "reg',
        ),
        ("bar", {"label": None}, "chart bar needs label"),
        ("bar", {"label": 3}, 'no column named "3"'),
        ("bar", {"label": "region", "limit": 0}, "limit of chart bar is 0.*from 1 on"),
        ("kpi", {"baseline": "many"}, "baseline of chart kpi is 'many'"),
        ("gauge", {"high": float("inf")}, "high of chart gauge is inf"),
        ("heatmap", {"label": "region", "label_b": "at", "how": "avg"}, "no aggregate"),
    ],
)
def test_a_chart_that_cannot_be_drawn_says_what_it_lacks(
    kind: str, encodings: dict[str, Any], message: str
) -> None:
    with pytest.raises(DspError, match=f"(?s){message}"):
        ChartBuilder.chart(kind, orders(), **encodings)


def test_infinite_numbers_are_left_out_and_missing_labels_come_last() -> None:
    chart = ChartBuilder.chart("bar", orders(), label="region", value="units", how="sum")
    shown = [(row["label"], row["value"]) for row in rows_of(chart)]
    assert shown == [("N", 5.0), ("S", 2.0), ("(missing)", 8.0)]


def test_a_query_is_drawn_as_it_is(shop: DuckEngine) -> None:
    sql = "select region, sum(units) as total from orders group by 1 order by 2 desc -- !"
    row = ChartBuilder(shop).row(
        "bar_chart",
        sql,
        chart_id="regions",
        title="Units by region",
        section="sales",
        label="region",
        value="total",
        value_title="Units",
        highlight="N",
    )
    assert (row.chart_id, row.kind, row.section) == ("regions", "bar", "sales")
    assert shop.rows(row.data_sql) == [("(missing)", 8.0), ("N", 5.0), ("S", 2.0)]
    assert json.loads(row.spec)["data"] == {"name": "regions"}
    assert "var(--c1)" in row.spec
    assert '"Units"' in row.spec
    assert "#2563d9" not in row.spec


def test_a_query_may_be_an_ibis_table() -> None:
    table = orders().group_by("region").aggregate(total=ibis._.units.max())
    row = ChartBuilder().row(
        "bar", table, chart_id="c", title="T", label="region", value="total"
    )
    assert "limit 2000" in row.data_sql


def test_a_query_row_without_a_finite_number_is_left_out(shop: DuckEngine) -> None:
    row = ChartBuilder(shop).row(
        "bar",
        "select coalesce(region, 'none') as label, price as value from orders",
        chart_id="c",
        title="T",
    )
    assert shop.rows(row.data_sql) == [("N", 1.5), ("none", 2.0)]


@pytest.mark.parametrize(
    ("encodings", "error", "message"),
    [
        ({"label": "region"}, DspError, "chart bar needs value; columns: region, total"),
        (
            {"label": "region", "value": "totl"},
            ColumnNotFoundError,
            'no column named "totl" in the query of chart bar',
        ),
        (
            {"label": "total", "value": "region"},
            DspError,
            'a number as value, and column "region" is text',
        ),
        (
            {"label": "region", "value": "total", "heights": 3},
            DspError,
            'no encoding "heights"\n\nHint: did you mean "height"',
        ),
        ({"label": 1, "value": "total"}, ColumnNotFoundError, 'no column named "1"'),
        (
            {"label": "region", "value": "total", "format": "euros"},
            DspError,
            "format of chart bar is 'euros'",
        ),
        (
            {"label": "region", "value": "total", "height": "3"},
            DspError,
            "height of chart bar is '3'",
        ),
    ],
)
def test_a_query_without_the_columns_of_its_chart_is_refused(
    shop: DuckEngine, encodings: dict[str, Any], error: type[DspError], message: str
) -> None:
    sql = "select region, sum(units) as total from orders group by 1"
    with pytest.raises(error, match=message):
        ChartBuilder(shop).row("bar", sql, chart_id="c", title="T", **encodings)


def test_more_rows_than_a_chart_draws_are_refused(shop: DuckEngine) -> None:
    sql = "select i as label, i as value from range(2001) as t(i)"
    with pytest.raises(DspError, match="chart bar has 2,001 rows"):
        ChartBuilder(shop).row("bar", sql, chart_id="c", title="T")


def test_a_query_without_a_database_is_refused() -> None:
    with pytest.raises(DspError, match="there is no database to ask"):
        ChartBuilder().row("bar", "select 1 as label", chart_id="c", title="T")


def test_names_of_a_query_are_only_names(shop: DuckEngine) -> None:
    hostile = "x\"; drop table orders; --'</script>"
    quoted = '"' + hostile.replace('"', '""') + '"'
    row = ChartBuilder(shop).row(
        "bar",
        f"select {quoted}, 1.0 as n from (select '{{a}}' as {quoted})",
        chart_id="c",
        title="T",
        label=hostile,
        value="n",
    )
    assert shop.rows(row.data_sql) == [("{a}", 1.0)]
    assert shop.rows("select count(*) from orders") == [(4,)]
