"""Charts as files: the theme of the page, labels present, nothing loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from dsp.charts.pdf import PdfError, joined
from dsp.charts.static import ChartError, drawn_pdf, drawn_png, drawn_svg, placed
from dsp.charts.theme import DARK, FONTS, LIGHT, THEMES, config, themed
from dsp.errors import SettingError

ASSETS = Path(__file__).resolve().parents[2] / "dsp" / "dashboard" / "assets"
ROWS = [{"label": "North", "value": 3.0}, {"label": "South", "value": 1.5}]
BARS: dict[str, Any] = {
    "data": {"name": "explore_by_1"},
    "mark": {"type": "bar", "color": "var(--c1)"},
    "encoding": {
        "x": {"field": "value", "type": "quantitative", "axis": None},
        "y": {"field": "label", "type": "nominal", "title": "region"},
    },
    "width": "container",
    "height": {"step": 26},
    "autosize": {"type": "fit-x", "contains": "padding", "resize": True},
}
LINE: dict[str, Any] = {
    "data": {"name": "trend"},
    "mark": "line",
    "encoding": {
        "x": {"field": "t", "type": "temporal", "scale": {"type": "utc"}},
        "y": {"field": "value", "type": "quantitative"},
    },
    "width": "container",
    "height": 240,
    "autosize": {"type": "fit", "contains": "padding", "resize": True},
}


def with_data(data: dict[str, Any]) -> dict[str, Any]:
    return {**BARS, "data": data}


def tokens_of(css: str, selector: str) -> dict[str, str]:
    block = css[css.index(selector + "{") :].partition("}")[0]
    return dict(re.findall(r"--([a-z0-9-]+):(#[0-9a-f]{6})\b", block))


def test_colours_are_those_of_the_pages_style() -> None:
    css = (ASSETS / "style.css").read_text(encoding="utf-8")
    assert tokens_of(css, ":root") == LIGHT
    assert tokens_of(css, ":root[data-theme=dark]") == DARK
    font = re.search(r"--font:([^;]+);", css)
    assert font is not None
    assert [name.strip('"') for name in font[1].split(",")] == list(FONTS)


def config_of_the_page(theme: str) -> dict[str, Any]:
    """Return what the page's script gives Vega: its object literal, read as JSON."""
    scripts = [path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.js")]
    (script,) = [text for text in scripts if "const config = () =>" in text]
    body = script[script.index("const config = () =>") :]
    body = body[body.index("return {") + len("return ") :].partition("};")[0] + "}"
    of = {f"--{name}": value for name, value in THEMES[theme].items()}
    ramp = json.dumps([of[f"--q{i}"] for i in range(6)])
    body = body.replace("heatmap: ramp, ramp", f"heatmap: {ramp}, ramp: {ramp}")
    body = body.replace("axisText", "v('--text-3')").replace(" font,", " font: null,")
    body = re.sub(r"v\('(--[a-z0-9-]+)'\)", lambda m: f"'{of[m[1]]}'", body)
    body = re.sub(r"'(--[a-z0-9-]+)'", lambda m: f"'{of[m[1]]}'", body)
    body = re.sub(r"(\w+): ", r'"\1": ', body.replace(".map(v)", "").replace("'", '"'))
    found: dict[str, Any] = json.loads(re.sub(r",(\s*})", r"\1", body))
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_the_config_has_all_that_the_pages_script_has(theme: str) -> None:
    mine = config(theme)
    assert mine["font"].split(",")[-1] == "sans-serif"
    page = config_of_the_page(theme) | {"font": mine["font"]}
    assert len(page) >= 10
    for key, block in page.items():
        if isinstance(block, dict):
            assert mine[key] | block == mine[key], key
        else:
            assert mine[key] == block, key


def test_themed_replaces_tokens_everywhere_and_nothing_else() -> None:
    spec = {
        "a": ["var(--c1)", {"b": "var(--text-2)"}],
        "c": "var(--no)",
        "d": "x var(--c1)",
    }
    assert themed(spec, "dark") == {
        "a": [DARK["c1"], {"b": DARK["text-2"]}],
        "c": "var(--no)",
        "d": "x var(--c1)",
    }
    with pytest.raises(SettingError, match='no theme "blue"'):
        themed(spec, "blue")


def test_svg_has_labels_colours_and_the_asked_width() -> None:
    svg = drawn_svg(BARS, ROWS, name="explore_by_1", theme="dark", width=500)
    assert {"North", "South", "region"} <= set(re.findall(r">([^<>]+)</text>", svg))
    assert DARK["c1"] in svg
    assert DARK["surface"] in svg
    assert 'width="500"' in svg
    families = {
        name.strip('"')
        for text in re.findall(r'font-family="([^"]*)"', svg)
        for name in text.replace("&quot;", "").split(",")
    }
    assert families == set(FONTS)


def test_rows_of_bars_have_the_height_of_the_page() -> None:
    bare = placed(BARS, ROWS, name="explore_by_1")
    assert bare["height"] == 26 * 2 + 10 + 8
    axis = json.loads(json.dumps(BARS))
    del axis["encoding"]["x"]["axis"]
    assert placed(axis, ROWS, name="explore_by_1")["height"] == 26 * 2 + 46 + 8
    assert BARS["height"] == {"step": 26}
    titled = placed(BARS, ROWS, name="explore_by_1", title="word " * 40)
    assert len(titled["title"]["text"]) == 3
    assert titled["height"] == bare["height"] + 3 * 18 + 10


def test_png_is_twice_the_width_and_not_blank() -> None:
    image = Image.open(BytesIO(drawn_png(BARS, ROWS, name="explore_by_1")))
    assert image.width == 1280
    colours = {c for _, c in image.convert("RGB").getcolors(1 << 20) or []}
    assert (0x25, 0x63, 0xD9) in colours
    assert len(colours) > 20


def test_pdf_has_one_page_with_the_labels_as_text() -> None:
    pages = PdfReader(BytesIO(drawn_pdf(BARS, ROWS, name="explore_by_1"))).pages
    assert len(pages) == 1
    assert {"North", "South"} <= set(pages[0].extract_text().split())


def test_joined_pages_are_those_of_the_documents() -> None:
    titles = ("First", "Second", "Third")
    documents = [
        drawn_pdf(BARS, ROWS, name="explore_by_1", title=title) for title in titles
    ]
    reader = PdfReader(BytesIO(joined(documents)), strict=True)
    texts = [page.extract_text() for page in reader.pages]
    assert all(title in text for title, text in zip(titles, texts, strict=True))
    assert texts == [PdfReader(BytesIO(d)).pages[0].extract_text() for d in documents]
    with pytest.raises(PdfError, match="holds 0 pages, not one"):
        joined([b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"])
    with pytest.raises(PdfError, match="an object without an end"):
        joined([documents[0][:200]])


@pytest.mark.parametrize("draw", [drawn_svg, drawn_png, drawn_pdf])
@pytest.mark.parametrize(
    "data",
    [
        {"url": "https://example.com/a.csv"},
        {"url": Path("/etc/passwd").as_uri()},
        {"url": "data:text/csv,a"},
        {"url": "a.csv", "name": "explore_by_1"},
    ],
)
def test_data_at_an_address_are_an_error(draw: Any, data: dict[str, Any]) -> None:
    with pytest.raises(ChartError, match='names an address to load \\("url"\\)') as error:
        draw(with_data(data), ROWS, name="explore_by_1")
    assert "\n" not in error.value.as_line()


@pytest.mark.parametrize(
    "part",
    [
        {"mark": {"type": "image", "url": "https://example.com/a.png"}},
        {"encoding": {"href": {"value": "https://example.com"}}},
        {"transform": [{"lookup": "label", "from": {"data": {"url": "a.csv"}}}]},
        {"layer": [{"mark": "bar", "data": {"url": "a.csv"}}]},
    ],
)
def test_other_addresses_are_an_error_too(part: dict[str, Any]) -> None:
    with pytest.raises(ChartError, match="names an address to load"):
        drawn_svg({**BARS, **part}, ROWS, name="explore_by_1")


def test_other_data_are_an_error_and_not_an_empty_chart() -> None:
    with pytest.raises(ChartError, match='reads data called "other"'):
        drawn_svg(with_data({"name": "other"}), ROWS, name="explore_by_1")


def test_a_broken_specification_is_one_clear_line() -> None:
    with pytest.raises(ChartError, match='chart "explore_by_1" cannot be drawn') as error:
        drawn_svg({**BARS, "mark": "no such mark"}, ROWS, name="explore_by_1")
    assert "\n" not in error.value.as_line()


def test_values_never_become_markup() -> None:
    evil = "</text></svg><script>alert(1)</script><img src=x onerror=alert(1)>"
    rows = [{"label": evil, "value": 1.0}, {"label": "url", "value": 2.0}]
    svg = drawn_svg(BARS, rows, name="explore_by_1", title=evil)
    assert "<script" not in svg
    assert "<img" not in svg
    assert "&lt;script&gt;" in svg


def test_one_chart_is_the_same_bytes_and_two_share_no_ids() -> None:
    cut = {**BARS, "mark": {"type": "bar", "clip": True}}
    ids: list[set[str]] = []
    for rows in (ROWS, ROWS[:1]):
        first = drawn_svg(cut, rows, name="explore_by_1")
        assert first == drawn_svg(cut, rows, name="explore_by_1")
        again = {drawn_pdf(cut, rows, name="explore_by_1", title="T") for _ in range(8)}
        assert len(again) == 1
        ids.append(set(re.findall(r' id="([^"]+)"', first)))
        assert ids[-1]
        assert set(re.findall(r"url\(#([^)]+)\)", first)) <= ids[-1]
    assert not ids[0] & ids[1]


def test_times_are_utc_in_every_time_zone() -> None:
    code = (
        "import json,sys; from dsp.charts.static import drawn_svg\n"
        "spec = json.load(sys.stdin)\n"
        "rows = [{'t': 1704067200000 + 21600000 * i, 'value': i} for i in range(9)]\n"
        "sys.stdout.write(drawn_svg(spec, rows, name='trend'))"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(LINE),
            env={**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles")
    }
    assert len(drawn) == 1
    assert "Tue 02" in drawn.pop()
