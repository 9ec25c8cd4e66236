"""Colours and type of charts in both themes, as the page's style sheet has them."""

from __future__ import annotations

import re
from typing import Any

from dsp.errors import SettingError

LIGHT = {
    "bg": "#f5f6f8",
    "surface": "#ffffff",
    "surface-2": "#f0f2f5",
    "border": "#e2e6ec",
    "border-2": "#c9d0da",
    "text": "#161b26",
    "text-2": "#465062",
    "text-3": "#646f82",
    "accent": "#1f5fd6",
    "accent-2": "#e9f0fd",
    "accent-line": "#2563d9",
    "good": "#0a7350",
    "good-2": "#e2f4ec",
    "bad": "#b8322a",
    "bad-2": "#fdebe9",
    "warn": "#8a5200",
    "warn-2": "#fdf2de",
    "info": "#465062",
    "info-2": "#eef1f5",
    "c1": "#2563d9",
    "c2": "#1a9e90",
    "c3": "#b98a1c",
    "c4": "#d0275f",
    "c5": "#5a2d87",
    "c6": "#7e3d06",
    "muted": "#b6bfcc",
    "ghost": "#dfe4eb",
    "q0": "#eef3fd",
    "q1": "#c9dbfa",
    "q2": "#93b5f2",
    "q3": "#5a8ae6",
    "q4": "#2c62cb",
    "q5": "#173f8f",
}
"""Colour tokens of the light theme; the same as in ``dashboard/assets/style.css``."""

DARK = {
    "bg": "#0e1218",
    "surface": "#161b23",
    "surface-2": "#1e2530",
    "border": "#28313d",
    "border-2": "#3c4858",
    "text": "#e8ecf2",
    "text-2": "#b4bdcb",
    "text-3": "#8d99ab",
    "accent": "#7fadff",
    "accent-2": "#1a2841",
    "accent-line": "#6ea1ff",
    "good": "#46c795",
    "good-2": "#11302a",
    "bad": "#ff8f83",
    "bad-2": "#3a1c1d",
    "warn": "#f0b44c",
    "warn-2": "#35280f",
    "info": "#b4bdcb",
    "info-2": "#222a36",
    "c1": "#6ea1ff",
    "c2": "#3fd6cc",
    "c3": "#e4d06a",
    "c4": "#ee86a5",
    "c5": "#a066e0",
    "c6": "#c0703f",
    "muted": "#566375",
    "ghost": "#2a3340",
    "q0": "#18233a",
    "q1": "#1f3a6b",
    "q2": "#2b56a6",
    "q3": "#4a80de",
    "q4": "#84aefc",
    "q5": "#c9dcff",
}
"""Colour tokens of the dark theme."""

THEMES = {"light": LIGHT, "dark": DARK}
FONTS = (
    "Inter",
    "ui-sans-serif",
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Helvetica Neue",
    "Arial",
    "Noto Sans",
    "sans-serif",
)
"""Fonts that charts may name, most wanted first. The last one is a generic family:
without it the converter to SVG and PNG drops all text."""
FONT = ",".join(f'"{name}"' if " " in name else name for name in FONTS)
_TOKEN = re.compile(r"var\(--([a-z0-9-]+)\)")


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of a theme by token.

    Raises
    ------
    SettingError
        There is no such theme.
    """
    if theme not in THEMES:
        raise SettingError(
            f'no theme "{theme}"', hint=f"one of {', '.join(THEMES)}", theme=theme
        )
    return THEMES[theme]


def themed(spec: Any, theme: str) -> Any:
    """Return a specification whose ``"var(--token)"`` strings are colours of a theme.

    A string that is no token of the theme stays as it is.

    Examples
    --------
    >>> themed({"mark": {"type": "bar", "color": "var(--c1)"}}, "light")
    {'mark': {'type': 'bar', 'color': '#2563d9'}}
    """
    return _replaced(spec, tokens(theme))


def config(theme: str) -> dict[str, Any]:
    """Return the Vega-Lite config of a theme: the one that the page's script applies."""
    of = tokens(theme)
    ramp = [of[f"q{i}"] for i in range(6)]
    return {
        "aria": False,
        "background": None,
        "font": FONT,
        "padding": {"left": 0, "right": 3, "top": 4, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            "labelColor": of["text-3"],
            "titleColor": of["text-3"],
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": 500,
            "titlePadding": 6,
            "labelPadding": 6,
            "grid": True,
            "gridColor": of["border"],
            "domain": False,
            "ticks": False,
        },
        "axisX": {"grid": False, "labelFlush": True},
        "axisBand": {"grid": False, "labelColor": of["text-2"], "labelFontSize": 12},
        "legend": {
            "labelColor": of["text-2"],
            "titleColor": of["text-3"],
            "orient": "top",
        },
        "text": {"color": of["text-2"], "fontSize": 12},
        "rule": {"color": of["border-2"]},
        "range": {
            "category": [of[f"c{i}"] for i in range(1, 7)],
            "heatmap": ramp,
            "ramp": ramp,
        },
    }


def _replaced(value: Any, of: dict[str, str]) -> Any:
    if isinstance(value, str):
        found = _TOKEN.fullmatch(value)
        return of.get(found[1], value) if found else value
    if isinstance(value, dict):
        return {key: _replaced(item, of) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, of) for item in value]
    return value
