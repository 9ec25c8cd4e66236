"""A comparison for people at a terminal, narrow ones too."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dsp.exports.comparison import words
from dsp.numbers import counted, printable

if TYPE_CHECKING:
    from dsp.exports.comparison import Comparison

WIDE = 160
ROWS, CELLS, CHARACTERS, QUIET = 3, 4, 30, 12
STYLES = {"large": "bold red", "small": "yellow", "none": "green", None: "dim"}
BLOCKS = "▁▂▃▄▅▆▇█"


def show_comparison(report: Comparison) -> None:
    """Write a comparison to standard output: the outcome, then columns, then rows."""
    from rich.console import Console
    from rich.text import Text

    console = Console(
        width=None if sys.stdout.isatty() else WIDE,
        highlight=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    console.print(Text(printable(report.summary), style="bold"))
    size_a, size_b = words.sizes(report)
    for side, source, size in (
        ("A", report.row.source_a, size_a),
        ("B", report.row.source_b, size_b),
    ):
        console.print(Text(f"{side}  {printable(source)}: {size}"))
    for line in (words.rows_said(report), *report.row.notes):
        console.print(Text(printable(line)))
    if report.schema:
        console.print()
        console.print(_schema(report))
    if report.columns:
        console.print()
        console.print(_drift(report, is_wide=console.width >= 100))
        n_hidden = sum(c.verdict not in ("small", "large") for c in report.columns)
        if n_hidden > QUIET:
            more = counted(n_hidden - QUIET, "more column")
            console.print(Text(f"{more} without drift, or not judged", style="dim"))
    for line in _samples(report):
        console.print(line)


def _table() -> Any:
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)


def _schema(report: Comparison) -> Any:
    from rich.text import Text

    table = _table()
    table.add_column(overflow="fold", max_width=40)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in report.schema:
        table.add_row(
            Text(printable(item.column_name)),
            Text(words.CHANGES[item.change], style="cyan"),
            Text(printable(words.change_said(item))),
        )
    return table


def _drift(report: Comparison, *, is_wide: bool) -> Any:
    from rich.text import Text

    table = _table()
    table.add_column(overflow="fold", max_width=40)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    if is_wide:
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    n_quiet = 0
    for column in report.columns:
        is_drift = column.verdict in ("small", "large")
        n_quiet += not is_drift
        if n_quiet > QUIET and not is_drift:
            continue
        changed = f"{column.n_changed:,} changed; " if column.n_changed else ""
        bars = _bars(report, column.column_name) if is_wide else ()
        table.add_row(
            Text(printable(column.column_name)),
            Text(column.verdict or "–", style=STYLES[column.verdict]),
            Text(words.leading(report, column)),
            *(Text(bar) for bar in bars),
            Text(printable(changed + column.statement)),
        )
    return table


def _bars(report: Comparison, name: str) -> tuple[str, str]:
    """Return the distribution in A and in B as blocks of one scale."""
    bins = report.bins_of(name)[:24]
    shares = [
        [n / total for n in counts] if (total := sum(counts)) else [0.0] * len(bins)
        for counts in ([b.n_a for b in bins], [b.n_b for b in bins])
    ]
    top = max((share for side in shares for share in side), default=0.0)
    a, b = (
        "".join(
            BLOCKS[min(7, int(8 * share / top))] if share and top else " "
            for share in side
        )
        for side in shares
    )
    return a.rstrip(), b.rstrip()


def _samples(report: Comparison) -> Iterator[Any]:
    from rich.text import Text

    for kind, title in words.KINDS.items():
        rows = report.rows_of(kind)
        if not rows:
            continue
        shown = words.sample_said(report, kind, min(ROWS, len(rows)))
        yield Text("")
        yield Text(f"{title} ({shown})", style="bold")
        for row in rows[:ROWS]:
            yield Text(printable(_row(row, kind)), style="dim")


def _row(row: Any, kind: str) -> str:
    key = ", ".join(f"{_cut(k)} {_value(v)}" for k, v in words.cells(row.key).items())
    a, b = words.cells(row.row_a), words.cells(row.row_b)
    if kind == "duplicated_key":
        parts = [f"{row.n_a:,} rows in A, {row.n_b:,} in B"]
    elif kind == "changed":
        parts = [f"{_cut(n)} {_value(a[n])} → {_value(b.get(n))}" for n in a]
    else:
        parts = [f"{_cut(n)} {_value(v)}" for n, v in (a or b).items()]
    more = len(parts) - CELLS
    text = ", ".join(parts[:CELLS]) + (f" and {more} more" if more > 0 else "")
    return f"  {key}: {text}" if key else f"  {text}"


def _value(value: str | None) -> str:
    return "–" if value is None else _cut(value)


def _cut(text: str) -> str:
    flat = text.replace("\n", "⏎")
    return flat if len(flat) <= CHARACTERS else f"{flat[: CHARACTERS - 1]}…"
