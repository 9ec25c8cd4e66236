"""Reports of a comparison: self-contained, whole, and nothing in the data runs."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import dsp
from dsp.errors import SettingError

if TYPE_CHECKING:
    from dsp.exports.comparison import Comparison

CHROMIUM = Path("/usr/bin/chromium")
EVIL = "</script></style><img src=x onerror=window.hit=1><!-- \" '"


@pytest.fixture(scope="module")
def report(sales: pa.Table) -> Comparison:
    """Return a comparison with every section, and payloads as names and values."""
    a, b = sales.slice(0, 1200), sales.slice(800)
    price = [x * 1.5 for x in b["unit_price"].to_pylist()]
    region = [EVIL if r == "West" else r for r in b["region"].to_pylist()]
    b = b.set_column(5, "unit_price", pa.array(price))
    b = b.set_column(2, "region", pa.array(region)).drop_columns(["rating"])
    a, b = (t.append_column(EVIL, pa.array(np.arange(len(t)) % 9)) for t in (a, b))
    doubled = pa.concat_tables([b, b.slice(0, 3)])
    return dsp.compare(a, doubled, by="order_id")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_holds_everything_and_runs_nothing(
    report: Comparison, tmp_path: Path
) -> None:
    page = report.write(tmp_path / "c.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    kinds = {tag for tag, _ in tags.seen}
    assert not kinds & {"script", "img", "iframe", "object", "link", "a", "form"}
    attributes = {name for _, attrs in tags.seen for name in attrs}
    assert not [n for n in attributes if n.startswith("on") or n in ("style", "href")]
    text = " ".join("".join(tags.text).split())
    assert text.count(" ".join(EVIL.split())) > 3
    assert report.summary[1:] in text
    cards = [attrs for tag, attrs in tags.seen if tag == "article"]
    assert len(cards) == len(report.drifted) > 1
    assert all(c.column_name in text for c in report.columns if c.column_name != EVIL)
    for title in ("Changed rows", "Rows only in A", "Rows only in B", "not unique"):
        assert title in text


def test_markdown_and_json_say_the_same(report: Comparison, tmp_path: Path) -> None:
    text = report.write(tmp_path / "c.md").read_text(encoding="utf-8")
    assert "<img" not in text
    assert f"**{report.summary[:1].upper()}" in text
    for title in ("## Columns that differ", "## Drift", "## Changed rows"):
        assert title in text
    held = json.loads(report.write(tmp_path / "c.json").read_text(encoding="utf-8"))
    assert held == json.loads(json.dumps(report.to_dict()))
    assert [c["column_name"] for c in held["columns"]] == [
        c.column_name for c in report.columns
    ]
    with pytest.raises(SettingError, match=r"no report format for c\.pdf"):
        report.write(tmp_path / "c.pdf")
    with pytest.raises(SettingError, match="cannot write"):
        report.write(tmp_path / "c.md" / "c.html")


def test_wide_tables_make_a_page_of_bounded_size(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    a, b = (
        {f"column {i}": rng.normal(shift, 1, 40) for i in range(210)} for shift in (0, 3)
    )
    found = dsp.compare(a, b)
    assert len(found.drifted) == 210
    page = found.write(tmp_path / "wide.html")
    assert page.stat().st_size < 3_000_000
    assert page.read_text(encoding="utf-8").count("<article") == 200


def opened(browser: Any, path: Path, width: int, theme: str) -> tuple[Any, list[str]]:
    """Return the page, and everything it complained about or asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, offline=True
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(path.as_uri())
    time.sleep(0.3)
    return page, heard


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
def test_the_page_fits_every_width(
    report: Comparison, chromium: Any, tmp_path: Path
) -> None:
    path = report.write(tmp_path / "c.html")
    fills = {"light": "rgb(201, 209, 222)", "dark": "rgb(61, 72, 90)"}
    for width, theme in ((1440, "light"), (390, "dark"), (320, "light")):
        page, heard = opened(chromium, path, width, theme)
        assert heard == [path.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("window.hit ?? null") is None
        assert page.evaluate("document.querySelectorAll('svg.plot').length") > 0
        fill = "getComputedStyle(document.querySelector('.fill-a')).fill"
        assert page.evaluate(fill) == fills[theme]
        page.context.close()
