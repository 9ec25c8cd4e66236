"""The page of a profile in a browser without network: drawn, searched, no complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import dsp
from dsp.exports.profile import write_page

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script><img src=x onerror=alert(1)><!--"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> dict[str, Path]:
    evil = {EVIL: [EVIL, "\u202eRTL 🦆"] * 60, "x": [float(i % 7) for i in range(120)]}
    wide = {f"c{i}": [float((i * k) % 17) for k in range(60)] for i in range(300)}
    wanted = {"sales": sales, "evil": pa.table(evil), "wide": pa.table(wide)}
    folder = tmp_path_factory.mktemp("pages")
    for name, table in wanted.items():
        found = dsp.profile(table, relations=name != "wide")
        write_page(found, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in wanted}


def opened(chromium: Any, path: Path, width: int = 1440, scheme: str = "light") -> Any:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
    page.goto(path.as_uri())
    return page


def cards(page: Any) -> int:
    return int(page.locator(".card").count())


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["sales", "evil", "wide"])
def test_pages_fit_and_do_not_complain(
    chromium: Any, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    page = opened(chromium, pages[name], width, scheme)
    assert cards(page) > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("img").count() == 0
    assert page.complaints == []
    page.context.close()


def test_a_histogram_has_a_bar_a_bin(chromium: Any, pages: dict[str, Path]) -> None:
    page = opened(chromium, pages["sales"])
    card = page.locator(".card", has_text="revenue").first
    bars = card.locator(".hist rect")
    assert 5 < bars.count() <= 30
    assert "rows" in bars.first.locator("title").text_content()
    page.context.close()


def test_columns_are_searched_filtered_and_ordered(
    chromium: Any, pages: dict[str, Path]
) -> None:
    page = opened(chromium, pages["sales"])
    everything = cards(page)
    page.fill("#search", "UNIT")
    assert page.locator(".card h3").all_text_contents() == ["units", "unit_price"]
    assert page.locator("#found").text_content() == f"2 of {everything}"
    page.fill("#search", "")
    page.select_option("#role", "dimension")
    assert 0 < cards(page) < everything
    page.select_option("#role", "")
    page.select_option("#sort", "m")
    assert page.locator(".card h3").first.text_content() == "rating"
    page.context.close()


def test_wide_tables_are_drawn_as_they_are_reached(
    chromium: Any, pages: dict[str, Path]
) -> None:
    page = opened(chromium, pages["wide"])
    first = cards(page)
    assert first < 300
    for _ in range(200):
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(50)
        if cards(page) == 300:
            break
    assert cards(page) == 300
    page.context.close()


def test_the_heat_map_says_what_a_cell_is(chromium: Any, pages: dict[str, Path]) -> None:
    page = opened(chromium, pages["sales"])
    cell = page.locator("#heat rect.up").first
    words = cell.locator("title").text_content()
    cell.hover()
    assert " ~ " in words
    assert page.locator("#heat p").text_content() == words
    page.context.close()


def test_the_theme_is_switched(chromium: Any, pages: dict[str, Path]) -> None:
    page = opened(chromium, pages["sales"])
    ask = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ask)
    page.click("#theme")
    assert page.evaluate(ask) != light
    assert page.locator("#theme").text_content() == "Light"
    page.context.close()
