"""D5 to D7: what the page shows under any filter is what SQL gives on the data."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dsp import numbers, units
from tests.browser.conftest import Opened, open_page
from tests.browser.states import Truth, check_marks

if TYPE_CHECKING:
    from collections.abc import Callable

STATES = 20
SETS = {
    "taxis": ("taxis.csv", "total"),
    "diamonds": ("diamonds.csv", "price"),
    "seattle-weather": ("seattle-weather.csv", None),
    "titanic": ("titanic.csv", "survived"),
}


@pytest.fixture(scope="module")
def two_years() -> pa.Table:
    """Return two years and a bit of orders, the last week not complete."""
    n = 6_000
    start = date(2023, 1, 1)
    return pa.table(
        {
            "day": [start + timedelta(days=(i * 37) % 800) for i in range(n)],
            "region": [("North", "South", None, "West")[(i * 7) % 4] for i in range(n)],
            "plan": [f"plan {(i * 13) % 17:02}" for i in range(n)],
            "kept": [(i * 11) % 3 == 0 for i in range(n)],
            "revenue": [((i * 7919) % 10_007) / 100 for i in range(n)],
            "delay": [None if i % 9 == 0 else float((i * 31) % 41 - 5) for i in range(n)],
        }
    )


def agrees(shown: float | None, wanted: float | None) -> bool:
    if wanted is None or shown is None:
        return (wanted is None) == (shown is None) or not (wanted or shown)
    return shown == pytest.approx(float(wanted), rel=1e-6, abs=1e-9)


def check_state(opened: Opened, truth: Truth, state: dict[str, Any]) -> None:
    """Compare cards, bars and trend of one state with SQL."""
    opened.run("(s) => __dsp.set(s)", state)
    opened.settle()
    for kpi in truth.kpis:
        if kpi.how == "all":
            continue
        sql = kpi.evidence_sql.partition("\nfrom")[0].removeprefix("select ")
        wanted = truth.figure(state, sql.rpartition(" as value")[0])
        if kpi.how == "sum":
            # The total of no rows is nothing.
            wanted = wanted or 0.0
        shown = opened.run("(k) => __dsp.total(k)", kpi.kpi_id)
        assert agrees(shown, wanted), (kpi.kpi_id, state, shown, wanted)
        if kpi.how == "rows":
            assert shown == wanted
        text = opened.run(
            '(k) => document.querySelector(`[data-dsp="kpi-${k}"] b`).textContent',
            kpi.kpi_id,
        )
        value = None if wanted is None else float(wanted)
        assert text == units.with_unit(numbers.written(value, kpi.format), kpi.unit)
    for place, dimension in enumerate(truth.dimensions):
        rows = opened.run("(id) => __dsp.rows(id)", f"explore_by_{place + 1}")
        wanted_bars = truth.bars(state, place, truth.main(dimension))
        shown_bars = {r["label"]: (r["value"], r["n_rows"]) for r in rows if r["n_rows"]}
        assert shown_bars.keys() == wanted_bars.keys()
        for label, (value, n) in wanted_bars.items():
            assert shown_bars[label][1] == n
            assert agrees(shown_bars[label][0], value), (dimension.label, label)


def check_trend(opened: Opened, truth: Truth, state: dict[str, Any]) -> None:
    opened.run("(s) => __dsp.set(s)", state)
    opened.settle()
    rows = opened.run("__dsp.rows('explore_trend')")
    wanted = truth.trend(state)
    assert len(rows) == len(wanted)
    for row, (value, n) in zip(rows, wanted, strict=True):
        assert agrees(row["value"], value if n else None)


def test_filters_of_the_reference_give_the_figures_of_sql(
    chromium: Any, page_of_run: Callable[..., Path], reference_sales: pa.Table
) -> None:
    page = page_of_run(reference_sales, "revenue", time_column="order_date")
    truth = Truth.of(page)
    opened = open_page(chromium, page)
    assert len(check_marks(opened, truth.engine)) > 150
    for state in truth.states(STATES):
        check_state(opened, truth, state)
    assert opened.heard == []
    truth.engine.close()
    opened.close()


@pytest.mark.parametrize("target", ["revenue", "kept", "delay", None])
def test_any_filter_gives_the_figures_of_sql(
    chromium: Any,
    page_of_run: Callable[..., Path],
    two_years: pa.Table,
    target: str | None,
) -> None:
    page = page_of_run(two_years, target)
    truth = Truth.of(page)
    assert truth.cube.axis == "time"
    assert len(truth.dimensions) >= 2
    opened = open_page(chromium, page)
    for state in truth.states(STATES):
        check_state(opened, truth, state)
    for state in truth.states(3, seed=1):
        check_trend(opened, truth, state)
    assert opened.heard == []
    truth.engine.close()
    opened.close()


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", list(SETS))
def test_filters_of_real_data_give_the_figures_of_sql(
    chromium: Any, page_of_run: Callable[..., Path], shared_data: Path, name: str
) -> None:
    file, target = SETS[name]
    page = page_of_run(shared_data / file, target)
    truth = Truth.of(page)
    opened = open_page(chromium, page)
    assert len(check_marks(opened, truth.engine)) > 50
    for state in truth.states(STATES):
        check_state(opened, truth, state)
    assert opened.heard == []
    truth.engine.close()
    opened.close()


def test_the_comparison_has_as_many_whole_days(
    chromium: Any, page_of_run: Callable[..., Path], two_years: pa.Table
) -> None:
    page = page_of_run(two_years, "revenue")
    truth = Truth.of(page)
    cube = truth.cube
    assert truth.buckets[-1].is_partial
    assert cube.back == 52
    for kpi in truth.kpis:
        if kpi.previous_sql is not None:
            now, before = (
                truth.engine.rows(sql.replace("select ", "select count(*) as n, ", 1))
                for sql in (kpi.evidence_sql, kpi.previous_sql)
            )
            assert kpi.value == pytest.approx(float(now[0][1]))
            assert kpi.previous == pytest.approx(float(before[0][1]))
    opened = open_page(chromium, page)
    state = {
        "first": cube.n_buckets - 10,
        "last": cube.n_buckets - 1,
        "on": [None] * len(truth.dimensions),
    }
    opened.run("(s) => __dsp.set(s)", state)
    opened.settle()
    rows = opened.run("__dsp.rows('explore_trend')")
    wanted = truth.figure(state, "sum(revenue)", back=52)
    assert sum(r["previous"] for r in rows) == pytest.approx(wanted, rel=1e-6)
    truth.engine.close()
    opened.close()


def test_the_state_lives_in_the_address(
    chromium: Any, page_of_run: Callable[..., Path], two_years: pa.Table
) -> None:
    page = page_of_run(two_years, "revenue")
    truth = Truth.of(page)
    opened = open_page(chromium, page, draw=False)
    for state in truth.states(8, seed=2):
        opened.run("(s) => __dsp.set(s)", state)
        opened.settle()
        kept = opened.run("__dsp.state()")
        again = open_page(chromium, page, draw=False, address=kept["address"])
        again.settle()
        found = again.run("__dsp.state()")
        assert [found[k] for k in ("first", "last", "on")] == [
            kept[k] for k in ("first", "last", "on")
        ]
        assert again.heard == []
        again.close()
    strange = "#?w=1999-01-01~x&region=Nowhere,%E0%A4%A&nothing=1&&="
    again = open_page(chromium, page, draw=False, address=strange)
    state = again.run("__dsp.state()")
    assert state["on"] == [None] * len(truth.dimensions)
    assert state["address"] == ""
    assert again.heard == []
    truth.engine.close()
    again.close()
    opened.close()
