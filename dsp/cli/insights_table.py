"""Findings for people at a terminal: one block each, the best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from dsp.cli.lines import flat, folded, painter, width_of
from dsp.insights.effects import effect_words
from dsp.numbers import counted, number, p_value, printable, seconds

if TYPE_CHECKING:
    from dsp.exports.insights import InsightReport
    from dsp.records import Insight

NARROWEST, WIDEST = 60, 100
SIGNS = {"important": ("!", "red"), "notable": ("●", "yellow"), "info": ("·", "cyan")}
"""Sign and colour of a severity."""


def show_insights(report: InsightReport) -> None:
    """Write findings to standard output, at the width of the terminal."""
    for line in lines(report, width_of(NARROWEST, WIDEST), painter()):
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
        of_these = " of these kinds" if report.n_left else ""
        yield f"No finding{of_these} passed its test."
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
    head = f"{place:>3} {paint(sign, fg=colour, bold=True)} "
    indent = " " * 6
    room = width - len(indent)
    for i, line in enumerate(folded(flat(insight.title).split(), room, " ")):
        yield f"{indent if i else head}{paint(line, bold=True)}"
    for line in folded(flat(insight.statement).split(), room, " "):
        yield f"{indent}{line}"
    for line in folded(_figures(insight), room, " · "):
        yield f"{indent}{paint(line, dim=True)}"
    for line in folded(f"→ {flat(insight.recommendation)}".split(), room, " "):
        yield f"{indent}{line}"


def _figures(insight: Insight) -> list[str]:
    parts = [insight.kind, insight.severity]
    if insight.effect is not None and insight.effect_name:
        parts.append(f"{effect_words(insight.effect_name)} {number(insight.effect)}")
    if insight.q_value is not None:
        parts.append(p_value(insight.q_value, "q"))
    parts.append(counted(insight.n_rows, "row"))
    return [flat(part) for part in parts]
