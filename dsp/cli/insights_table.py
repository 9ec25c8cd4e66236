"""Findings for people at a terminal: one block each, the best first."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from dsp.cli.common import printable
from dsp.insights.effects import effect_words
from dsp.numbers import counted, number, p_value, seconds

if TYPE_CHECKING:
    from dsp.exports.insights import InsightReport
    from dsp.records import Insight

NARROWEST, WIDEST, PIPED = 60, 110, 100
SIGNS = {"important": ("!", "red"), "notable": ("●", "yellow"), "info": ("·", "cyan")}
"""Sign and colour of a severity."""


def show_insights(report: InsightReport) -> None:
    """Write findings to standard output, at the width of the terminal."""
    for line in lines(report, _width(), _paint()):
        click.echo(line)


def lines(report: InsightReport, width: int, paint: Callable[..., str]) -> Iterator[str]:
    """Yield the lines of a report, folded to `width` cells."""
    took = sum(report.elapsed_ms.values())
    yield paint(printable(report.source), bold=True)
    yield printable(f"{report.size} · {seconds(took)}")
    for place, insight in enumerate(report.insights, start=1):
        yield ""
        yield from _block(place, insight, width, paint)
    if not report.insights:
        yield ""
        yield "No finding passed its test."
    yield ""
    if report.n_left:
        left = counted(report.n_left, "more finding")
        yield paint(f"{left} not shown: --top, --kind", dim=True)
    if report.n_explained:
        left = counted(report.n_explained, "more finding")
        yield paint(f"{left} explained by another one: --all", dim=True)
    if report.set_aside:
        near = counted(len(report.set_aside), "test")
        yield paint(f"{near} came near a finding and did not pass", dim=True)
    for problem in report.problems:
        yield paint(
            printable(f"Not computed: {problem.plugin}: {problem.error}"), dim=True
        )


def _block(
    place: int, insight: Insight, width: int, paint: Callable[..., str]
) -> Iterator[str]:
    sign, colour = SIGNS.get(insight.severity, SIGNS["info"])
    head = f"{place:>3} "
    title = paint(_flat(insight.title), bold=True)
    yield f"{head}{paint(sign, fg=colour, bold=True)} {title}"
    room = max(20, width - 6)
    for line in textwrap.wrap(_flat(insight.statement), room):
        yield f"      {line}"
    yield "      " + paint(_figures(insight), dim=True)
    for line in textwrap.wrap(f"→ {_flat(insight.recommendation)}", room):
        yield f"      {line}"


def _figures(insight: Insight) -> str:
    parts = [insight.kind, insight.severity]
    if insight.effect is not None and insight.effect_name:
        parts.append(f"{effect_words(insight.effect_name)} {number(insight.effect)}")
    if insight.q_value is not None:
        parts.append(p_value(insight.q_value, "q"))
    parts.append(counted(insight.n_rows, "row"))
    return _flat(" · ".join(parts))


def _flat(text: str) -> str:
    return " ".join(printable(text).split())


def _width() -> int:
    if not sys.stdout.isatty():
        return PIPED
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def _paint() -> Callable[..., str]:
    """Return what colours text: nothing where no terminal reads it."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return click.style
    return lambda text, **_: text
