"""D6 and D8: bars, menus, periods, dates, brush and tables; all of it by keys too."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.browser.conftest import Opened, open_page

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def three_years(page_of_run: Callable[..., Path]) -> Path:
    n = 4_000
    start = date(2022, 1, 3)
    return page_of_run(
        pa.table(
            {
                "day": [start + timedelta(days=(i * 37) % 1_092) for i in range(n)],
                "region": [
                    ("North", "South", "East", "West")[(i * 7) % 4] for i in range(n)
                ],
                "plan": [("basic", "plus", "=1+1")[(i * 13) % 3] for i in range(n)],
                "revenue": [
                    (100.0 + (i * 7919) % 997) * (0.3 if (i * 7) % 4 == 3 else 1.0)
                    for i in range(n)
                ],
            }
        ),
        "revenue",
    )


@pytest.fixture
def opened(chromium: Any, three_years: Path) -> Any:
    page = open_page(chromium, three_years)
    yield page
    assert page.heard == []
    page.close()


def status(opened: Opened) -> str:
    return str(opened.run("document.querySelector('[data-dsp=status]').textContent"))


def dim(opened: Opened, label: str) -> int:
    labels = opened.run(
        "[...document.querySelectorAll('[data-dim] > button > span')].map(e => e.textContent)"
    )
    return int(labels.index(label))


def bar(opened: Opened, place: int, label: str) -> Any:
    rows = opened.run("(id) => __dsp.rows(id)", f"explore_by_{place + 1}")
    at = [row["label"] for row in rows].index(label)
    chart = f"[data-chart=explore_by_{place + 1}] .mark-rect path"
    return opened.page.locator(chart).nth(at)


def on(opened: Opened, place: int) -> list[str] | None:
    flags = opened.run("(k) => __dsp.state().on[k]", place)
    if flags is None:
        return None
    rows = opened.run("(id) => __dsp.rows(id)", f"explore_by_{place + 1}")
    codes = {row["code"]: row["label"] for row in rows}
    return sorted(codes[i] for i, flag in enumerate(flags) if flag)


def test_bars_filter_add_and_clear(opened: Opened) -> None:
    region = dim(opened, "region")
    everything = status(opened)
    bar(opened, region, "West").click()
    opened.settle()
    assert on(opened, region) == ["West"]
    assert status(opened) != everything
    faded = opened.run(
        f"[...document.querySelectorAll('[data-chart=explore_by_{region + 1}] "
        ".mark-rect path')].map(e => +(e.getAttribute('opacity') || 1))"
    )
    assert sorted(faded) == [0.25, 0.25, 0.25, 1]
    bar(opened, region, "North").click(modifiers=["Shift"])
    opened.settle()
    assert on(opened, region) == ["North", "West"]
    bar(opened, region, "West").click(modifiers=["Control"])
    opened.settle()
    assert on(opened, region) == ["North"]
    bar(opened, region, "North").click()
    opened.settle()
    assert on(opened, region) is None
    assert status(opened) == everything
    assert not opened.page.locator("#reset").is_visible()


def test_reset_brings_back_what_was_written(opened: Opened) -> None:
    first = opened.run("document.querySelector('.kpis').innerHTML")
    bar(opened, dim(opened, "plan"), "plus").click()
    opened.settle()
    assert opened.run("document.querySelector('.kpis').innerHTML") != first
    opened.page.click("#reset")
    opened.settle()
    assert opened.run("document.querySelector('.kpis').innerHTML") == first
    assert opened.run("__dsp.state().address") == ""


def test_periods_choose_the_last_ones(opened: Opened) -> None:
    state = opened.run("__dsp.state()")
    assert state["last"] - state["first"] == 51
    for words, n in (("All", 156), ("13 weeks", 13), ("6 months", 26), ("12 months", 52)):
        opened.page.get_by_role("button", name=words, exact=True).click()
        opened.settle()
        state = opened.run("__dsp.state()")
        assert (state["first"], state["last"]) == (156 - n, 155)
        pressed = opened.page.locator("#range [aria-pressed=true]").all_text_contents()
        assert pressed == [words]


def test_a_brush_chooses_dates(opened: Opened) -> None:
    place = opened.page.locator("[data-chart=explore_strip]")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    mouse = opened.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + 60, box["y"] + 22, steps=4)
    mouse.move(box["x"] + box["width"] / 3, box["y"] + 22, steps=6)
    mouse.up()
    opened.run("new Promise(done => setTimeout(done, 250))")
    opened.settle()
    state = opened.run("__dsp.state()")
    assert 0 < state["first"] < 12
    assert 42 < state["last"] < 60
    assert state["address"].startswith("#?w=2022-")
    rows = opened.run("__dsp.rows('explore_trend')")
    assert len(rows) == state["last"] - state["first"] + 1


def test_dates_can_be_typed(opened: Opened) -> None:
    opened.page.click("[data-dsp=dates]")
    opened.page.fill("[data-when=first]", "2023-02-01")
    opened.settle()
    opened.page.fill("[data-when=last]", "2023-04-30")
    opened.settle()
    assert "2 Apr" not in status(opened)
    text = status(opened).replace("\u00a0", " ")
    assert text.endswith("30 Jan 2023 – 30 Apr 2023")


def test_menus_work_with_keys_alone(opened: Opened) -> None:
    region = dim(opened, "region")
    page = opened.page
    page.focus(f"[data-dim='{region}'] > button")
    page.keyboard.press("Enter")
    assert (
        page.get_attribute(f"[data-dim='{region}'] > button", "aria-expanded") == "true"
    )
    page.keyboard.press("Space")
    opened.settle()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    opened.settle()
    assert len(on(opened, region) or []) == 2
    page.keyboard.press("Escape")
    assert (
        page.get_attribute(f"[data-dim='{region}'] > button", "aria-expanded") == "false"
    )
    assert opened.run(
        "(k) => document.activeElement === document.querySelector(`[data-dim='${k}'] > button`)",
        region,
    )
    shown = page.locator(f"[data-dim='{region}'] > button").text_content()
    assert "region · 2" in str(shown)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_control_is_reached_and_seen(
    chromium: Any, three_years: Path, width: int
) -> None:
    """D8: Tab reaches each control; the focus is visible and not under the bars."""
    opened = open_page(chromium, three_years, width=width, reduced_motion="reduce")
    wanted = opened.run(
        "[...document.querySelectorAll('a[href], button, input, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.offsetParent && !e.disabled && e.tabIndex >= 0 && "
        "(e.matches('summary') || !e.closest('details:not([open])'))).length"
    )
    seen: set[str] = set()
    hidden = []
    for _ in range(wanted + 20):
        opened.page.keyboard.press("Tab")
        found = opened.run(
            "(() => { const e = document.activeElement; if (!e || e === document.body) return null;"
            "const r = e.getBoundingClientRect();"
            "const all = [...document.querySelectorAll('*')];"
            "const x = Math.min(Math.max(r.left + Math.min(r.width, 20) / 2, 0), innerWidth - 1);"
            "const y = r.top + Math.min(r.height, 20) / 2;"
            "const top = document.elementFromPoint(x, y);"
            "const s = getComputedStyle(e);"
            "return { id: String(all.indexOf(e)), name: e.outerHTML.slice(0, 90),"
            " seen: !!top && (e.contains(top) || top.contains(e)),"
            " ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 }; })()"
        )
        if found is None:
            continue
        seen.add(found["id"])
        if not (found["seen"] and found["ring"]):
            hidden.append(found["name"])
    assert len(seen) >= wanted
    assert hidden == []
    opened.close()


def test_data_of_a_chart_is_a_table(opened: Opened) -> None:
    plan = dim(opened, "plan")
    chart = f"explore_by_{plan + 1}"
    page = opened.page
    page.click(f"[data-tab={chart}]")
    table = page.locator(f"[data-table={chart}] table")
    assert page.locator(f"[data-chart={chart}]").is_hidden()
    labels = table.locator("tbody th").all_text_contents()
    assert sorted(labels) == ["=1+1", "basic", "plus"]
    table.get_by_role("button", name="Rows").click()
    rows = [
        int(text.replace(",", ""))
        for text in table.locator("tbody tr td:nth-child(3)").all_text_contents()
    ]
    assert rows == sorted(rows, reverse=True)
    assert table.locator("[aria-sort=descending]").count() == 1
    with page.expect_download() as saved:
        page.click(f"[data-table={chart}] [data-dsp=csv]")
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[0] == "label,value,n_rows,share,previous"
    assert "'=1+1," in text
    page.click(f"[data-tab={chart}]")
    assert page.locator(f"[data-chart={chart}]").is_visible()
    opened.settle()


def test_an_insight_sets_its_filter(opened: Opened) -> None:
    buttons = opened.page.locator("[data-filter]")
    assert buttons.count() > 0
    buttons.first.click()
    opened.settle()
    assert any(flags for flags in opened.run("__dsp.state().on"))
    top = opened.run("document.querySelector('#explore').getBoundingClientRect().top")
    assert abs(top) < 900


def test_filters_stay_in_the_address(chromium: Any, page_of_run: Any) -> None:
    n = 300
    name = "a very long name of a column that is cut before it has come to its end: "
    table = pa.table(
        {
            "w": ["x", "y", "z"] * (n // 3),
            f"{name} one": ["p", "q"] * (n // 2),
            f"{name} two": ["r", "s", "t"] * (n // 3),
            "v": [float(i % 17) for i in range(n)],
        }
    )
    page = page_of_run(table, "v")
    opened = open_page(chromium, page, draw=False)
    n_dims = opened.run("__dsp.state().on.length")
    sizes = opened.run(
        "__dsp.state().on.map((_, k) => __dsp.rows(`explore_by_${k + 1}`).length)"
    )
    on = [[1] + [0] * (size - 1) for size in sizes]
    opened.run("(s) => __dsp.set(s)", {"first": 0, "last": 99, "on": on})
    opened.settle()
    kept = opened.run("__dsp.state()")
    again = open_page(chromium, page, draw=False, address=kept["address"])
    again.settle()
    assert again.run("__dsp.state().on") == kept["on"] == on
    assert n_dims >= 2
    again.page.locator(".side a[href='#columns']").click()
    assert again.run("location.hash").startswith("#?")
    again.run("location.hash = ''")
    again.run("new Promise(done => setTimeout(done, 50))")
    again.settle()
    assert again.run("__dsp.state().on") == [None] * n_dims
    again.close()
    opened.close()


def test_bars_keep_their_places(opened: Opened) -> None:
    plan = dim(opened, "plan")
    chart = f"[data-chart=explore_by_{plan + 1}] svg"
    read = f"[...document.querySelectorAll('{chart} .role-axis-label text')].map(e => e.textContent)"
    first = opened.run(read)
    bar(opened, dim(opened, "region"), "West").click()
    opened.settle()
    opened.run("__dsp.reset()")
    opened.settle()
    assert opened.run(read) == first
    assert len(first) == 3


def test_sql_is_behind_every_chart(opened: Opened) -> None:
    page = opened.page
    summary = page.locator("#explore figure details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    text = page.locator("#explore figure details[open] pre").text_content()
    assert "from main.cube_cells" in str(text)
