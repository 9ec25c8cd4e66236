"""The page in a browser without network: charts, themes, widths, no complaint."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dsp import AnalyticsPipeline, PipelineConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
EVIL = "</script><img src=x onerror=alert(1)><!--"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> dict[str, Path]:
    hostile = pa.table(
        {
            EVIL: [EVIL, "b.c[0]", "c'\"", "\u202eRTL 🦆"] * 50,
            f"x.y {EVIL}": [float((i % 4) * 10 + i % 7) for i in range(200)],
        }
    )
    wanted = {"sales": (sales, "revenue"), "hostile": (hostile, f"x.y {EVIL}")}
    found = {}
    for name, (data, target) in wanted.items():
        folder = tmp_path_factory.mktemp(name)
        config = PipelineConfig(
            data_source=data, target_column=target, ml_enabled=False, output_dir=folder
        )
        AnalyticsPipeline(config).execute().close()
        found[name] = folder / "dashboard.html"
    return found


def opened(browser: Any, path: Path, *, width: int, theme: str) -> tuple[Any, list[str]]:
    """Return the drawn page, and everything it complained about or asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, offline=True
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(path.as_uri())
    deadline = time.monotonic() + 60
    while not page.evaluate("window.__dsp ? window.__dsp.ready : false"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    page.evaluate("window.__dsp.drawAll()")
    heard.remove(path.as_uri())
    return page, heard


@pytest.mark.parametrize("name", ["sales", "hostile"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_draws_everything_and_asks_for_nothing(
    chromium: Any, pages: dict[str, Path], name: str, theme: str
) -> None:
    page, heard = opened(chromium, pages[name], width=1440, theme=theme)
    assert heard == []
    state = page.evaluate("({...__dsp.state(), v: __dsp.violations, n: __dsp.charts})")
    assert state["v"] == []
    assert state["theme"] == theme
    assert state["n"] == page.evaluate("__dsp.planned") > 0
    drawn = page.evaluate(
        "[...document.querySelectorAll('[data-chart]')].map(e => e.querySelectorAll("
        "'svg path[d], svg text').length)"
    )
    assert min(drawn) > 0
    assert page.evaluate("document.images.length") == 0
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1180, 1440])
@pytest.mark.parametrize("name", ["sales", "hostile"])
def test_nothing_overflows(
    chromium: Any, pages: dict[str, Path], name: str, width: int
) -> None:
    page, _ = opened(chromium, pages[name], width=width, theme="light")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()


def test_theme_button_redraws_in_the_other_colours(
    chromium: Any, pages: dict[str, Path]
) -> None:
    page, heard = opened(chromium, pages["sales"], width=1440, theme="light")
    for wanted in ("light", "dark"):
        page.click("#theme")
        page.evaluate("__dsp.drawAll()")
        assert page.evaluate("__dsp.state().theme") == wanted
    fills = page.evaluate(
        "__dsp.setTheme('dark').then(() => [...document.querySelectorAll("
        "'[data-chart] .mark-rect path')].map(e => e.getAttribute('fill')))"
    )
    assert "#6ea1ff" in fills
    assert "#2563d9" not in fills
    assert heard == []
    page.context.close()


def test_a_histogram_has_bars(chromium: Any, pages: dict[str, Path]) -> None:
    page, _ = opened(chromium, pages["sales"], width=1440, theme="light")
    bars = page.evaluate(
        "document.querySelectorAll('[data-chart=explore_distribution_1] "
        ".mark-rect path').length"
    )
    assert bars > 5
    page.context.close()
