"""Static HTML for notebooks: escaped, without script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from dsp.numbers import shape, written

if TYPE_CHECKING:
    from dsp.records import Figure
    from dsp.result.run import Run


def run_card(run: Run) -> str:
    """Return the summary of a run."""
    row = run.record
    figures = "".join(
        f"<li>{escape(f.label)}: <b>{escape(figure_text(f))}</b></li>"
        for f in run.figures[:8]
    )
    insights = "".join(
        f"<li><b>{escape(shorten(i.title))}</b><br>"
        f"{escape(shorten(i.statement, 400))}</li>"
        for i in run.insights[:12]
    )
    failed = [c for c in run.checks if c.is_failure]
    checks = html_table(
        ("severity", "check", "observed"),
        [(c.severity, shorten(c.name), shorten(c.observed)) for c in failed[:20]],
    )
    columns = html_table(
        ("column", "type", "role", "missing", "distinct"),
        [
            (shorten(c.column_name), c.data_type, c.role, c.n_null, c.n_distinct)
            for c in run.profile[:60]
        ],
    )
    head = shape(row.n_rows, row.n_columns)
    return (
        f"<div><h3>{escape(row.source_name)}</h3><p>{head}</p><ul>{figures}</ul>"
        f"<h4>Insights</h4><ol>{insights}</ol>"
        f"<h4>Failed checks</h4>{checks if failed else '<p>none</p>'}"
        f"<details><summary>Columns</summary>{columns}</details></div>"
    )


def figure_text(figure: Figure) -> str:
    """Return a figure as people read it."""
    if figure.text is not None:
        return figure.text
    return written(figure.value, figure.format)


def html_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a static, escaped table."""
    head = "".join(f"<th>{escape(shorten(h))}</th>" for h in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cell(value: object) -> str:
    """Return a value as text; missing is an en dash."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def shorten(value: object, limit: int = 120) -> str:
    """Return a value as text of at most `limit` characters."""
    text = "–" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
