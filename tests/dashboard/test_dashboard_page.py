from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pytest

import dsp
from dsp.dashboard import DashboardGenerator, build_figures
from dsp.dashboard.bundle import bundle_path, make_bundle
from dsp.dashboard.content import chart_data
from dsp.dashboard.marks import KEYS, raw
from dsp.engine import DuckEngine, Store
from dsp.records import Figure, Insight

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVIL = "</script><img src=x onerror=alert(1)><!--"


class Page(HTMLParser):
    """Collects elements, marks and scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if "data-dsp-value" in found:
            self.marks.append((str(found["data-dsp-key"]), str(found["data-dsp-value"])))


def page_of(folder: Path) -> str:
    return (folder / "dashboard.html").read_text(encoding="utf-8")


def stored(engine: DuckEngine, table: str, column: str, row: str) -> Any:
    """Return what the database holds at the address of a mark."""
    if table == "charts":
        chart_id, _, place = row.rpartition("#")
        sql = engine.rows(
            "select data_sql from main.charts where chart_id = $id", {"id": chart_id}
        )[0][0]
        data = chart_data(engine, sql)
        return data["rows"][int(place)][data["columns"].index(column)]
    where, params = "true", {}
    if table == "top_values":
        name, _, rank = row.rpartition("#")
        where, params = "column_name = $n and rank = $r", {"n": name, "r": int(rank)}
    elif KEYS[table]:
        where, params = f"cast({KEYS[table]} as varchar) = $k", {"k": row}
    found = engine.sql(f"select {column} as v from main.{table} where {where}", params)
    assert found.num_rows == 1
    return found["v"][0].as_py()


def test_every_mark_is_what_the_database_holds(
    sales_run: Path, results: DuckEngine
) -> None:
    marks = set(Page(page_of(sales_run)).marks)
    assert len(marks) > 150
    wrong = {}
    for address, value in marks:
        table, column, row = address.split("/")
        held = raw(stored(results, table, column, unquote(row)))
        if held != value:
            wrong[address] = (value, held)
    assert wrong == {}


def test_every_figure_is_what_its_query_gives(results: DuckEngine) -> None:
    figures = Store(results).read(Figure)
    assert {f.figure_id for f in figures} >= {"rows", "quality", "target_total", "model"}
    for figure in figures:
        assert results.rows(figure.evidence_sql)[0][0] == figure.value


def test_target_total_is_that_of_pandas(results: DuckEngine, sales: pa.Table) -> None:
    total = next(f for f in Store(results).read(Figure) if f.figure_id == "target_total")
    assert total.value == pytest.approx(sales["revenue"].to_pandas().sum(), rel=1e-12)


def test_policy_allows_exactly_the_scripts_of_the_page(sales_run: Path) -> None:
    text = page_of(sales_run)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]  # type: ignore[index]
    policy = policy.replace("&#39;", "'")
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    code = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.DOTALL)
    hashes = {
        "'sha256-" + base64.b64encode(hashlib.sha256(c.encode()).digest()).decode() + "'"
        for c in code
    }
    assert len(code) == 4
    assert hashes == set(re.findall(r"'sha256-[^']+'", policy))


def test_no_inline_style_no_event_no_address(sales_run: Path) -> None:
    for tag, attrs in Page(page_of(sales_run)).elements:
        assert "style" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag
        assert "src" not in attrs, tag
        assert str(attrs.get("href", "#")).startswith("#"), tag


def test_sections_come_in_order(sales_run: Path) -> None:
    ids = [a["id"] for tag, a in Page(page_of(sales_run)).elements if tag == "section"]
    assert ids == [
        "summary",
        "explore",
        "insights",
        "columns",
        "quality",
        "model",
        "reproduce",
    ]


def test_text_is_there_without_scripts(sales_run: Path, results: DuckEngine) -> None:
    text = page_of(sales_run)
    for insight in Store(results).read(Insight):
        if insight.is_said:
            assert f"insights/statement/{insight.insight_id}" in text
    assert len(text.encode()) < 2_500_000


def test_same_tables_give_the_same_bytes(results: DuckEngine) -> None:
    first, second = (DashboardGenerator(results).render() for _ in range(2))
    assert first == second


def test_writing_the_page_needs_no_altair(sales_run: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dsp.engine import DuckEngine\n"
        "from dsp.dashboard import DashboardGenerator\n"
        f"e = DuckEngine(Path({str(sales_run / 'results.duckdb')!r}), read_only=True)\n"
        "DashboardGenerator(e).render(); print('altair' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False"


def test_hostile_names_and_values_stay_text(run_of: Callable[..., Path]) -> None:
    table = pa.table(
        {
            EVIL: [EVIL, "b", "c'\"", "\u202eRTL 🦆"] * 25,
            f"x {EVIL}": [float(i % 17) for i in range(100)],
        }
    )
    text = page_of(run_of(table, f"x {EVIL}"))
    tags = [tag for tag, _ in Page(text).elements]
    assert "img" not in tags
    assert tags.count("script") == 5
    for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text):
        json.loads(block)
        assert "<!--" not in block


def test_nasty_tables_have_a_page(
    nasty: tuple[str, Any], run_of: Callable[..., Path]
) -> None:
    text = page_of(run_of(nasty[1]))
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    shown = re.sub(r"<details>.*?</details>", "", shown, flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", shown)
    assert not re.findall(r"\b(?:NaN|nan|Infinity|undefined|None)\b", words)
    assert "No target column was named" in words


def test_a_database_without_a_run_has_a_page(engine: DuckEngine) -> None:
    Store(engine).create()
    text = DashboardGenerator(engine).render()
    assert "No check was evaluated" in text
    assert "The columns were not profiled" in text


def test_no_rows_have_figures(engine: DuckEngine) -> None:
    store = Store(engine)
    store.create()
    engine.put(pa.table({"a": pa.array([], pa.int64())}), "data", schema="clean")
    values = {f.figure_id: f.value for f in build_figures(store, target=None)}
    assert values["rows"] == 0
    assert "missing" not in values


def test_two_thousand_columns_fit(run_of: Callable[..., Path]) -> None:
    from dataclasses import replace

    from dsp.records import ColumnProfile

    folder = run_of(pa.table({"a": [1.0, 2.0, None] * 10}))
    source = DuckEngine(folder / "results.duckdb", read_only=True)
    column = Store(source).read(ColumnProfile)[0]
    source.close()
    wide = DuckEngine(threads=2)
    store = Store(wide)
    store.create()
    store.insert(
        replace(column, column_name=f"column {i}", position=i) for i in range(2_000)
    )
    text = DashboardGenerator(wide).render()
    wide.close()
    assert text.count('data-name="') == 2_000
    assert len(text.encode()) < 8_000_000


@pytest.mark.slow
def test_the_bundle_is_that_of_the_installed_vl_convert() -> None:
    """When this fails after an upgrade: python -m dsp.dashboard.bundle."""
    kept = hashlib.sha256(bundle_path().read_bytes()).hexdigest()
    assert kept == hashlib.sha256(make_bundle().encode()).hexdigest()


def test_years_are_written_without_separators(run_of: Callable[..., Path]) -> None:
    years = {"year": [1950 + i % 60 for i in range(240)], "n": list(range(1950, 2190))}
    text = (run_of(pa.table(years)) / "dashboard.html").read_text(encoding="utf-8")
    assert re.search(r'data-dsp-key="columns/min_number/year">1950<', text)
    assert re.search(r'data-dsp-key="columns/max_number/year">2009<', text)
    assert re.search(r'data-dsp-key="columns/q50/year">19\d\d<', text)


def test_a_target_of_two_numbers_is_shown_as_a_share(run_of: Callable[..., Path]) -> None:
    n = 200
    table = pa.table(
        {
            "kept": [i % 5 == 0 for i in range(n)],
            "told": ["yes" if i % 5 == 0 else "no" for i in range(n)],
            "team": ["a" if i % 3 else "b" for i in range(n)],
        }
    ).set_column(0, "kept", pa.array([int(i % 5 == 0) for i in range(n)]))
    with dsp.open_run(run_of(table, "kept")) as run:
        figures = {f.figure_id: f for f in run.figures}
        charts = {c.chart_id: c for c in run.charts}
    assert figures["target_rate"].label == "Share of kept = 1"
    assert figures["target_rate"].value == pytest.approx(0.2)
    assert charts["explore_by_1"].column_name == "kept"
    assert "explore_distribution" not in charts
    # What gives the target away explains nothing.
    by = {c.column_name for c in charts.values() if c.chart_id.startswith("explore_by")}
    assert by == {"kept", "team"}


def test_a_season_is_drawn_by_its_parts(run_of: Callable[..., Path]) -> None:
    days = [date(2021, 1, 1) + timedelta(days=i) for i in range(1_096)]
    warmth = [20 - abs(d.month - 7) * 3 + (d.day * 7 % 5) for d in days]
    with dsp.open_run(run_of(pa.table({"day": days, "warmth": warmth}))) as run:
        found = [i for i in run.insights if i.kind == "seasonality"]
        # Warmth goes by the day of the month too: of that it has a part.
        assert {i.period for i in found} == {"yearly", "monthly"}
        yearly = next(i for i in found if i.period == "yearly")
        specs = {c.insight_id: c.spec for c in run.charts}
        spec = json.loads(specs[yearly.insight_id])
    titles = {
        t.get("title")
        for layer in spec.get("layer", [spec])
        for t in layer.get("encoding", {}).get("tooltip", [])
    }
    assert "month" in titles


def test_a_count_of_values_keeps_its_digits(run_of: Callable[..., Path]) -> None:
    n = 4_578
    folder = run_of(
        pa.table({"key_id": [f"k{i}" for i in range(n)], "v": [1, 2] * (n // 2)})
    )
    page = (folder / "dashboard.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r"distinct values <[^>]+>([^<]+)<", page)
    assert shown == "4,578"


def test_growing_rows_are_captioned_as_rows(run_of: Callable[..., Path]) -> None:
    days = [
        date(2021, 1, 1) + timedelta(days=i)
        for i in range(365)
        for _ in range(3 + i // 20)
    ]
    folder = run_of(pa.table({"day": days}))
    page = (folder / "dashboard.html").read_text(encoding="utf-8")
    assert "Rows by date; dashed line is expected" in page
    assert "day by date" not in page
