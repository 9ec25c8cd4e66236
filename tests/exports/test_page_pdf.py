"""The dashboard as PDF: printed by a browser, or drawn where there is none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from dsp import AnalyticsPipeline, PipelineConfig
from dsp.charts.theme import DARK, LIGHT
from dsp.engine.sandbox import open_results
from dsp.exports import ExportOptions, browser, export
from dsp.exports.browser import find_browser
from dsp.exports.chart_files import stored_charts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from dsp.engine import DuckEngine

A4_LANDSCAPE = (842, 595)


@pytest.fixture(scope="module")
def dark_folder(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> Path:
    folder = tmp_path_factory.mktemp("dark")
    config = PipelineConfig(
        data_source=sales,
        target_column="revenue",
        ml_enabled=False,
        dashboard_theme="dark",
        output_dir=folder,
    )
    AnalyticsPipeline(config).execute().close()
    return folder


@pytest.fixture
def results_of_page(dark_folder: Path) -> Iterator[DuckEngine]:
    engine = open_results(dark_folder / "results.duckdb")
    yield engine
    engine.close()


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def size_of(page: object) -> tuple[int, int]:
    box = page.mediabox  # type: ignore[attr-defined]
    return round(float(box.width)), round(float(box.height))


def fills_of(pages: object) -> set[str]:
    """Return the colours that pages fill with."""
    content = b"\n".join(
        page.get_contents().get_data()  # type: ignore[attr-defined]
        for page in pages  # type: ignore[attr-defined]
    )
    found = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg\b", content)
    return {"#" + "".join(f"{round(float(c) * 255):02x}" for c in rgb) for rgb in found}


def printed_labels(engine: DuckEngine) -> dict[str, str]:
    """Return for every bar chart of the page a label that it shows."""
    found = {}
    for place in stored_charts(engine):
        rows = engine.sql(place.row.data_sql).to_pylist()
        if place.row.kind == "bar" and rows:
            # Bars that stand beside each other show the first letters of long names.
            is_upright = "slice(datum.label" in place.row.spec
            found[place.name] = str(rows[0]["label"])[: 3 if is_upright else None]
    return found


@pytest.mark.browser
@pytest.mark.skipif(find_browser() is None, reason="no Chromium on the PATH")
def test_the_page_is_printed_with_all_its_charts(
    results_of_page: DuckEngine, tmp_path: Path
) -> None:
    said: list[str] = []
    options = ExportOptions(warn=said.append)
    (path,) = export(results_of_page, ["page_pdf"], tmp_path / "a", options)
    assert said == []
    assert path.name == "dashboard.pdf"
    pages = PdfReader(path).pages
    assert {size_of(page) for page in pages} == {A4_LANDSCAPE}
    text = " ".join(page.extract_text() for page in pages)
    flat = "".join(text.split())
    labels = printed_labels(results_of_page)
    assert len(labels) >= 3
    assert not [n for n, label in labels.items() if "".join(label.split()) not in flat]
    trends = [c for c in stored_charts(results_of_page) if c.row.kind == "trend"]
    assert trends
    assert "Jan" in text or "Apr" in text
    # The page is a dark one; on paper it is light, its charts too.
    assert LIGHT["c1"] in fills_of(pages)
    assert not {DARK["c1"], DARK["surface"], DARK["text"]} & fills_of(pages)
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["dashboard.pdf"]
    (again,) = export(results_of_page, ["page_pdf"], tmp_path / "b", options)
    assert again.read_bytes() == path.read_bytes()


def test_without_a_browser_charts_and_text_are_drawn(
    results_of_page: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "none"))
    said: list[str] = []
    options = ExportOptions(warn=said.append)
    (path,) = export(results_of_page, ["page_pdf"], tmp_path / "a", options)
    note = "ade of charts and text, not of the dashboard: no Chromium was found"
    assert said == [f"dashboard.pdf: m{note}"]
    pages = PdfReader(path, strict=True).pages
    assert {size_of(page) for page in pages} == {A4_LANDSCAPE}
    assert f"M{note}." in " ".join(pages[0].extract_text().split())
    flat = "".join("".join(page.extract_text() for page in pages).split())
    charts = stored_charts(results_of_page)
    assert len(charts) >= 6
    for place in charts:
        assert "".join(place.row.title.split()) in flat
    for label in printed_labels(results_of_page).values():
        assert "".join(label.split()) in flat


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 7", "wrote no PDF (exit code 7)"),
        ("exec sleep 30", "was not done after 0.2 s"),
    ],
)
def test_a_browser_that_fails_is_told_and_replaced(
    text: str,
    reason: str,
    results_of_page: DuckEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROME_PATH", script(tmp_path / "broken", text))
    monkeypatch.setattr(browser, "TIMEOUT_S", 0.2 if "sleep" in text else 20)
    said: list[str] = []
    options = ExportOptions(warn=said.append)
    (path,) = export(results_of_page, ["page_pdf"], tmp_path / "a", options)
    (warning,) = said
    assert warning.endswith(f"not of the dashboard: broken {reason}")
    assert PdfReader(path, strict=True).pages
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["dashboard.pdf"]


def test_the_named_browser_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    chrome = script(tmp_path / "google-chrome", "exit 0")
    assert find_browser() == chrome
    chromium = script(tmp_path / "chromium", "exit 0")
    assert find_browser() == chromium
    monkeypatch.setenv("CHROME_PATH", chrome)
    assert find_browser() == chrome
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "none"))
    assert find_browser() is None
