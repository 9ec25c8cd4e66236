"""The results as pages of charts and text, where no browser prints the dashboard."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsp.charts.glyphs import texts_of, uncovered
from dsp.charts.pdf import joined
from dsp.charts.static import as_pdf
from dsp.charts.theme import FONT, tokens
from dsp.engine.store import Store
from dsp.exports.chart_files import drawn_charts, warn_of_missing
from dsp.exports.options import ExportOptions
from dsp.numbers import shape, written
from dsp.records import Figure, Insight, RunRow

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

PAGE_WIDTH, PAGE_HEIGHT = 842, 595
"""A4 landscape, in points."""
MARGIN, GAP = 28, 16
COLUMN = (PAGE_WIDTH - 2 * MARGIN - GAP) / 2
CHARACTER = 0.53
"""Mean width of a character by its size."""
MAX_CHART = 330
MAX_TEXT = 600
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


@dataclass(frozen=True, slots=True)
class _Block:
    """What is placed in one piece: its height, and its parts from its own corner."""

    height: float
    parts: tuple[str, ...]


@dataclass(slots=True)
class _Paper:
    """Pages of two columns that blocks flow through."""

    colors: dict[str, str]
    pages: list[list[str]] = field(default_factory=lambda: [[]])
    column: int = 0
    top: float = MARGIN
    y: float = MARGIN

    def wide(self, block: _Block) -> None:
        """Place a block over both columns; the columns begin below."""
        self._put(block, MARGIN, self.top)
        self.top = self.y = self.top + block.height + GAP / 2

    def flow(self, block: _Block) -> None:
        """Place a block in the column that is being filled, or in the next one."""
        if self.y + block.height > PAGE_HEIGHT - MARGIN:
            self._next()
        self._put(block, MARGIN + self.column * (COLUMN + GAP), self.y)
        self.y += block.height + GAP

    def _next(self) -> None:
        self.column += 1
        if self.column == 2:
            self.column, self.top = 0, MARGIN
            self.pages.append([])
        self.y = self.top

    def _put(self, block: _Block, x: float, y: float) -> None:
        parts = "".join(block.parts)
        self.pages[-1].append(f'<g transform="translate({x:.1f},{y:.1f})">{parts}</g>')


def drawn_pages(engine: DuckEngine, note: str, options: ExportOptions) -> bytes:
    """Return a PDF document with the summary, the charts and the findings of a run.

    Parameters
    ----------
    engine
        The result database of a run.
    note
        How the document was made; stands on the first page.
    """
    colors = tokens(options.theme)
    store = Store(engine)
    runs = store.read(RunRow)
    insights = sorted((i for i in store.read(Insight) if i.is_said), key=lambda i: i.rank)
    paper = _Paper(colors)
    name = runs[0].source_name if runs else "Results"
    paper.wide(_text(name, 18, colors["text"], bold=True, wide=True))
    if runs:
        about = f"{shape(runs[0].n_rows, runs[0].n_columns)}."
        paper.wide(_text(about, 11, colors["text-2"], wide=True))
    paper.wide(_text(note, 9, colors["text-3"], wide=True))
    figures = " · ".join(
        f"{f.label}: {f.text or written(f.value, f.format)}" for f in store.read(Figure)
    )
    if figures:
        paper.wide(_text(figures, 11, colors["text"], bold=True, wide=True))
    statements = {i.insight_id: i.statement for i in insights}
    drawn = set()
    for chart, svg in drawn_charts(engine, options):
        drawn.add(chart.row.insight_id)
        said = statements.get(chart.row.insight_id or "", chart.row.description)
        paper.flow(_chart(svg, said, colors))
    for insight in insights:
        if insight.insight_id not in drawn:
            paper.flow(_finding(insight, colors))
    images = list(_images(paper))
    warn_of_missing(uncovered(text for i in images for text in texts_of(i)), options)
    return joined([as_pdf(image) for image in images])


def _images(paper: _Paper) -> Iterator[str]:
    size = f'width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}"'
    last = len(paper.pages)
    for number, parts in enumerate(paper.pages, start=1):
        foot = _line(f"{number} / {last}", 8, paper.colors["text-3"], PAGE_HEIGHT - 12)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" {size}>'
            f'<rect {size} fill="{paper.colors["surface"]}"/>'
            f'{"".join(parts)}<g transform="translate({MARGIN},0)">{foot}</g></svg>'
        )


def _chart(svg: str, text: str, colors: dict[str, str]) -> _Block:
    found = _SIZE.search(svg)
    width, height = (float(found[1]), float(found[2])) if found else (640.0, 240.0)
    scale = min(COLUMN / width, MAX_CHART / height)
    below = _text(text, 9, colors["text-2"])
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return _Block(
        height * scale + below.height + 4,
        (
            f'<g transform="scale({scale:.4f})">{body}</g>',
            f'<g transform="translate(0,{height * scale + 4:.1f})">',
            *below.parts,
            "</g>",
        ),
    )


def _finding(insight: Insight, colors: dict[str, str]) -> _Block:
    head = _text(insight.title, 11, colors["text"], bold=True)
    body = _text(insight.statement, 9, colors["text-2"])
    moved = f'<g transform="translate(0,{head.height:.1f})">'
    return _Block(head.height + body.height, (*head.parts, moved, *body.parts, "</g>"))


def _text(
    text: str, size: float, color: str, *, bold: bool = False, wide: bool = False
) -> _Block:
    width = PAGE_WIDTH - 2 * MARGIN if wide else COLUMN
    flat = " ".join(text.split())
    cut = flat if len(flat) <= MAX_TEXT else flat[: MAX_TEXT - 1] + "…"
    lines = textwrap.wrap(cut, max(10, int(width / (size * CHARACTER))))
    step = size * 1.4
    parts = [
        _line(line, size, color, step * place + size, bold=bold)
        for place, line in enumerate(lines)
    ]
    return _Block(step * len(lines), tuple(parts))


def _line(text: str, size: float, color: str, y: float, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    shown = html.escape("".join(c if c.isprintable() else "\ufffd" for c in text))
    return (
        f'<text y="{y:.1f}" font-size="{size}" fill="{color}"{weight} '
        f'font-family="{html.escape(FONT)}">{shown}</text>'
    )
