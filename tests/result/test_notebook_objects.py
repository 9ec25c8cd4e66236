"""What a run and its parts show in notebooks: static, escaped, small, and still data."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import altair as alt
import mistune
import pyarrow as pa
import pytest

import dsp
from dsp.errors import ColumnNotFoundError, DspError, SettingError
from dsp.records import ColumnProfile, Insight
from dsp.result.blocks import Code, Facts, Grid, Heading, Lines, Picture, Words
from dsp.result.drawings import both_themes, compact
from dsp.result.fragments import html_of
from dsp.result.plain import markdown_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`|\x1b[31m"
OBJECTS: dict[str, Callable[[dsp.Run], Any]] = {
    "run": lambda run: run,
    "insights": lambda run: run.insights,
    "slice": lambda run: run.insights[:1],
    "columns": lambda run: run.columns,
    "kpis": lambda run: run.kpis,
    "checks": lambda run: run.checks,
    "quality": lambda run: run.quality,
    "model": lambda run: run.model,
    "result": lambda run: run.sql("from columns"),
}
TAGS = (
    "div style h3 h4 p dl dt dd ul li table thead tbody tr th td details summary pre "
    "img picture source"
)
"""Elements that fragments are made of."""
ATTRIBUTES = "class src srcset media alt width"
WIDE = 30


def shown(run: dsp.Run) -> dict[str, Any]:
    """Return every object of a run that shows itself, by a name for the test."""
    found = {name: of(run) for name, of in OBJECTS.items()}
    found |= {f"insight {i.rank}": i for i in run.insights}
    found |= {f"column {c.position}": c for c in run.columns.values()}
    return {name: thing for name, thing in found.items() if thing is not None}


class Elements(HTMLParser):
    """Collects the elements of HTML with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def is_static(html: str) -> bool:
    """Return whether HTML is of our elements alone, and asks for nothing."""
    found = Elements(html).found
    sources = [a[key] or "" for _, a in found for key in ("src", "srcset") if key in a]
    return (
        {tag for tag, _ in found} <= set(TAGS.split())
        and {name for _, attrs in found for name in attrs} <= set(ATTRIBUTES.split())
        and all(src.startswith("data:image/svg+xml;base64,") for src in sources)
        and "url(" not in html
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> Iterator[dsp.Run]:
    """Return an analysed run with charts and names that would break a page."""
    hostile = sales.rename_columns(
        [EVIL if name == "channel" else name for name in sales.column_names]
    ).append_column("note", pa.array([EVIL, "plain", "other", None] * 500))
    folder = tmp_path_factory.mktemp("drawn") / "sales.dsp"
    with dsp.analyze(
        hostile, target="revenue", ml_fits=4, output_dir=folder, progress=False
    ) as run:
        yield run


@pytest.fixture
def handmade(finished_run: Path) -> Iterator[dsp.Run]:
    with dsp.open_run(finished_run) as run:
        yield run


@pytest.mark.parametrize("of", ["drawn", "handmade"])
def test_every_object_is_static_small_and_readable(
    request: pytest.FixtureRequest, of: str
) -> None:
    objects = shown(request.getfixturevalue(of))
    assert {*OBJECTS} <= {*objects}
    for name, thing in objects.items():
        bundle = thing._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/markdown", "text/html"}, name
        is_one = name.startswith(("insight ", "column "))
        assert len(bundle["text/html"].encode()) <= (60_000 if is_one else 150_000), name
        assert is_static(bundle["text/html"]), name
        text = bundle["text/plain"]
        assert text.strip(), name
        assert all(c.isprintable() or c == "\n" for c in text), name


def test_markdown_holds_no_markup_of_the_data(drawn: dsp.Run) -> None:
    read = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])
    for name, thing in shown(drawn).items():
        html = str(read(thing._repr_mimebundle_()["text/markdown"]))
        tags = set(re.findall(r"<([a-zA-Z0-9]+)", html))
        known = "h3 h4 p ul li strong pre code table thead tbody tr th td"
        assert tags <= set(known.split()), name


def test_every_insight_with_a_chart_shows_it(drawn: dsp.Run) -> None:
    charts = {c.insight_id for c in drawn.charts}
    with_chart = [i for i in drawn.insights if i.insight_id in charts]
    assert with_chart
    for insight in with_chart:
        assert insight._repr_html_().count("<img ") == 1
        assert insight.title[:20] in insight.plain_text()


def test_a_chart_is_altair_with_its_data_inside(drawn: dsp.Run) -> None:
    insight = next(i for i in drawn.insights if i.chart is not None)
    chart = insight.chart
    assert isinstance(chart, alt.TopLevelMixin)
    (rows,) = chart.to_dict()["datasets"].values()
    assert rows
    assert "var(--" not in chart.to_json()
    assert chart._repr_mimebundle_()


def test_every_chart_of_a_run_is_valid_altair(drawn: dsp.Run) -> None:
    drawings = drawn._drawings
    made = [drawings.altair(chart).to_dict() for chart in drawn.charts]
    assert len(made) == len(drawn.charts) > 5


def test_an_insight_gives_its_query_and_the_answer(drawn: dsp.Run) -> None:
    insight = drawn.insights[0]
    assert insight.sql == insight.evidence_sql
    answer = drawn.sql(insight.evidence_sql).to_pylist()
    assert answer
    assert insight.data.to_pylist() == answer


def test_an_insight_is_the_record_still(handmade: dsp.Run) -> None:
    (read, *_) = handmade.read(Insight)
    insight = handmade.insights[0]
    assert isinstance(insight, Insight)
    assert insight == read
    assert read == insight
    assert hash(insight) == hash(read)
    assert asdict(insight) == asdict(read)
    assert replace(insight, rank=9) == replace(read, rank=9) != read
    assert pickle.loads(pickle.dumps(insight)) == read  # noqa: S301 - our own bytes
    assert repr(insight).startswith("<dsp.Insight 1 segment_difference: Revenue in West")


def test_a_copy_of_an_insight_says_that_it_has_no_run(handmade: dsp.Run) -> None:
    copy = replace(handmade.insights[0], rank=7)
    assert is_static(copy._repr_html_())
    for wanted in ("data", "chart"):
        with pytest.raises(DspError, match="belongs to no run"):
            getattr(copy, wanted)


def test_no_chart_is_none(handmade: dsp.Run) -> None:
    assert handmade.insights[0].chart is None


def test_columns_are_a_mapping_of_records(handmade: dsp.Run) -> None:
    columns = handmade.columns
    assert list(columns)[:2] == ["revenue", "rating"]
    assert columns["rating"] == handmade.read(ColumnProfile)[1]
    assert columns.get("nothing") is None
    assert "nothing" not in columns
    with pytest.raises(ColumnNotFoundError, match='no column named "ratin"') as caught:
        columns["ratin"]
    assert "rating" in caught.value.hint


def test_values_that_identify_are_not_shown(drawn: dsp.Run) -> None:
    assert drawn.columns["order_id"].is_private
    card = drawn.columns["order_id"].plain_text()
    assert "maximum" not in card
    assert "Its values are not shown." in card
    assert "maximum" in drawn.columns["revenue"].plain_text()


def test_a_column_has_a_histogram_or_its_frequent_values(drawn: dsp.Run) -> None:
    assert drawn.columns["revenue"]._repr_html_().count("<img ") == 1
    assert re.search("[▁-█]{5}", drawn.columns["revenue"].plain_text())
    assert re.search(r"West +\d+ +[\d.]+%", drawn.columns["region"].plain_text())


def test_quality_is_a_number_that_shows_its_parts(handmade: dsp.Run) -> None:
    quality = handmade.quality
    assert quality is not None
    assert quality == pytest.approx(float(quality))
    assert json.loads(json.dumps(quality)) == quality
    assert "completeness" in quality._repr_html_()
    assert repr(quality) == repr(float(quality))


def test_the_model_is_the_best_one(handmade: dsp.Run) -> None:
    model = handmade.model
    assert model is not None
    assert model == next(m for m in handmade.models if m.is_best)
    assert "unit_price" in model.plain_text()
    assert "R² 0.930" in repr(model)


def test_the_summary_is_that_of_the_command(handmade: dsp.Run) -> None:
    text = handmade.plain_text()
    assert text.startswith("sales.parquet: 2,000 rows, 10 columns, quality ")
    for words in (
        "Revenue in West is 12.5 lower",
        "! 301 values are missing",
        "gradient boosting predicts revenue: R² 0.930",
        "1 part could not be computed",
        "dashboard, works offline",
    ):
        assert words in text


def test_df_is_pandas(handmade: dsp.Run) -> None:
    found = handmade.sql("FROM insights ORDER BY rank").df()
    assert list(found["rank"]) == [1, 2, 3, 4]


def test_columns_of_a_result_may_have_one_name(handmade: dsp.Run) -> None:
    html = handmade.sql("select 1 as a, 2 as a")._repr_html_()
    assert "<td>1</td><td>2</td>" in html


@pytest.mark.parametrize("name", ["no_rows", "one_row", "all_null", "hostile_names"])
def test_objects_of_odd_data_show_themselves(
    name: str, tmp_path: Path, odd_tables: dict[str, pa.Table]
) -> None:
    with dsp.analyze(odd_tables[name], ml_enabled=False, output_dir=tmp_path) as run:
        for label, thing in shown(run).items():
            bundle = thing._repr_mimebundle_()
            assert is_static(bundle["text/html"]), label
            for text in bundle.values():
                assert not re.search(r"\b(?:nan|NaN|None|inf)\b", text), label


@pytest.fixture
def odd_tables() -> dict[str, pa.Table]:
    names = ["it's", 'a "quoted" name', EVIL, "🦆", "n" * 300, "=1+1", "dot.ted $x"]
    return {
        "no_rows": pa.table({"a": pa.array([], pa.int64())}),
        "one_row": pa.table({"a": [1], "b": ["x"], "c": [1.5]}),
        "all_null": pa.table({"a": pa.nulls(30, pa.float64())}),
        "hostile_names": pa.table(
            {name: [1.0, 2.0, 3.5, None] * 10 for name in names}
            | {f"{name} t": ["x", EVIL, "</style>", None] * 10 for name in names}
        ),
    }


def test_charts_are_left_out_until_it_fits() -> None:
    blocks = [Heading("Title"), *[Picture(lambda: "<p>" + "x" * 9_000 + "</p>")] * 9]
    html = html_of(blocks, limit=50_000)
    assert 40_000 < len(html.encode()) <= 50_000
    assert "4 charts left out to keep this output small." in html
    assert "<h3>Title</h3>" in html


def test_rows_are_left_out_where_no_chart_is() -> None:
    grid = Grid(("a",), [("&" * 120,)] * 60)
    html = html_of([Heading("Title"), grid], limit=20_000)
    assert len(html.encode()) <= 20_000
    rows = html.count("<tr>") - 1
    assert 10 < rows < 60
    assert f"{60 - rows} more rows" in html


def test_what_cannot_fit_is_said() -> None:
    html = html_of([Words("w" * 900), Code("c" * 3_900)], limit=3_900)
    assert "parts left out" in html or "1 part left out" in html
    assert len(html.encode()) <= 3_900


def test_blocks_are_the_same_in_text_and_markdown() -> None:
    blocks = [
        Heading("A <title>"),
        Facts([("one", "1"), ("three", "3")]),
        Lines(["x", "y"]),
        Grid(("n", "of"), [(1, None), (2_000, "b|c")], n_rows=5),
        Code("select '```'"),
    ]
    assert text_of(blocks) == (
        "A <title>\n\n  one    1\n  three  3\n\n  x\n  y\n\n"
        "  n      of\n  1      –\n  2,000  b|c\n  … 3 more rows\n\n  select '```'"
    )
    assert markdown_of(blocks) == (
        "### A \\<title\\>\n\n- one: **1**\n- three: **3**\n\n- x\n- y\n\n"
        "| n | of |\n| --- | --- |\n| 1 | – |\n| 2,000 | b\\|c |\n\n… 3 more rows\n\n"
        "````sql\nselect '```'\n````"
    )


def test_text_of_a_wide_result_stays_narrow() -> None:
    grid = Grid([f"c{i}" for i in range(WIDE)], [tuple(range(WIDE))])
    assert "18 more columns" in text_of([grid])


def test_a_drawing_is_made_small_without_its_text_changing() -> None:
    svg = (
        '<svg width="5" role="x"><path d="M0.123456,1" display="none"/>'
        '<line x2="1.23456" opacity="0"/><text font-family="A,&quot;B&quot;">1.23456 '
        'role="x"</text></svg>'
    )
    assert compact(svg) == (
        '<svg font-family="A,&quot;B&quot;" width="5"><text>1.23456 role="x"</text></svg>'
    )


def test_a_drawing_has_dark_colours_too() -> None:
    svg = both_themes('<svg width="1"><path fill="#2563d9"/></svg>')
    assert '[fill="#2563d9"]{fill:#6ea1ff}' in svg
    assert "prefers-color-scheme:dark" in svg


def test_the_dashboard_comes_in_a_sandboxed_frame(drawn: dsp.Run) -> None:
    frame = drawn.show_dashboard(height=650)
    html = frame._repr_html_()
    assert html.startswith("<iframe ")
    assert html.count("<") == 2, "the page is text of an attribute"
    assert 'sandbox="allow-scripts"' in html
    assert "height:650px" in html
    assert re.fullmatch(r"<dsp\.Dashboard Dashboard of .*>", repr(frame))
    assert len(repr(frame)) < 300


def test_a_frame_on_a_file_is_small(
    drawn: dsp.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = drawn.show_dashboard(path="out/it's 1.html")
    html = frame._repr_html_()
    assert 'src="out/it%27s%201.html"' in html
    assert len(html) < 400
    written = (tmp_path / "out" / "it's 1.html").read_bytes()
    assert drawn.dashboard is not None
    assert written == drawn.dashboard.read_bytes()


def test_a_run_without_a_dashboard_saves_one(tmp_path: Path) -> None:
    data = pa.table({"x": list(range(40)), "y": [3.0 * i for i in range(40)]})
    with dsp.analyze(
        data, ml_enabled=False, generate_dashboard=False, output_dir=tmp_path / "r"
    ) as run:
        assert run.dashboard is None
        page = run.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "vega" in page


@pytest.mark.parametrize("height", [0, -1, 10**6, True])
def test_a_height_must_be_one(handmade: dsp.Run, height: int) -> None:
    with pytest.raises(SettingError, match="pixels high"):
        handmade.show_dashboard(height=height)


def test_a_page_needs_a_file(handmade: dsp.Run, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is a folder"):
        handmade.save(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingError, match="cannot write"):
        handmade.save(tmp_path / "file" / "page.html")
