"""D1, D3, D4, D11 to D13, D17: the page opens anywhere, on any data, and stays text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.browser.conftest import Opened, open_page
from tests.conftest import HOSTILE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOADS = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "'><iframe srcdoc='<script>alert(4)</script>'>",
    "javascript:alert(5)",
    "{{ 7 * 7 }}${alert(6)}",
    "]]><script>alert(7)</script>",
    "\u202ealert(8)\u202c 🦆",
    "\\u003cscript\\u003ealert(9)\\u003c/script\\u003e",
    "var(--c1)",
    "</style><style>*{display:none}</style>",
    "x" * 10_000 + "<b onclick=alert(12)>",
]
WIDTHS = (320, 390, 768, 1180, 1440, 1920)
BAD_WORDS = r"\b(?:NaN|undefined|Infinity|null)\b|\[object"


def check_quiet(opened: Opened) -> None:
    """D1: no request, no complaint, no refusal, every chart drawn."""
    assert opened.heard == []
    assert opened.run("__dsp.violations") == []
    assert opened.run("__dsp.charts") == opened.run("__dsp.planned")
    marks = opened.run(
        "[...document.querySelectorAll('[data-chart]')].filter(e => !e.closest('[hidden]'))"
        ".map(e => [e.dataset.chart, e.querySelectorAll('svg path[d], svg text').length])"
    )
    assert [name for name, n in marks if n == 0] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_draws_everything_and_asks_for_nothing(
    chromium: Any, sales_page: Path, theme: str
) -> None:
    opened = open_page(chromium, sales_page, theme=theme)
    check_quiet(opened)
    assert opened.run("__dsp.planned") > 10
    assert opened.run("__dsp.state().theme") == theme
    opened.close()


def test_the_policy_needs_the_interpreter(
    chromium: Any, sales_page: Path, tmp_path: Path
) -> None:
    """D2: without `ast: true` the page would need eval, which its policy forbids."""
    import base64
    import hashlib

    text = sales_page.read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    broken = scripts[-1].replace("ast: true,", "")
    assert broken != scripts[-1]

    def digest(code: str) -> str:
        return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()

    text = text.replace(scripts[-1], broken)
    page = tmp_path / "page.html"
    page.write_text(
        text.replace(digest(scripts[-1]), digest(broken)).replace(
            digest(scripts[-1]).replace("+", "&#43;"), digest(broken)
        ),
        encoding="utf-8",
    )
    opened = open_page(chromium, page, draw=False)
    opened.run("__dsp.drawAll().catch(() => null)")
    assert opened.run("__dsp.violations") != [] or opened.heard != []
    opened.close()


@pytest.fixture(scope="module")
def hostile_page(page_of_run: Callable[..., Path], tmp_path_factory: Any) -> Path:
    n = 240
    start = date(2023, 1, 1)
    table = pa.table(
        {
            name: [float((i * k) % 17) for i in range(n)]
            for k, name in enumerate(PAYLOADS, 2)
        }
        | {
            f"words {PAYLOADS[0]}": [PAYLOADS[i % 6] for i in range(n)],
            f"more {PAYLOADS[1]}": [PAYLOADS[6 + i % 6] for i in range(n)],
            f"day {PAYLOADS[2]}": [start + timedelta(days=i) for i in range(n)],
        }
    )
    import pyarrow.parquet as pq

    file = tmp_path_factory.mktemp("named") / "<img src=x onerror=alert(0)>.parquet"
    pq.write_table(table, file)
    return page_of_run(
        file,
        PAYLOADS[0],
        dashboard_title=PAYLOADS[4] + PAYLOADS[0],
        units={PAYLOADS[0]: PAYLOADS[2]},
    )


def test_payloads_do_nothing(chromium: Any, hostile_page: Path) -> None:
    opened = open_page(chromium, hostile_page)
    check_quiet(opened)
    counts = opened.run(
        "['img','iframe','b[onclick]','[onload]','[onerror]'].map("
        "q => document.querySelectorAll(q).length)"
    )
    assert counts == [0, 0, 0, 0, 0]
    assert opened.run("document.querySelectorAll('script').length") == 5
    assert opened.run("document.querySelectorAll('style').length") == 1
    assert "onerror=alert" in opened.run("document.querySelector('h3').textContent")
    for button in opened.page.query_selector_all("[data-tab]")[:4]:
        button.click()
    opened.run("(s) => __dsp.set(s)", {"first": 0, "last": 3, "on": [[1, 0, 1]]})
    opened.settle()
    assert "images" not in opened.run("Object.keys(__dsp.state())")
    assert opened.run("document.images.length") == 0
    assert opened.heard == []
    opened.close()


def test_hostile_names_fit_a_phone(chromium: Any, hostile_page: Path) -> None:
    opened = open_page(chromium, hostile_page, width=320)
    assert opened.run("document.documentElement.scrollWidth") == 320
    opened.close()


def test_text_is_there_without_javascript(chromium: Any, sales_page: Path) -> None:
    """D4: headline, cards, sentences, statistics and findings, and a notice."""
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(sales_page.as_uri())
    text = page.inner_text("body")
    import dsp

    with dsp.open_run(sales_page.parent) as run:
        for insight in run.insights[:12]:
            assert insight.statement in text
        for kpi in run.sql("select label from kpis").to_pylist():
            assert kpi["label"] in text
        for column in run.profile:
            assert column.column_name in text
        for check in run.checks:
            if check.is_failure:
                assert check.observed in text
    assert page.locator("h1").inner_text()
    assert "Charts need JavaScript" in text
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows(chromium: Any, sales_page: Path, width: int) -> None:
    opened = open_page(chromium, sales_page, width=width)
    assert opened.run("document.documentElement.scrollWidth") == width
    clipped = opened.run(
        "[...document.querySelectorAll('.kpi b, .pill, .ins h3, .stats dd, .lead h1')]"
        ".filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 "
        "&& getComputedStyle(e).display !== 'inline').map(e => e.textContent)"
    )
    assert clipped == []
    opened.close()


def test_the_theme_follows_the_system_and_the_button(
    chromium: Any, sales_page: Path
) -> None:
    opened = open_page(chromium, sales_page, theme="light")
    page = opened.page

    def first_bar() -> str:
        opened.run("__dsp.drawAll()")
        opened.settle()
        return str(
            opened.run(
                "document.querySelector('[data-chart=explore_by_1] .mark-rect path')"
                ".getAttribute('fill')"
            )
        )

    def token() -> str:
        code = (
            "getComputedStyle(document.documentElement).getPropertyValue('--c1').trim()"
        )
        return str(opened.run(code))

    assert first_bar() == token() == "#2563d9"
    page.emulate_media(color_scheme="dark")
    opened.run("new Promise(done => setTimeout(done, 50))")
    opened.settle()
    assert first_bar() == token() == "#6ea1ff"
    for wanted in ("light", "dark", "auto"):
        page.click("#theme")
        opened.settle()
        assert opened.run("__dsp.state().mode") == wanted
    page.click("#theme")
    opened.settle()
    assert first_bar() == "#2563d9"
    page.reload()
    again = opened.run("document.documentElement.dataset.theme")
    assert again == "light"
    assert opened.heard == []
    opened.close()


def test_zone_and_locale_of_the_reader_change_nothing(
    chromium: Any, sales_page: Path
) -> None:
    """D13: the same text, axes and tooltips in six places."""
    seen = set()
    places = [
        ("UTC", "en-US"),
        ("America/Los_Angeles", "en-US"),
        ("Asia/Kolkata", "hi-IN"),
        ("Pacific/Auckland", "en-NZ"),
        ("Europe/Berlin", "de-DE"),
        ("Asia/Riyadh", "ar-SA"),
    ]
    for zone, locale in places:
        opened = open_page(chromium, sales_page, timezone_id=zone, locale=locale)
        state = {"first": 3, "last": 20, "on": [[1, 0, 1, 0]]}
        n = opened.run("__dsp.state().on.length")
        state["on"] = [[1, 0], *[None] * (n - 1)]
        opened.run("(s) => __dsp.set(s)", state)
        opened.settle()
        opened.page.locator("[data-chart=explore_trend]").hover(
            position={"x": 240, "y": 90}
        )
        opened.run("new Promise(done => setTimeout(done, 120))")
        tip = opened.run("document.getElementById('vg-tooltip-element').innerText")
        assert tip
        texts = opened.run(
            "[...document.querySelectorAll('body *')].filter(e => !e.children.length "
            "&& !['SCRIPT','STYLE'].includes(e.tagName)).map(e => e.textContent)"
        )
        seen.add("\n".join([*texts, tip]))
        opened.close()
    assert len(seen) == 1


def degenerate() -> dict[str, tuple[pa.Table, str | None]]:
    day = date(2024, 5, 1)
    n = 60
    moments = [datetime(2024, 5, 1, i % 24, tzinfo=UTC) for i in range(n)]
    inf = float("inf")
    return {
        "no rows": (
            pa.table({"a": pa.array([], pa.float64()), "b": pa.array([], pa.string())}),
            None,
        ),
        "no rows, a target": (
            pa.table({"a": pa.array([], pa.float64()), "b": pa.array([], pa.string())}),
            "a",
        ),
        "one row": (pa.table({"a": [1.5], "b": ["x"], "d": [day]}), "a"),
        "one column": (pa.table({"a": [float(i) for i in range(n)]}), None),
        "one text": (pa.table({"a": ["x", "y", "z"] * 20}), None),
        "all null": (
            pa.table({"a": pa.nulls(n, pa.float64()), "b": ["x", "y"] * 30}),
            "b",
        ),
        "null target": (
            pa.table({"a": pa.nulls(n, pa.float64()), "b": ["x", "y"] * 30}),
            "a",
        ),
        "constant": (pa.table({"a": [7.0] * n, "b": ["x"] * n}), "a"),
        "all unique": (pa.table({"a": [f"id{i}" for i in range(n)]}), None),
        "one category": (
            pa.table({"a": ["x"] * n, "v": [float(i % 9) for i in range(n)]}),
            "v",
        ),
        "one day": (
            pa.table({"t": moments, "v": [float(i % 9) for i in range(n)]}),
            "v",
        ),
        "one moment": (
            pa.table({"t": [moments[0]] * n, "v": [float(i % 9) for i in range(n)]}),
            "v",
        ),
        "negative": (
            pa.table(
                {
                    "d": [day + timedelta(days=i) for i in range(n)],
                    "v": [-5.0 - i % 7 for i in range(n)],
                }
            ),
            "v",
        ),
        "infinite": (
            pa.table(
                {
                    "v": [inf, -inf, float("nan"), None, 1.0, 2.0] * 10,
                    "g": ["a", "b"] * 30,
                }
            ),
            "v",
        ),
        "huge": (
            pa.table({"v": [1e300 * (i + 1) for i in range(n)], "g": ["a", "b"] * 30}),
            "v",
        ),
        "mixed zones": (
            pa.table(
                {
                    "t": pa.array(
                        [m.isoformat() for m in moments[:30]]
                        + [f"2024-05-{i % 28 + 1:02}T10:00:00+05:30" for i in range(30)]
                    ),
                    "v": [float(i % 9) for i in range(n)],
                }
            ),
            "v",
        ),
        "hostile names": (
            pa.table({name: [float(i % 5) for i in range(n)] for name in HOSTILE_NAMES}),
            HOSTILE_NAMES[0],
        ),
    }


@pytest.mark.parametrize("name", list(degenerate()))
def test_degenerate_data_have_a_page(
    chromium: Any, page_of_run: Callable[..., Path], name: str
) -> None:
    table, target = degenerate()[name]
    opened = open_page(chromium, page_of_run(table, target))
    check_quiet(opened)
    shown = opened.run(
        "(() => { const b = document.body.cloneNode(true);"
        "b.querySelectorAll('pre, code, script').forEach(e => e.remove());"
        "return b.textContent; })()"
    )
    assert not re.findall(BAD_WORDS, shown)
    labels = opened.run(
        "[...document.querySelectorAll('svg text')].map(e => e.textContent)"
    )
    assert max((len(text) for text in labels), default=0) < 60
    headings = opened.run(
        "[...document.querySelectorAll('main section')].map(e => e.innerText.trim().split('\\n').length)"
    )
    assert len(headings) == 7
    assert min(headings) >= 2
    opened.close()


def test_a_sandboxed_frame_shows_the_page(
    chromium: Any, sales_page: Path, tmp_path: Path
) -> None:
    from html import escape

    inner = escape(sales_page.read_text(encoding="utf-8"), quote=True)
    outer = tmp_path / "frame.html"
    outer.write_text(
        "<!doctype html><iframe sandbox='allow-scripts' width='1200' height='800' "
        f'srcdoc="{inner}"></iframe>',
        encoding="utf-8",
    )
    context = chromium.new_context(offline=True)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(outer.as_uri())
    frame = page.frames[1]
    for _ in range(600):
        if frame.evaluate("window.__dsp ? window.__dsp.ready : false"):
            break
        page.wait_for_timeout(50)
    frame.evaluate("__dsp.drawAll()")
    frame.evaluate("__dsp.idle()")
    n = frame.evaluate("__dsp.state().on.length")
    frame.evaluate("(s) => __dsp.set(s)", {"first": 2, "last": 9, "on": [None] * n})
    assert frame.evaluate("__dsp.state().first") == 2
    assert frame.evaluate("__dsp.charts") == frame.evaluate("__dsp.planned")
    assert frame.evaluate("__dsp.violations") == []
    assert heard == []
    context.close()


def test_an_embedded_section_stands_alone(chromium: Any, sales_page: Path) -> None:
    opened = open_page(
        chromium, sales_page, address="?embed=1&theme=dark&section=explore"
    )
    shown = opened.run(
        "[...document.querySelectorAll('main section')].filter(e => e.offsetParent)"
        ".map(e => e.id)"
    )
    assert shown == ["explore"]
    assert opened.run("document.querySelector('.bar').offsetParent") is None
    assert opened.run("__dsp.state().theme") == "dark"
    assert opened.heard == []
    opened.close()
