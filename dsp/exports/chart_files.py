"""What the exports of charts share: the stored charts, safe names, files one by one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.charts.glyphs import register_fonts, texts_of, uncovered
from dsp.charts.rows import chart_rows
from dsp.charts.static import drawn_svg
from dsp.engine.store import Store
from dsp.exports.cells import appearing
from dsp.exports.options import ExportOptions
from dsp.numbers import counted
from dsp.records import ChartRow

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

FOLDER = "charts"
MAX_NAME = 80
SHOWN_CHARACTERS = 20
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoredChart:
    """A chart of a run with the name of its files."""

    row: ChartRow
    name: str


def stored_charts(engine: DuckEngine) -> list[StoredChart]:
    """Return the charts of a run in the order of the page."""
    rows = sorted(Store(engine).read(ChartRow), key=lambda row: row.position)
    names = file_names(row.chart_id for row in rows)
    return [StoredChart(row, names[row.chart_id]) for row in rows]


def file_names(chart_ids: Iterable[str]) -> dict[str, str]:
    """Return a name of a file for every id: no path, no device, no two alike.

    Examples
    --------
    >>> file_names(["explore_trend"])
    {'explore_trend': 'explore_trend'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for chart_id in chart_ids:
        name = _UNSAFE.sub("_", chart_id)[:MAX_NAME]
        is_same = name == chart_id and not _DEVICE.fullmatch(name)
        if not is_same or not name or name.casefold() in taken:
            digest = hashlib.sha256(chart_id.encode("utf-8", "replace")).hexdigest()[:8]
            name = f"{name}-{digest}"
        taken.add(name.casefold())
        found[chart_id] = name
    return found


def drawn_charts(
    engine: DuckEngine,
    options: ExportOptions,
    *,
    wanted: Callable[[ChartRow], bool] = lambda _: True,
    title: bool = True,
) -> Iterator[tuple[StoredChart, str]]:
    """Yield the charts of a run that have data, each as the text of an SVG image.

    A chart whose query gives no row is left out, as on the page, with a warning.
    """
    if options.font_dir is not None:
        register_fonts(options.font_dir)
    charts = [chart for chart in stored_charts(engine) if wanted(chart.row)]
    empty = 0
    for done, chart in enumerate(charts, start=1):
        row = chart.row
        rows = chart_rows(engine, row.data_sql)
        if rows:
            yield (
                chart,
                drawn_svg(
                    json.loads(row.spec),
                    rows,
                    name=row.chart_id,
                    theme=options.theme,
                    title=row.title if title else "",
                ),
            )
        else:
            empty += 1
        options.tick(done, len(charts), unit="charts", message=row.title)
    if empty:
        options.warn(f"{counted(empty, 'chart')} without data left out")


def write_drawings(
    engine: DuckEngine,
    folder: Path,
    suffix: str,
    made: Callable[[str], bytes],
    options: ExportOptions,
) -> list[Path]:
    """Write every chart of a run as ``charts/NAME.suffix`` and return the paths.

    Parameters
    ----------
    made
        Returns the content of a file from an SVG image.
    """
    written = []
    missing: set[str] = set()
    for chart, svg in drawn_charts(engine, options):
        path = folder / FOLDER / f"{chart.name}.{suffix}"
        with appearing(path) as unfinished:
            unfinished.write_bytes(made(svg))
        written.append(path)
        if suffix != "svg":  # the fonts of an SVG image are those of its reader
            missing.update(uncovered(texts_of(svg)))
    warn_of_missing(missing, options)
    return written


def warn_of_missing(characters: Iterable[str], options: ExportOptions) -> None:
    """Tell which characters of charts no font at hand can show."""
    found = sorted(characters)
    if not found:
        return
    shown = " ".join(found[:SHOWN_CHARACTERS])
    more = len(found) - SHOWN_CHARACTERS
    options.warn(
        f"no font here has {shown}"
        + (f" and {counted(more, 'more character')}" if more > 0 else "")
        + ": drawn as empty boxes; name a folder of fonts with --font-dir"
    )


def write_query(chart: StoredChart, folder: Path) -> Path:
    """Write the query of a chart's data as ``charts/NAME.sql`` and return its path."""
    path = folder / FOLDER / f"{chart.name}.sql"
    row = chart.row
    text = (
        f"-- purpose: the data of the chart: {_line(row.title)}\n"
        "-- parameters: none; runs as it stands against results.duckdb\n"
        f"-- one row is: a mark of the chart {_line(row.chart_id)}\n"
        f"{row.data_sql.strip().rstrip(';')};\n"
    )
    with appearing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    return path


def write_data(
    engine: DuckEngine,
    folder: Path,
    suffix: str,
    write: Callable[[Any, Path], None],
    options: ExportOptions,
) -> list[Path]:
    """Write the data of every chart, and the query beside; return the paths.

    Parameters
    ----------
    write
        Writes a `pyarrow.Table` to a file.
    """
    written = []
    charts = stored_charts(engine)
    for done, chart in enumerate(charts, start=1):
        path = folder / FOLDER / f"{chart.name}.{suffix}"
        table = engine.sql(chart.row.data_sql)
        with appearing(path) as unfinished:
            write(table, unfinished)
        written += [path, write_query(chart, folder)]
        options.tick(done, len(charts), unit="charts", message=chart.row.title)
    return written


def _line(text: str) -> str:
    """Return text that does not end the comment it stands in."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
