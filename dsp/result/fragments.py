"""Blocks as static HTML for notebooks: escaped, with its own style, without script.

Charts are SVG images inside of the page. They are shown as images, and not as elements,
because notebooks that are not trusted lose SVG elements but keep images, and because an
image can neither run anything nor share names with another one.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from dsp.numbers import counted, printable, written
from dsp.result.blocks import (
    OBJECT,
    Block,
    Code,
    Facts,
    Grid,
    Heading,
    Lines,
    Picture,
    Words,
    cell,
    shorten,
)

if TYPE_CHECKING:
    from dsp.records import Figure

RULES = """
.dsp-out{color-scheme:light dark;background:var(--surface);color:var(--text);
border:1px solid var(--border);border-radius:12px;padding:12px 16px;max-width:760px;
font:14px/21px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;
overflow-wrap:break-word}
.dsp-out h3{font-size:18px;line-height:26px;margin:0 0 4px;color:inherit}
.dsp-out h4{font-size:15px;line-height:22px;margin:14px 0 2px;color:inherit}
.dsp-out p{margin:2px 0 6px;color:inherit}
.dsp-out .dsp-note{color:var(--text-3);font-size:12px}
.dsp-out dl{display:flex;flex-wrap:wrap;gap:4px 24px;margin:6px 0}
.dsp-out dt{color:var(--text-3);font-size:12px;font-weight:400}
.dsp-out dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.dsp-out ul{margin:4px 0;padding-left:20px}
.dsp-out table{border-collapse:collapse;font-size:13px;margin:6px 0;display:block;
overflow-x:auto;color:inherit;background:none}
.dsp-out :is(th,td){text-align:left;padding:3px 12px 3px 0;border:0;
border-bottom:1px solid var(--border);background:none;color:inherit;
font-variant-numeric:tabular-nums}
.dsp-out th{color:var(--text-3);font-weight:400}
.dsp-out img{display:block;max-width:100%;height:auto;margin:4px 0;background:none}
.dsp-out summary{color:var(--text-3);font-size:12px;cursor:pointer}
.dsp-out pre{background:var(--surface-2);color:inherit;border-radius:8px;padding:8px 12px;
font:12px/18px ui-monospace,Menlo,Consolas,monospace;overflow-x:auto;margin:6px 0;
white-space:pre}
"""
"""The style of a fragment: no rule reaches what is outside of it."""
TOKENS = ("surface", "surface-2", "border", "text", "text-3")


def html_of(blocks: Sequence[Block], *, limit: int = OBJECT) -> str:
    """Return blocks as one static fragment of at most `limit` bytes.

    Charts are left out from the last one on until it fits, then rows of tables and other
    parts; a note says how many.
    """
    left, style = list(blocks), _style()
    parts = [_html(block) for block in left]
    n_charts = n_others = 0
    while True:
        body = "".join(parts) + _left_out(n_charts, n_others)
        html = f'<div class="dsp-out">{style}{body}</div>'
        if len(html.encode()) <= limit or not parts:
            return html
        last = max((i for i, b in enumerate(left) if isinstance(b, Picture)), default=-1)
        block = left[last]
        if isinstance(block, Grid) and len(block.shown) > 1:
            left[last] = block.halved()
            parts[last] = _html(left[last])
            continue
        n_charts, n_others = n_charts + (last >= 0), n_others + (last < 0)
        del parts[last], left[last]


def image(svg: str, *, alt: str, dark: str | None = None, width: int = 640) -> str:
    """Return an SVG drawing as an image that needs nothing but itself.

    Parameters
    ----------
    svg, dark
        The drawing, and the one that is shown where dark colours are preferred.
    alt
        What it shows, in words.
    width
        Width in pixels, where there is room.
    """
    shown = f'<img src="{_data_url(svg)}" alt="{_said(alt, 300)}" width="{width}">'
    if dark is None:
        return shown
    wanted = "(prefers-color-scheme: dark)"
    source = f'<source media="{wanted}" srcset="{_data_url(dark)}">'
    return f"<picture>{source}{shown}</picture>"


def figure_text(figure: Figure) -> str:
    """Return a figure as people read it."""
    if figure.text is not None:
        return figure.text
    return written(figure.value, figure.format)


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{_said(text)}</h{level}>"
        case Words(text, is_quiet):
            mark = ' class="dsp-note"' if is_quiet else ""
            return f"<p{mark}>{_said(text, 1_000)}</p>"
        case Facts(pairs):
            items = (
                f"<div><dt>{_said(k)}</dt><dd>{_said(v)}</dd></div>" for k, v in pairs
            )
            return f"<dl>{''.join(items)}</dl>"
        case Lines(items):
            rows = "".join(f"<li>{_said(item, 400)}</li>" for item in items)
            return f"<ul>{rows}</ul>"
        case Code():
            code = escape(block.shown)
            return f"<details><summary>SQL</summary><pre>{code}</pre></details>"
        case Picture(draw):
            return draw()
        case Grid():
            return _table(block) if block.headings else ""


def _table(grid: Grid) -> str:
    head = "".join(f"<th>{_said(h)}</th>" for h in grid.headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{_said(cell(value))}</td>" for value in row) + "</tr>"
        for row in grid.shown
    )
    more = counted(grid.n_left, f"more {grid.noun}")
    note = f'<p class="dsp-note">… {more}</p>' if grid.n_left > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _said(text: object, limit: int = 120) -> str:
    return escape(shorten(printable(str(text)), limit))


def _left_out(n_charts: int, n_others: int) -> str:
    if not n_charts and not n_others:
        return ""
    found = [counted(n_charts, "chart")] if n_charts else []
    found += [counted(n_others, "part")] if n_others else []
    return (
        f'<p class="dsp-note">{" and ".join(found)} left out to keep this output small.'
        "</p>"
    )


def _style() -> str:
    from dsp.charts.theme import DARK, LIGHT

    def variables(of: dict[str, str]) -> str:
        return ".dsp-out{" + ";".join(f"--{t}:{of[t]}" for t in TOKENS) + "}"

    rules = RULES.replace("\n", "")
    dark = f"@media (prefers-color-scheme:dark){{{variables(DARK)}}}"
    return f"<style>{variables(LIGHT)}{dark}{rules}</style>"


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode('ascii')}"
