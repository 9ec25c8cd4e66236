"""A dashboard written as code is the same kind of page: quiet, filtered, accessible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsp.dashboard import Board, DashboardGenerator
from tests.browser.conftest import open_page
from tests.browser.test_page_accessibility import TAGS, axe

PAYLOAD = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def board_page(sales_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    board = Board(title=f"Orders {PAYLOAD}", description="Every Monday")
    board.filter_by(
        "region",
        "channel",
        time="order_date",
        grain="month",
        measures=[{"column": "revenue", "unit": "USD", "polarity": "up"}],
    )
    board.add_kpi("Large orders", "select count(*) from clean.data where revenue > 200")
    for kind, options in (
        ("bar", {"label": "channel", "value": "total"}),
        ("pie", {"label": "channel", "value": "total"}),
    ):
        board.add_chart(
            kind,
            "select channel, sum(revenue) as total from clean.data group by all",
            title=f"{kind} {PAYLOAD}",
            width=6,
            **options,
        )
    board.add_table(
        "Regions", "select region, count(*) as orders from clean.data group by all"
    )
    path = tmp_path_factory.mktemp("board") / "board.html"
    return DashboardGenerator(sales_page.parent, board=board).generate(path)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_board_is_quiet_and_accessible(
    chromium: Any, board_page: Path, theme: str, width: int
) -> None:
    opened = open_page(chromium, board_page, theme=theme, width=width)
    assert opened.heard == []
    assert opened.run("__dsp.violations") == []
    assert opened.run("__dsp.charts") == opened.run("__dsp.planned") >= 5
    assert opened.run("document.images.length") == 0
    assert opened.run("document.documentElement.scrollWidth") == width
    opened.page.evaluate(axe())
    found = opened.page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found["violations"]] == []
    opened.close()


def test_a_board_is_filtered_and_sorted(chromium: Any, board_page: Path) -> None:
    opened = open_page(chromium, board_page)
    everything = opened.run("__dsp.total('rows')")
    opened.run("__dsp.set({first: 2, last: 4, on: [[1, 0, 0, 0], null]})")
    opened.settle()
    assert 0 < opened.run("__dsp.total('rows')") < everything
    table = opened.page.locator("[data-own]")
    table.get_by_role("button", name="orders").click()
    cells = table.locator("tbody td.n").all_text_contents()
    counts = [int(text.replace(",", "")) for text in cells]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 4
    table.get_by_role("button", name="region").click()
    names = table.locator("tbody td:first-child").all_text_contents()
    assert names == sorted(names, reverse=True)
    assert opened.heard == []
    opened.close()
