"""Notebooks end to end: executed, converted, opened in a browser without network."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pytest
from PIL import Image

import dsp

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
EVIL = "</script><img src=x onerror=alert(1)><!--"
QUIET = """import pyarrow as pa
quiet = dsp.analyze(
    pa.table({"x": list(range(40))}), ml_enabled=False, output_dir="q", progress=False
)
quiet"""
PLAIN = """alt.renderers.enable("default")
run.insights[1].chart"""
BODY = '<!doctype html><meta charset="utf-8"><title>Notebook</title>'
browser_only = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the example notebook with two more cells, executed in a kernel."""
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("notebook")
    shutil.copy(ROOT / "examples" / "sales.parquet", folder)
    book = nbformat.read(ROOT / "examples" / "notebook.ipynb", 4)
    book.cells += [nbformat.v4.new_code_cell(text) for text in (QUIET, PLAIN)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        where = {"metadata": {"path": str(folder)}}
        NotebookClient(
            book, timeout=240, kernel_name="python3", resources=where
        ).execute()
    return book


def outputs(book: Any) -> dict[str, list[Any]]:
    """Return what each code cell has put out, by the last line of the cell."""
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    return {cell.source.splitlines()[-1]: cell.outputs for cell in cells}


def test_objects_in_a_notebook_are_static_small_and_readable(executed: Any) -> None:
    found = outputs(executed)
    for name in (
        "run",
        "run.insights",
        "run.insights[1]",
        'run.columns["rating"]',
        "run.columns",
        "run.kpis",
        "run.quality",
        "run.model",
        "quiet",
    ):
        data = found[name][-1].data
        html = data["text/html"]
        assert "<script" not in html
        assert len(html.encode()) <= (60_000 if name.endswith("]") else 150_000)
        text = data["text/plain"]
        assert 3 <= len(text) < 6_000
        assert "\x1b" not in text
        assert data["text/markdown"]
    assert (
        found["run"][-1].data["text/plain"].startswith("sales: 20,030 rows, 14 columns")
    )
    assert "<img " in found["run.insights[1]"][-1].data["text/html"]
    assert " revenue" in found["run.insights"][-1].data["text/plain"]


def test_a_notebook_without_outputs_is_kept_as_the_example() -> None:
    book = nbformat.read(ROOT / "examples" / "notebook.ipynb", 4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert code
    assert [c for c in code if c.outputs or c.execution_count is not None] == []


def test_progress_is_one_output_and_silent_when_asked(executed: Any) -> None:
    found = outputs(executed)
    progress, result = found["run"]
    assert progress.output_type == "display_data"
    text = progress.data["text/plain"]
    verbs = [line.split()[0] for line in text.splitlines()]
    assert {"Read", "Validated", "Analysed", "Drawn", "Finished"} <= set(verbs)
    assert result.output_type == "execute_result"
    assert [o.output_type for o in found["quiet"]] == ["execute_result"]


def test_a_chart_is_shown_by_the_renderer_of_altair(executed: Any) -> None:
    cells = [c for c in executed.cells if c.source.endswith("run.insights[1].chart")]
    svg, plain = (cell.outputs[-1].data for cell in cells)
    assert svg["image/svg+xml"].startswith("<svg")
    assert "vega-lite" in plain["text/html"]


def test_tables_are_pandas_and_the_dashboard_is_a_file(executed: Any) -> None:
    found = outputs(executed)
    table = next(v for k, v in found.items() if k.startswith("run.sql("))
    assert "q_value" in table[-1].data["text/html"]
    frame = next(v for k, v in found.items() if k.startswith("run.show_dashboard"))
    html = frame[-1].data["text/html"]
    assert 'src="dashboard.html"' in html
    assert len(html) < 400


def opened(browser: Any, path: Path, theme: str = "light") -> tuple[Any, list[str]]:
    """Return a page, and all that it asked for, said or did by itself."""
    context = browser.new_context(offline=True, color_scheme=theme)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append("dialog"), dialog.dismiss()))
    page.on(
        "request",
        lambda r: None if r.url.startswith("data:") else heard.append(r.url),
    )
    page.goto(path.as_uri())
    heard.remove(path.as_uri())
    return page, heard


class TestInChromium:
    pytestmark = browser_only

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_a_converted_notebook_shows_its_charts_offline(
        self, chromium: Any, executed: Any, tmp_path: Path, theme: str
    ) -> None:
        from nbconvert import HTMLExporter

        # The last cell shows a chart by the renderer that loads its scripts; the frame
        # is on a file that is not here.
        book = executed.copy()
        book.cells = [
            cell
            for cell in executed.cells
            if cell.source != PLAIN and "show_dashboard" not in cell.source
        ]
        html, _ = HTMLExporter(template_name="basic").from_notebook_node(book)
        path = tmp_path / "notebook.html"
        path.write_text(BODY + html, encoding="utf-8")
        page, heard = opened(chromium, path, theme)
        page.wait_for_load_state()
        widths = page.evaluate("[...document.images].map(i => i.naturalWidth)")
        assert len(widths) > 10
        assert min(widths) > 0
        assert heard == []
        assert page.evaluate("document.scripts.length") == 0
        dark = page.evaluate(
            "getComputedStyle(document.querySelector('.dsp-out')).backgroundColor"
        )
        assert dark == ("rgb(22, 27, 35)" if theme == "dark" else "rgb(255, 255, 255)")
        page.context.close()

    def test_an_image_follows_the_theme(
        self, chromium: Any, executed: Any, tmp_path: Path
    ) -> None:
        html = outputs(executed)["run.insights[1]"][-1].data["text/html"]
        path = tmp_path / "insight.html"
        path.write_text(BODY + html, encoding="utf-8")
        shots = []
        for theme in ("light", "dark"):
            page, heard = opened(chromium, path, theme)
            shots.append(corner(page))
            assert heard == []
            page.context.close()
        assert shots == [[255, 255, 255], [22, 27, 35]]

    def test_hostile_data_does_nothing_in_any_object(
        self, chromium: Any, tmp_path: Path, sales: pa.Table
    ) -> None:
        names = [EVIL if n == "region" else n for n in sales.column_names]
        data = sales.rename_columns(names).append_column(
            "kind", pa.array([EVIL, "</style>", "b'\"", "\u202eRTL 🦆\x1b"] * 500)
        )
        folder = tmp_path / "hostile.dsp"
        with dsp.analyze(
            data, target="revenue", ml_fits=4, output_dir=folder, progress=False
        ) as run:
            things = [run, run.insights, run.columns, run.kpis, run.checks, run.model]
            things += [run.quality, run.sql("from insights"), *run.insights]
            things += [*run.columns.values(), run.sql("from clean.data limit 9")]
            parts = [thing._repr_html_() for thing in things]
        path = tmp_path / "objects.html"
        path.write_text(BODY + "".join(parts), encoding="utf-8")
        page, heard = opened(chromium, path)
        assert heard == []
        counts = "[document.scripts.length, document.querySelectorAll('.dsp-out').length]"
        assert page.evaluate(counts) == [0, len(parts)]
        sources = page.evaluate("[...document.images].map(i => i.src.slice(0, 19))")
        assert set(sources) == {"data:image/svg+xml;"}
        assert "<img src=x onerror=alert(1)>" in page.inner_text("body")
        page.context.close()

    def test_the_dashboard_works_in_its_frame(
        self, chromium: Any, tmp_path: Path, sales: pa.Table
    ) -> None:
        with dsp.analyze(
            sales, target="revenue", ml_enabled=False, output_dir=tmp_path / "r"
        ) as run:
            html = run.show_dashboard(height=900)._repr_html_()
        path = tmp_path / "frame.html"
        path.write_text(BODY + html, encoding="utf-8")
        page, heard = opened(chromium, path)
        frame = page.frames[1]
        deadline = time.monotonic() + 60
        while not frame.evaluate("window.__dsp ? window.__dsp.ready : false"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        frame.evaluate("window.__dsp.drawAll()")
        assert frame.evaluate("window.__dsp.violations") == []
        assert frame.evaluate("window.origin") == "null"
        drawn = frame.evaluate(
            "[...document.querySelectorAll('[data-chart]')].map(e => e.querySelectorAll("
            "'svg path[d], svg text').length)"
        )
        assert len(drawn) > 3
        assert min(drawn) > 0
        assert [text for text in heard if text != "about:srcdoc"] == []
        page.context.close()


def corner(page: Any) -> list[int]:
    """Return the colour of the corner of the first image, as the page shows it."""
    shot = page.locator("img").first.screenshot()
    return list(Image.open(io.BytesIO(shot)).convert("RGB").getpixel((3, 3)))
