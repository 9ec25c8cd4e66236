"""A browser without network, and pages of real runs to open in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dsp import AnalyticsPipeline, PipelineConfig
from tests.conftest import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and skip them where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                reason = f"no Chromium at {CHROMIUM}"
                item.add_marker(pytest.mark.skip(reason=reason))


class Opened:
    """A page in the browser, with everything it complained about or asked for."""

    def __init__(self, page: Any, heard: list[str]) -> None:
        self.page = page
        self.heard = heard

    def run(self, code: str, argument: Any = None) -> Any:
        """Return what an expression of the page gives."""
        return self.page.evaluate(code, argument)

    def settle(self) -> None:
        """Wait until the page has painted what was asked for."""
        self.run("__dsp.idle()")

    def close(self) -> None:
        self.page.context.close()


def open_page(
    browser: Any,
    path: Path,
    *,
    width: int = 1440,
    theme: str = "light",
    draw: bool = True,
    address: str = "",
    **context: Any,
) -> Opened:
    """Open a file, wait until its script runs, and draw all charts."""
    made = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        offline=True,
        **context,
    )
    page = made.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    target = path.as_uri()
    page.on(
        "request", lambda r: None if r.url.startswith(target) else heard.append(r.url)
    )
    page.goto(target + address)
    opened = Opened(page, heard)
    wait_for(opened, "window.__dsp ? window.__dsp.ready : false")
    if draw:
        opened.run("__dsp.drawAll()")
        opened.settle()
    return opened


def wait_for(opened: Opened, code: str, seconds: float = 60) -> None:
    """Poll until an expression is true: the page's policy stops Playwright's own way."""
    deadline = time.monotonic() + seconds
    while not opened.run(code):
        assert time.monotonic() < deadline, code
        time.sleep(0.02)


@pytest.fixture(scope="session")
def page_of_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that analyses a table and returns the page of the run."""

    def make(data: Any, target: str | None = None, **settings: Any) -> Path:
        folder = tmp_path_factory.mktemp("page")
        config = PipelineConfig(
            data_source=data,
            target_column=target,
            output_dir=folder,
            **({"ml_enabled": False} | settings),
        )
        AnalyticsPipeline(config).execute().close()
        return folder / "dashboard.html"

    return make


@pytest.fixture(scope="session")
def sales_page(page_of_run: Callable[..., Path], sales: Any) -> Path:
    """Return the page of a year of sales, with a model."""
    return page_of_run(sales, "revenue", ml_enabled=True, ml_fits=25)
