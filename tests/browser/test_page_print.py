"""D14: on paper the page is light, complete and says which filters it shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import open_page

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def reference_page(page_of_run: Callable[..., Path], reference_sales: Any) -> Path:
    return page_of_run(
        reference_sales, "revenue", time_column="order_date", units={"revenue": "USD"}
    )


def test_paper_is_light_complete_and_short(
    chromium: Any, reference_page: Path, tmp_path: Path
) -> None:
    from pypdf import PdfReader

    opened = open_page(chromium, reference_page, theme="dark", draw=False)
    n = opened.run("__dsp.state().on.length")
    state = {"first": 60, "last": 103, "on": [[1, 1, 0, 0, 0, 0], *[None] * (n - 1)]}
    opened.run("(s) => __dsp.set(s)", state)
    opened.run("__dsp.forPaper()")
    opened.settle()
    assert opened.run("__dsp.charts") == opened.run("__dsp.planned")
    opened.page.emulate_media(media="print")
    assert opened.run("document.documentElement.dataset.theme") == "light"
    for gone in (".filters", ".side", "#print", "[data-tab]"):
        assert not opened.page.locator(gone).first.is_visible()
    line = opened.page.locator("[data-dsp=printed-filters]")
    assert line.is_visible()
    chosen = opened.run("__dsp.rows('explore_by_1').filter(r => r.on).map(r => r.label)")
    assert all(label in line.inner_text() for label in chosen)
    pdf = tmp_path / "page.pdf"
    opened.page.pdf(path=str(pdf), prefer_css_page_size=True)
    pages = PdfReader(pdf).pages
    assert len(pages) <= 5
    size = pages[0].mediabox
    assert float(size.width) > float(size.height)
    text = "\n".join(page.extract_text() for page in pages)
    assert line.inner_text().split(" · ")[0] in text.replace("\n", " ")
    fills = opened.run(
        "[...document.querySelectorAll('[data-chart=explore_by_1] .mark-rect path')]"
        ".map(e => e.getAttribute('fill'))"
    )
    assert set(fills) == {"#2563d9"}
    opened.close()


def test_printing_from_the_browser_menu_is_light_too(
    chromium: Any, reference_page: Path
) -> None:
    opened = open_page(chromium, reference_page, theme="dark")
    opened.run("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.run("document.documentElement.dataset.theme") == "light"
    opened.run("window.dispatchEvent(new Event('afterprint'))")
    assert opened.run("document.documentElement.dataset.theme") == "dark"
    opened.close()


def test_an_address_makes_the_page_ready_for_paper(
    chromium: Any, reference_page: Path
) -> None:
    opened = open_page(
        chromium, reference_page, theme="dark", draw=False, address="#print"
    )
    opened.settle()
    assert opened.run("__dsp.charts") == opened.run("__dsp.planned")
    assert opened.run("document.documentElement.dataset.theme") == "light"
    opened.close()
