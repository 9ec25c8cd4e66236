"""A comparison as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsp.exports.comparison import words
from dsp.exports.comparison.report import Comparison
from dsp.exports.marks import inline

MAX_VALUE = 120
MAX_CELLS = 8


def render(report: Comparison) -> str:
    """Return a comparison as Markdown; names and values of the data are escaped."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Comparison) -> Iterator[str]:
    size_a, size_b = words.sizes(report)
    yield "# Comparison"
    yield ""
    yield f"**{inline(report.summary[:1].upper() + report.summary[1:])}.**"
    yield ""
    yield f"- A: {inline(report.row.source_a)} ({size_a})"
    yield f"- B: {inline(report.row.source_b)} ({size_b})"
    yield f"- {inline(words.rows_said(report))}"
    for note in report.row.notes:
        yield f"- {inline(note)}"
    if report.schema:
        yield "\n## Columns that differ\n"
        yield from _table(
            ("Column", "What", "Difference"),
            (
                (d.column_name, words.CHANGES[d.change], words.change_said(d))
                for d in report.schema
            ),
        )
    if report.columns:
        yield "\n## Drift\n"
        yield from _table(
            ("Column", "Drift", "Measure", "What differs", "Values changed"),
            (
                (
                    c.column_name,
                    c.verdict or "not judged",
                    words.leading(report, c),
                    c.statement,
                    "" if c.n_changed is None else f"{c.n_changed:,}",
                )
                for c in report.columns
            ),
        )
    for kind, title in words.KINDS.items():
        rows = report.rows_of(kind)
        if rows:
            yield f"\n## {title} ({words.sample_said(report, kind, len(rows))})\n"
            yield from _rows(report, kind)


def _rows(report: Comparison, kind: str) -> Iterator[str]:
    for row in report.rows_of(kind):
        key = ", ".join(f"{k} = {_said(v)}" for k, v in words.cells(row.key).items())
        a, b = words.cells(row.row_a), words.cells(row.row_b)
        if kind == "changed":
            parts = [f"{n}: {_said(a[n])} → {_said(b.get(n))}" for n in a][:MAX_CELLS]
        elif kind == "duplicated_key":
            parts = [f"{row.n_a:,} rows in A, {row.n_b:,} in B"]
        else:
            parts = [f"{n} = {_said(v)}" for n, v in (a or b).items()][:MAX_CELLS]
        text = "; ".join(parts)
        yield f"- {inline(f'{key}: {text}' if key else text)}"


def _table(
    head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]
) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(inline(cell) for cell in row) + " |"


def _said(value: str | None) -> str:
    if value is None:
        return "none"
    return value if len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 1]}…"
