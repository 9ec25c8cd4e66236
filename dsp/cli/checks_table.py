"""A validation for people at a terminal, narrow ones too."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from dsp.cli.common import cell_text
from dsp.exports.validation.report import place, values
from dsp.numbers import printable

if TYPE_CHECKING:
    from dsp.exports.validation import ValidationReport
    from dsp.records import CheckResult, FailureRow

WIDE = 160
ROWS, COLUMNS, CHARACTERS = 3, 3, 40
MARKS = {
    "critical": ("✗", "bold red"),
    "error": ("✗", "red"),
    "warning": ("!", "yellow"),
    "note": ("·", "cyan"),
    "not evaluated": ("○", "magenta"),
    "passed": ("✓", "green"),
}
"""Sign and colour by what a check came to."""


def show_checks(report: ValidationReport) -> None:
    """Write every check to standard output: what failed first, with its first rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if sys.stdout.isatty() else WIDE
    # Rich would still write bold and dim, which are escape sequences too.
    console = Console(
        width=width,
        highlight=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=console.width >= 40)
    table.add_column(overflow="fold", ratio=1)
    for group in (report.failed, report.not_evaluated, report.passed):
        if group and table.row_count:
            table.add_row("", "")
        for result in group:
            word = state(result)
            sign, style = MARKS[word]
            found = Text(printable(result.observed))
            rows = _rows(report, result)
            if rows:
                found.append(f"\n{rows}", style="dim")
            table.add_row(Text(f"{sign} {word}", style=style), found)
    console.print(table)


def state(result: CheckResult) -> str:
    """Return what a check came to: its severity where it failed."""
    if result.outcome == "failed":
        return "note" if result.is_note else result.severity
    return result.outcome.replace("_", " ")


def _rows(report: ValidationReport, result: CheckResult) -> str:
    """Return the first failing rows of a check: where they stand, and its columns."""
    rows = report.rows_of(result)[:ROWS]
    lines = [_row(row, result) for row in rows]
    n_more = result.n_failed - len(lines)
    if lines and n_more > 0:
        lines.append(f"{n_more:,} more")
    return " · ".join(lines)


def _row(row: FailureRow, result: CheckResult) -> str:
    found = values(row)
    own = [name for name in result.columns if name in found][:COLUMNS]
    known = [name for name in own if found[name] is not None]
    if not known:
        return place(row)
    if len(own) == 1:
        return f"{place(row)}: {_value(found[own[0]])}"
    shown = ", ".join(f"{_cut(name)} {_value(found[name])}" for name in own)
    return f"{place(row)}: {shown}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return f"“{_cut(value)}”"
    return "–" if value is None else _cut(cell_text(value))


def _cut(text: str) -> str:
    flat = printable(text.replace("\n", "⏎"))
    return flat if len(flat) <= CHARACTERS else f"{flat[: CHARACTERS - 1]}…"
