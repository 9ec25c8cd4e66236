"""D9 and D10: axe finds nothing, and colours can be told apart."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dsp.dashboard.brand import brand_style, contrast
from tests.browser.conftest import open_page

STYLE = Path(__file__).parents[2] / "dsp" / "dashboard" / "assets" / "style.css"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXTS = ("text", "text-2", "text-3", "accent")
PILLS = (("good", "good-2"), ("bad", "bad-2"), ("warn", "warn-2"), ("info", "info-2"))
SURFACES = ("bg", "surface", "surface-2")


@cache
def axe() -> str:
    import axe_playwright_python

    folder = Path(axe_playwright_python.__file__).parent
    return (folder / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(
    chromium: Any, sales_page: Path, theme: str, width: int
) -> None:
    opened = open_page(chromium, sales_page, width=width, theme=theme)
    page = opened.page
    page.locator("[data-dim] > button").first.click()
    page.locator("[data-tab]").first.click()
    for details in page.locator("details > summary").all()[:3]:
        details.click()
    page.locator("[data-dim] > button").first.click()
    opened.settle()
    page.evaluate(axe())
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    told = [
        (
            v["id"],
            v["help"],
            [
                n["html"][:120] + " " + n.get("failureSummary", "")[:160]
                for n in v["nodes"][:3]
            ],
        )
        for v in found["violations"]
    ]
    assert told == []
    assert len(found["passes"]) > 25
    opened.close()


def tokens(theme: str) -> dict[str, str]:
    text = STYLE.read_text(encoding="utf-8")
    blocks = re.findall(r":root(?:\[data-theme=dark\])?\{(.*?)\}", text, re.DOTALL)
    found: dict[str, str] = {}
    for block in blocks[: 1 if theme == "light" else 2]:
        found |= dict(re.findall(r"--([\w-]+):(#[0-9a-fA-F]{6})", block))
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_graphics_stand_out(theme: str) -> None:
    known = tokens(theme)
    for surface in SURFACES:
        for name in TEXTS:
            assert contrast(known[name], known[surface]) >= 4.5, (name, surface)
    for text, weak in PILLS:
        assert contrast(known[text], known[weak]) >= 4.5, text
    assert contrast(known["accent"], known["accent-2"]) >= 4.5
    for i in range(1, 7):
        assert contrast(known[f"c{i}"], known["surface"]) >= 3, i


@pytest.mark.parametrize("brand", ["#0a7350", "#ffd400", "#111111", "#ff00aa", "#ffffff"])
def test_a_brand_colour_stays_readable(brand: str) -> None:
    parts = re.findall(r"\{(.*?)\}", brand_style(brand))
    for theme, part in zip(("light", "dark"), parts, strict=True):
        known = tokens(theme) | dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", part))
        assert contrast(known["accent"], known["surface"]) >= 4.5
        assert contrast(known["accent"], known["accent-2"]) >= 4.5
        assert contrast(known["c1"], known["surface"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("deficiency", ["protanomaly", "deuteranomaly", "tritanomaly"])
def test_series_can_be_told_apart_without_some_colours(
    theme: str, deficiency: str
) -> None:
    from colorspacious import cspace_convert, deltaE

    known = tokens(theme)
    space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
    seen = []
    for i in range(1, 7):
        value = known[f"c{i}"]
        rgb = [int(value[j : j + 2], 16) / 255 for j in (1, 3, 5)]
        seen.append(cspace_convert(rgb, space, "sRGB1").clip(0, 1))
    apart = [
        deltaE(a, b, input_space="sRGB1", uniform_space="CAM02-UCS")
        for i, a in enumerate(seen)
        for b in seen[i + 1 :]
    ]
    assert min(apart) >= 10
