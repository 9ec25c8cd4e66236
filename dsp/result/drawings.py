"""The charts of a run as images and as Altair charts, each drawn once."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from dsp.errors import DspError
from dsp.result.answer import Result
from dsp.result.blocks import Picture
from dsp.result.fragments import image

if TYPE_CHECKING:
    from dsp.engine import Store
    from dsp.engine.sandbox import LockedEngine
    from dsp.records import ChartRow

ALTAIR_WIDTH = 560
AROUND = ("aria", "background", "padding")
MAX_SVG = 40_000
"""Characters of a drawing; what is larger says nothing more at the size of a card."""
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_UNSEEN = re.compile(
    r' (?:role|class|aria-[a-z]+|pointer-events|xmlns:xlink|version)="[^"]*"'
    r'|(?<=[a-z"]) opacity="1"'
)
_HIDDEN = re.compile(r'<path(?: [a-z-]+="[^"]*")*? display="none"/>')
_CLEAR = re.compile(r'<[a-z]+ [^<>]*\bopacity="0"[^<>]*/>')
_EMPTY = re.compile(r'<path d="M0,0h[\d.]+v[\d.]+h-?[\d.]+Z"/>')
_FONT = re.compile(r' font-family="([^"]*)"')


class Drawings:
    """What the objects of a run draw from: its charts and their data.

    Parameters
    ----------
    store
        The tables of the run.
    engine
        Its locked result database.
    """

    def __init__(self, store: Store, engine: LockedEngine) -> None:
        self._store = store
        self._engine = engine
        self._charts: dict[str, ChartRow] | None = None
        self._images: dict[str, str] = {}

    def result(self, sql: str) -> Result:
        """Return the answer to a query of the run."""
        return Result(self._engine.select(sql))

    def charts(self) -> dict[str, ChartRow]:
        """Return the charts by their ids, in the order of the page."""
        from dsp.records import ChartRow

        if self._charts is None:
            rows = sorted(self._store.read(ChartRow), key=lambda c: c.position)
            self._charts = {row.chart_id: row for row in rows}
        return self._charts

    def of_insight(self, insight_id: str) -> ChartRow | None:
        """Return the chart of an insight, if it has one."""
        found = (c for c in self.charts().values() if c.insight_id == insight_id)
        return next(found, None)

    def picture(self, chart: ChartRow) -> Picture:
        """Return a chart as a block that is drawn when it is shown as HTML."""
        return Picture(lambda: self._image(chart))

    def altair(self, chart: ChartRow) -> Any:
        """Return a chart as an Altair chart with its data inside.

        Raises
        ------
        DspError
            The chart cannot be drawn, or its query cannot be answered.
        """
        import altair as alt

        from dsp.charts.static import placed
        from dsp.charts.theme import config

        spec = placed(
            json.loads(chart.spec),
            self._rows(chart),
            name=chart.chart_id,
            width=ALTAIR_WIDTH,
        )
        # What lies around a chart is in `placed` already.
        look = {k: v for k, v in config("light").items() if k not in AROUND}
        return alt.Chart.from_dict({**spec, "config": look})

    def _image(self, chart: ChartRow) -> str:
        if chart.chart_id not in self._images:
            try:
                found = self._drawn(chart)
            except DspError as error:
                found = f'<p class="dsp-note">No chart: {escape(error.message[:300])}</p>'
            self._images[chart.chart_id] = found
        return self._images[chart.chart_id]

    def _drawn(self, chart: ChartRow) -> str:
        from dsp.charts.static import drawn_svg

        rows, spec = self._rows(chart), json.loads(chart.spec)
        name = chart.chart_id
        if not rows:
            return '<p class="dsp-note">No chart: its query gives no row.</p>'
        light = compact(drawn_svg(spec, rows, name=name))
        if len(light) > MAX_SVG:
            return '<p class="dsp-note">The chart is too large for this output.</p>'
        dark = None
        if "rgb(" in light:
            # Colours between those of a scale cannot be told apart again.
            dark = compact(drawn_svg(spec, rows, name=name, theme="dark"))
        else:
            light = both_themes(light)
        return image(light, alt=f"{chart.title}. {chart.description}", dark=dark)

    def _rows(self, chart: ChartRow) -> list[dict[str, Any]]:
        from dsp.charts.rows import chart_rows

        return chart_rows(self._engine, chart.data_sql)


def compact(svg: str) -> str:
    """Return a drawing without what nobody sees: digits, roles, what only a mouse shows.

    Examples
    --------
    >>> compact('<svg role="img"><path d="M0.12345,2h10.98765" class="a"/></svg>')
    '<svg><path d="M0.12,2h10.99"/></svg>'
    """

    def shorter(tag: re.Match[str]) -> str:
        text = _UNSEEN.sub("", tag[0])
        return _NUMBER.sub(lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), text)

    text = _TAG.sub(shorter, svg)
    for unseen in (_HIDDEN, _CLEAR, _EMPTY):
        text = unseen.sub("", text)
    fonts = set(_FONT.findall(text))
    if len(fonts) == 1:
        font = f' font-family="{fonts.pop()}"'
        text = _TAG.sub(lambda tag: tag[0].replace(font, ""), text)
        text = text.replace("<svg", f"<svg{font}", 1)
    return text


def both_themes(svg: str) -> str:
    """Return a drawing in light colours that has dark ones where those are preferred."""
    from dsp.charts.theme import DARK, LIGHT

    rules = {}
    for name, light in LIGHT.items():
        for part in ("fill", "stroke"):
            if f'{part}="{light}"' in svg:
                rules[f'[{part}="{light}"]'] = f"{{{part}:{DARK[name]}}}"
    style = "".join(f"{selector}{rule}" for selector, rule in rules.items())
    media = f"<style>@media(prefers-color-scheme:dark){{{style}}}</style>"
    end = svg.index(">") + 1
    return svg[:end] + media + svg[end:]
