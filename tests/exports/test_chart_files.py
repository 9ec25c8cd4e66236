"""Charts of a run as files: without a network, complete, safe, the same twice."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from pypdf import PdfReader

from dsp import AnalyticsPipeline, PipelineConfig
from dsp.charts.glyphs import register_fonts, uncovered
from dsp.charts.static import ChartError
from dsp.charts.theme import DARK, FONTS, LIGHT
from dsp.engine import DuckEngine, Store
from dsp.engine.sandbox import open_results
from dsp.errors import SettingError
from dsp.exports import ExportOptions, export
from dsp.exports.cells import guarded
from dsp.exports.chart_files import drawn_charts, file_names, stored_charts
from dsp.exports.options import DEFAULTS
from dsp.records import ChartRow, Insight

if TYPE_CHECKING:
    from collections.abc import Iterator

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "]]><script>alert(1)</script>",
    "<!--<script>alert(1)//-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "../../<foreignObject><body onload=alert(1)>",
)
NO_NETWORK = ["unshare", "-rn"]
SVG = "{http://www.w3.org/2000/svg}"


def analyzed(data: pa.Table, target: str, folder: Path) -> Path:
    config = PipelineConfig(
        data_source=data, target_column=target, ml_enabled=False, output_dir=folder
    )
    AnalyticsPipeline(config).execute().close()
    return folder


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> Path:
    return analyzed(sales, "revenue", tmp_path_factory.mktemp("charts"))


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    n = 20 * len(PAYLOADS)
    data = pa.table(
        {
            PAYLOADS[1]: list(PAYLOADS) * 20,
            PAYLOADS[2]: [PAYLOADS[i % 3] for i in range(n)],
            f"=1+1 {PAYLOADS[0]}": [
                float(i % len(PAYLOADS) * 10 + i % 7) for i in range(n)
            ],
        }
    )
    folder = tmp_path_factory.mktemp("hostile")
    return analyzed(data, f"=1+1 {PAYLOADS[0]}", folder)


@pytest.fixture
def charted(run_folder: Path) -> Iterator[DuckEngine]:
    engine = open_results(run_folder / "results.duckdb")
    yield engine
    engine.close()


@pytest.fixture
def hostile(hostile_folder: Path) -> Iterator[DuckEngine]:
    engine = open_results(hostile_folder / "results.duckdb")
    yield engine
    engine.close()


def chart(chart_id: str = "a", sql: str = "select 'x' as label, 1 as value") -> ChartRow:
    spec = {
        "data": {"name": chart_id},
        "mark": {"type": "bar", "color": "var(--c1)"},
        "encoding": {
            "x": {"field": "value", "type": "quantitative"},
            "y": {"field": "label", "type": "nominal"},
        },
        "width": "container",
        "height": 90,
    }
    return ChartRow(
        chart_id=chart_id,
        position=1,
        section="explore",
        kind="bar",
        title=f"Chart {chart_id}",
        description="One bar.",
        spec=json.dumps(spec),
        data_sql=sql,
    )


def stored(engine: DuckEngine, *charts: ChartRow) -> DuckEngine:
    store = Store(engine)
    store.create()
    store.insert(list(charts))
    return engine


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter(f"{SVG}text") if e.text]  # noqa: S314


def families(svg: str) -> set[str]:
    found = {e.get("font-family") for e in ET.fromstring(svg).iter(f"{SVG}text")}  # noqa: S314
    return {name.strip('" ') for text in found for name in (text or "").split(",")}


def has_empty_network() -> bool:
    try:
        return subprocess.run([*NO_NETWORK, "true"], check=False).returncode == 0
    except OSError:
        return False


def test_all_charts_in_an_empty_network(run_folder: Path, tmp_path: Path) -> None:
    if not has_empty_network():
        pytest.skip("no empty network namespace here (unshare -rn)")
    words = ["-m", "dsp", "export", str(run_folder), "--output", str(tmp_path)]
    words += ["--format", "svg", "--format", "png", "--format", "pdf", "--json"]
    done = subprocess.run(
        [*NO_NETWORK, sys.executable, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    engine = open_results(run_folder / "results.duckdb")
    charts = stored_charts(engine)
    engine.close()
    paths = [Path(entry["path"]) for entry in json.loads(done.stdout)]
    assert len(charts) >= 6
    assert len(paths) == 3 * len(charts)
    for place in charts:
        stem = tmp_path / "charts" / place.name
        svg = stem.with_suffix(".svg").read_text(encoding="utf-8")
        shown = texts(svg)
        assert len(shown) > 2, place.name
        assert families(svg) == set(FONTS)
        assert "http" not in svg.replace("http://www.w3.org/", "")
        with Image.open(stem.with_suffix(".png")) as image:
            assert image.width == 1280
            assert len(image.convert("RGB").getcolors(1 << 22) or []) > 20
        (page,) = PdfReader(stem.with_suffix(".pdf"), strict=True).pages
        words_of = "".join(page.extract_text().split())
        missing = [t for t in shown if "".join(t.split()) not in words_of]
        assert not missing, (place.name, missing)


def test_the_same_files_every_time(charted: DuckEngine, tmp_path: Path) -> None:
    formats = ["svg", "png", "pdf", "chart_csv", "chart_parquet", "markdown"]
    first = export(charted, formats, tmp_path / "a")
    again = export(charted, formats, tmp_path / "b")
    assert len(first) == len(set(first))
    names = [path.relative_to(tmp_path / "a") for path in first]
    assert names == [path.relative_to(tmp_path / "b") for path in again]
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert not list(tmp_path.rglob("*.part"))


def test_every_chart_is_written_in_the_asked_theme(
    charted: DuckEngine, tmp_path: Path
) -> None:
    done: list[tuple[float, Any]] = []
    options = ExportOptions(theme="dark", tick=lambda n, of, **_: done.append((n, of)))
    paths = export(charted, ["svg"], tmp_path, options)
    charts = stored_charts(charted)
    assert [path.stem for path in paths] == [c.name for c in charts]
    assert done == [(n, len(charts)) for n in range(1, len(charts) + 1)]
    for path in paths:
        svg = path.read_text(encoding="utf-8")
        assert DARK["surface"] in svg
        assert not {LIGHT["c1"], LIGHT["text-2"]} & set(re.findall(r"#[0-9a-f]{6}", svg))
    with pytest.raises(SettingError, match='no theme "blue"'):
        export(charted, ["svg"], tmp_path, ExportOptions(theme="blue"))


def test_data_files_hold_what_the_query_gives(
    charted: DuckEngine, tmp_path: Path
) -> None:
    paths = export(charted, ["chart_csv", "chart_parquet"], tmp_path)
    charts = stored_charts(charted)
    assert len(paths) == 3 * len(charts)
    for place in charts:
        stem = tmp_path / "charts" / place.name
        sql = stem.with_suffix(".sql").read_text(encoding="utf-8")
        wanted = charted.sql(sql.strip().rstrip(";"))
        assert wanted.num_rows
        assert wanted.equals(charted.sql(place.row.data_sql))
        assert pq.read_table(stem.with_suffix(".parquet")).equals(wanted)
        with stem.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [*rows[0]] == wanted.column_names
        assert len(rows) == wanted.num_rows
        for name, column in zip(wanted.column_names, wanted.columns, strict=True):
            for text, value in zip(
                [row[name] for row in rows], column.to_pylist(), strict=True
            ):
                if isinstance(value, str):
                    assert text == guarded(value)
                elif isinstance(value, float):
                    assert float(text) == value
                elif value is None:
                    assert text == ""


def test_formulas_in_labels_do_not_run(engine: DuckEngine, tmp_path: Path) -> None:
    sql = "select '=cmd|calc' as label, 1 as value"
    (path, query) = export(stored(engine, chart(sql=sql)), ["chart_csv"], tmp_path)
    assert path.read_text(encoding="utf-8").splitlines()[1] == '"\'=cmd|calc",1'
    assert query.read_text(encoding="utf-8").endswith(f"\n{sql};\n")


def test_a_title_does_not_end_the_comment_of_its_query(
    engine: DuckEngine, tmp_path: Path
) -> None:
    evil = replace(chart(), title="x\ndrop table main.charts;\r\u2028--")
    (_, query) = export(stored(engine, evil), ["chart_parquet"], tmp_path)
    lines = query.read_text(encoding="utf-8").splitlines()
    assert [line.startswith("-- ") for line in lines] == [True, True, True, False]


def test_hostile_names_and_values_stay_text(hostile: DuckEngine, tmp_path: Path) -> None:
    paths = export(hostile, ["svg", "pdf"], tmp_path)
    shown = ""
    for path in paths:
        assert path.parent == tmp_path / "charts"
        if path.suffix == ".pdf":
            assert len(PdfReader(path, strict=True).pages) == 1
            continue
        svg = path.read_text(encoding="utf-8")
        shown += "\n".join(texts(svg))
        for element in ET.fromstring(svg).iter():  # noqa: S314
            name = element.tag.removeprefix(SVG)
            assert name in {
                "svg",
                "g",
                "rect",
                "path",
                "line",
                "text",
                "tspan",
                "defs",
            } | {
                "clipPath",
                "title",
                "linearGradient",
                "stop",
            }
            assert not [key for key in element.attrib if key.lower().startswith("on")]
            assert not [key for key in element.attrib if key.endswith("href")]
    assert len(paths) >= 6
    for payload in ("<script>alert(1)</script>", "</text></svg><script>"):
        assert payload in shown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_one_payload_everywhere_is_text(
    payload: str, engine: DuckEngine, tmp_path: Path
) -> None:
    sql = "select $$" + payload + "$$ as label, 1 as value"
    evil = replace(chart(payload, sql), title=payload, description=payload)
    (path,) = export(stored(engine, evil), ["svg"], tmp_path)
    assert path.parent == tmp_path / "charts"
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.svg", path.name)
    svg = path.read_text(encoding="utf-8")
    assert "<script" not in svg
    assert "<img" not in svg
    assert payload in texts(svg)


def test_names_of_files_are_safe_and_differ() -> None:
    ids = [
        "a",
        "A",
        "../a",
        "a/b",
        "a\\b",
        "",
        ".",
        "con",
        "x" * 300,
        "a b",
        "ä",
        "\udcff",
    ]
    found = file_names(ids)
    assert found["a"] == "a"
    assert len({name.casefold() for name in found.values()}) == len(ids)
    for name in found.values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name)
        assert name.lower() != "con"
    assert file_names(reversed(ids)) != {}
    assert file_names(["explore_trend", "insight_1"]) == {
        "explore_trend": "explore_trend",
        "insight_1": "insight_1",
    }


@pytest.mark.parametrize("format_name", ["svg", "png", "pdf", "markdown", "page_pdf"])
def test_an_address_in_a_chart_is_an_error_and_no_file(
    format_name: str, engine: DuckEngine, tmp_path: Path
) -> None:
    spec = json.loads(chart().spec) | {"data": {"url": "https://example.com/a.csv"}}
    insight_id = "i1"
    evil = replace(chart(), spec=json.dumps(spec), insight_id=insight_id)
    stored(engine, evil)
    Store(engine).insert([finding(insight_id)])
    with pytest.raises(ChartError, match='chart "a" names an address to load'):
        export(engine, [format_name], tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def finding(insight_id: str, statement: str = "It [is](x) <b>so</b>.") -> Insight:
    return Insight(
        insight_id=insight_id,
        rank=1,
        score=1.0,
        asserted=True,
        kind="trend",
        title="It is so",
        columns=("a",),
        statement=statement,
        recommendation="",
        evidence_sql="select 1",
        n_rows=10,
        severity="info",
        unit="row",
        n_tests=1,
        correction="none",
        chart_id="a",
    )


def test_charts_without_rows_are_left_out_with_a_warning(
    engine: DuckEngine, tmp_path: Path
) -> None:
    none = replace(chart("b", "select 'x' as label, 1 as value limit 0"), position=2)
    said: list[str] = []
    options = ExportOptions(warn=said.append)
    paths = export(stored(engine, chart(), none), ["svg"], tmp_path, options)
    assert [path.name for path in paths] == ["a.svg"]
    assert said == ["1 chart without data left out"]


def test_characters_without_a_font_are_told(engine: DuckEngine, tmp_path: Path) -> None:
    rare = uncovered(["\U00013000\U00016900\U00011400\u1980"])
    if not rare:
        pytest.skip("the fonts here have every character that was tried")
    said: list[str] = []
    sql = f"select 'x{rare[0]}é−▲' as label, 1 as value"
    options = ExportOptions(warn=said.append)
    export(stored(engine, chart(sql=sql)), ["svg", "png"], tmp_path, options)
    (warning,) = said
    assert warning.startswith(f"no font here has {rare[0]}: drawn as empty boxes")
    assert "--font-dir" in warning
    said.clear()
    export(engine, ["page_pdf"], tmp_path, options)
    assert said[1:] == [warning]


def test_a_folder_of_fonts_must_hold_one(engine: DuckEngine, tmp_path: Path) -> None:
    options = replace(DEFAULTS, font_dir=tmp_path / "none")
    with pytest.raises(SettingError, match="no folder of fonts at"):
        export(stored(engine, chart()), ["png"], tmp_path, options)
    with pytest.raises(SettingError, match="holds no font"):
        register_fonts(tmp_path)


def test_the_report_shows_the_charts_of_its_findings(
    charted: DuckEngine, tmp_path: Path
) -> None:
    report, *charts = export(charted, ["markdown"], tmp_path)
    found = re.findall(r"^!\[Chart: (.+)\]\((.+)\)$", report.read_text("utf-8"), re.M)
    assert found
    assert {tmp_path / path for _, path in found} == set(charts)
    assert all(path.startswith("charts/insight_") for _, path in found)
    assert all(texts((tmp_path / path).read_text("utf-8")) for _, path in found)


def test_alt_text_of_the_report_is_escaped(engine: DuckEngine, tmp_path: Path) -> None:
    stored(engine, replace(chart(), insight_id="i1"))
    Store(engine).insert([finding("i1")])
    report, _ = export(engine, ["markdown"], tmp_path)
    assert (
        "![Chart: It \\[is\\](x) &lt;b&gt;so&lt;/b&gt;.](charts/a.svg)"
        in report.read_text("utf-8").splitlines()
    )


def test_drawn_charts_can_be_chosen(charted: DuckEngine) -> None:
    chosen = [
        place.row.section
        for place, _ in drawn_charts(
            charted, DEFAULTS, wanted=lambda row: row.section == "explore"
        )
    ]
    assert set(chosen) == {"explore"}


def test_drawn_pdf_holds_what_the_image_says(engine: DuckEngine, tmp_path: Path) -> None:
    (path,) = export(stored(engine, chart()), ["pdf"], tmp_path)
    (page,) = PdfReader(BytesIO(path.read_bytes()), strict=True).pages
    assert "Chart a" in page.extract_text()


def test_a_run_writes_charts_when_it_is_told_to(tmp_path: Path, sales: pa.Table) -> None:
    config = PipelineConfig(
        data_source=sales.slice(0, 300),
        ml_enabled=False,
        dashboard_theme="dark",
        export_formats=("svg", "chart_csv", "chart_parquet"),
        output_dir=tmp_path,
    )
    run = AnalyticsPipeline(config).execute()
    listed = [row[0] for row in run.sql("select name from artifacts").to_pandas().values]
    run.close()
    written = [name for name in listed if name.startswith("export/charts/")]
    assert {Path(name).suffix for name in written} == {".svg", ".csv", ".parquet", ".sql"}
    assert len(written) == len(set(written))
    assert all((tmp_path / name).is_file() for name in written)
    svg = next(name for name in written if name.endswith(".svg"))
    assert DARK["surface"] in (tmp_path / svg).read_text(encoding="utf-8")
    assert not (tmp_path / "charts").exists()
