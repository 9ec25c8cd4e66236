"""Writes the dashboard: one file, no request, nothing but what the tables hold."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp import numbers
from dsp.dashboard import sections
from dsp.dashboard.brand import brand_style
from dsp.dashboard.budget import within_budget
from dsp.dashboard.cards import column_cards
from dsp.dashboard.content import Content, read_content
from dsp.dashboard.cube.encode import encoded
from dsp.dashboard.findings import insight_card, milliseconds
from dsp.dashboard.marks import clean, counted, cut, mark
from dsp.dashboard.redaction import of_few_rows, redacted
from dsp.engine import Store
from dsp.records import Cube

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import ChartRow

NAVIGATION = (
    ("summary", "Summary", "sum"),
    ("explore", "Explore", "exp"),
    ("insights", "Insights", "insight"),
    ("columns", "Columns", "cols"),
    ("quality", "Data quality", "qual"),
    ("model", "Model", "model"),
    ("reproduce", "Reproduce", "code"),
)


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


class DashboardGenerator:
    """Writes the page of a run from its stored results.

    Parameters
    ----------
    engine
        The result database of the run.
    title
        Title of the page; the name of the source when None.
    theme
        ``auto`` (follow the system), ``light`` or ``dark``.
    brand
        Colour in the place of the accent, such as ``#0a7350``.
    redact
        Whether every value of a text column stays off the page.
    min_cell
        Rows that a group on the page has at least.

    Examples
    --------
    >>> import tempfile
    >>> from dsp.engine import DuckEngine, Store
    >>> engine = DuckEngine()
    >>> Store(engine).create()
    >>> path = DashboardGenerator(engine).generate(Path(tempfile.mkdtemp()) / "page.html")
    >>> path.read_text(encoding="utf-8")[:15]
    '<!doctype html>'
    """

    def __init__(
        self,
        engine: DuckEngine,
        *,
        title: str | None = None,
        theme: str = "auto",
        brand: str | None = None,
        redact: bool = False,
        min_cell: int = 1,
    ) -> None:
        self.engine = engine
        self.title = title
        self.theme = theme
        self.brand = brand
        self.redact = redact
        self.min_cell = min_cell

    def generate(self, path: Path) -> Path:
        """Write the page and return its path.

        The same tables give the same bytes. The time shown is that of the run, or
        ``SOURCE_DATE_EPOCH`` where it is set.
        """
        text = self.render()
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
        return path

    def render(self) -> str:
        """Return the page as text."""
        content = of_few_rows(read_content(self.engine), self.min_cell)
        if self.redact:
            content = redacted(self.engine, content)
        content = within_budget(content)
        scripts = {
            "theme": _asset("theme.js"),
            "bundle": _asset("vega-bundle.js"),
            "app": _app(),
        }
        style = _asset("style.css") + (brand_style(self.brand) if self.brand else "")
        page = _environment().get_template("page.html.j2")
        text: str = page.render(
            policy=_policy(scripts, style),
            scripts={name: _safe(text) for name, text in scripts.items()},
            style=_safe(style),
            icons=_safe(_asset("icons.svg")),
            mode=self.theme,
            specs=_safe(_json(_specs(content))),
            data=_safe(_json(self._data(content))),
            **self._context(content),
        )
        return text

    def _data(self, content: Content) -> dict[str, Any]:
        """Return what the script of the page reads."""
        drawn = [c for c in content.charts if content.chart(c.chart_id)]
        cube = content.cube
        found: dict[str, Any] = {
            "charts": {
                c.chart_id: content.chart_rows[c.chart_id]
                | {"format": _format(content, c)}
                for c in drawn
            },
            "cube": None if cube is None else encoded(Store(self.engine)),
            "kpis": _kpis(content),
            "notes": _notes(content),
            "span": [],
            "axisLabel": "",
        }
        if cube is not None and cube.axis == "time":
            found["span"] = _span(content, cube)
        if cube is not None and cube.axis == "number":
            found["axisLabel"] = cut(cube.axis_column or "", 40)
        return found

    def _context(self, content: Content) -> dict[str, Any]:
        run = content.run
        title = self.title or (run.source_name if run is not None else "Results")
        counts = {
            "insights": len(content.asserted),
            "columns": len(content.columns),
        }
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        return {
            "title": cut(title, 90),
            "source": "" if run is None else cut(run.source_name, 60),
            "has_run": run is not None,
            "n_rows": _of_run(content, "n_rows", "row"),
            "n_columns": _of_run(content, "n_columns", "column"),
            "n_rejected": 0 if run is None else run.n_rejected,
            "rejected": _of_run(content, "n_rejected", "record"),
            "target": None if content.target is None else cut(content.target, 60),
            "time": None
            if run is None or not run.time_column
            else cut(run.time_column, 60),
            "when": _when(content, epoch),
            "navigation": [(*item, counts.get(item[0], "")) for item in NAVIGATION],
            "summary": sections.summary(content),
            "explore": sections.explore(content),
            "filters": sections.filter_bar(content),
            "insights": [insight_card(content, i) for i in content.asserted],
            "n_tests": _tests(content),
            "columns": column_cards(content),
            "quality": sections.quality(content),
            "model": sections.model(content),
            "reproduce": sections.reproduce(content, is_fixed=epoch is not None),
            "problems": [
                (cut(p.plugin, 60), cut(p.error, 200), cut(p.hint, 200))
                for p in content.problems[:20]
            ],
            "version": "" if run is None else run.version,
            "notes": [*(content.cube.notes if content.cube else ()), *content.withheld],
        }


def _of_run(content: Content, column: str, noun: str) -> Any:
    value = None if content.run is None else getattr(content.run, column)
    return counted(value, noun, "runs", column)


def _tests(content: Content) -> Any:
    figure = content.figures.get("tests")
    value = None if figure is None else figure.value
    return counted(value, "test", "figures", "value", "tests")


def _when(content: Content, epoch: str | None) -> Any:
    if epoch is not None and epoch.isdigit():
        return numbers.moment(datetime.fromtimestamp(int(epoch), tz=UTC))
    started = None if content.run is None else content.run.started_at
    return mark(numbers.moment(started), started, "runs", "started_at")


def _specs(content: Content) -> dict[str, Any]:
    drawn = [c for c in content.charts if content.chart(c.chart_id)]
    return {c.chart_id: json.loads(c.spec) for c in drawn}


def _format(content: Content, chart: ChartRow) -> str:
    """Return how the figures of a chart of the cube are written."""
    if chart.section != "explore":
        return ""
    is_target = any(
        d.is_target and chart.chart_id == f"explore_by_{d.dimension}"
        for d in content.dimensions
    )
    main = content.kpis[0] if content.kpis else None
    return "integer" if is_target or main is None else main.format


def _kpis(content: Content) -> list[dict[str, Any]]:
    """Return the cards that the filters change, as the script needs them."""
    return [
        {
            "id": k.kpi_id,
            "m": None if k.measure is None else k.measure - 1,
            "how": k.how,
            "format": k.format,
            "unit": numbers.around(k.unit) if k.unit else None,
            "polarity": k.polarity,
        }
        for k in content.kpis
        if k.how != "all" and content.cube is not None
    ]


def _notes(content: Content) -> list[tuple[int, int, str]]:
    """Return the anomalies that the trend is marked with: start, end, words."""
    trend = content.chart_rows.get("explore_trend")
    if trend is None or content.cube is None:
        return []
    names = ("anomaly", "point_anomaly")
    found = []
    for insight in content.asserted:
        start, end = (milliseconds(t) for t in (insight.time_start, insight.time_end))
        if insight.kind in names and start is not None and end is not None:
            found.append((start, end, cut(insight.title, 120)))
    return found


def _span(content: Content, cube: Cube) -> list[int]:
    """Return the first and the last day of the data, in milliseconds."""
    time = next((c for c in content.columns if c.column_name == cube.axis_column), None)
    ends = (None, None) if time is None else (time.min_value, time.max_value)
    days = [milliseconds(None if end is None else end[:10]) for end in ends]
    return [d for d in days if d is not None]


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
