"""Puts a page together: template, style, scripts, and a policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dsp.dashboard.brand import brand_style
from dsp.dashboard.marks import clean

PARTS = (
    "core",
    "charts",
    "cube",
    "explore",
    "filters",
    "tables",
    "controls",
    "start",
)
"""The parts of the page's script, in the order they build on each other."""


def assembled(
    template: str,
    *,
    theme: str,
    brand: str | None,
    specs: dict[str, Any],
    data: dict[str, Any],
    context: dict[str, Any],
) -> str:
    """Return a page as text.

    Parameters
    ----------
    template
        Name of a template of this room.
    theme, brand
        Theme that the page starts with, and its brand colour.
    specs, data
        What its script reads: specifications by chart, and the rest.
    context
        What the template shows; text is escaped there.
    """
    scripts = {
        "theme": _asset("theme.js"),
        "bundle": _asset("vega-bundle.js"),
        "app": _app(),
    }
    style = _asset("style.css") + (brand_style(brand) if brand else "")
    page = _environment().get_template(template)
    text: str = page.render(
        policy=_policy(scripts, style),
        scripts={name: _safe(text) for name, text in scripts.items()},
        style=_safe(style),
        icons=_safe(_asset("icons.svg")),
        mode=theme,
        specs=_safe(_json(specs)),
        data=_safe(_json(data)),
        **context,
    )
    return text


@cache
def _app() -> str:
    parts = "\n".join(_asset(f"app/{name}.js") for name in PARTS)
    return f"(() => {{\n  'use strict';\n{parts}}})();\n"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return clean(text).replace("</", "<\\/").replace("<!--", "<\\u0021--")


def _policy(scripts: dict[str, str], style: str) -> str:
    allowed = " ".join(_digest(text) for text in scripts.values())
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _asset(name: str) -> str:
    path = Path(str(files("dsp.dashboard"))) / "assets" / name
    return path.read_text(encoding="utf-8")


def _safe(text: str) -> Any:
    """Return text of our own files, or JSON that is escaped already, as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


@cache
def _environment() -> Any:
    import jinja2

    folder = Path(str(files("dsp.dashboard"))) / "templates"
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
