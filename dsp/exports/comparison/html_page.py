"""A comparison as one static page: no script, no request, light and dark."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from dsp.exports.comparison import drawings, words
from dsp.exports.comparison.report import Comparison
from dsp.numbers import counted
from dsp.records.comparison import ComparedColumn, RowDifference

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
MAX_VALUE = 200
MAX_SHORT = 28
"""Characters of values that are kept on one line."""
MAX_CARDS = 200
MAX_ROWS = 2_000
MAX_DRAWN = 300
MAX_CELLS = 24


def render(report: Comparison) -> str:
    """Return a comparison as a page; names and values of the data are escaped."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>Comparison: {_text(report.summary)}</title>",
        f"<style>{STYLE}</style></head><body><main>",
        _head(report),
        _drifted(report),
        _schema(report),
        _rows(report),
        _others(report),
        "</main></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _head(report: Comparison) -> str:
    row = report.row
    size_a, size_b = words.sizes(report)
    sides = "".join(
        f'<div class="side {side.lower()}"><span>{side}</span><b>{_text(name)}</b>'
        f"<span>{escape(size)}</span></div>"
        for side, name, size in (("A", row.source_a, size_a), ("B", row.source_b, size_b))
    )
    drift = "large" if row.n_large else ("small" if row.n_drifted else "none")
    tiles = [
        (row.n_drifted, "columns drifted", drift),
        (row.n_schema_differences, "differences of columns", "small"),
        (row.n_changed, "rows changed", "small"),
        (row.n_only_a, "rows only in A", "small"),
        (row.n_only_b, "rows only in B", "small"),
    ]
    drawn = "".join(
        f'<div class="tile {kind if n else "none"}"><b>{"–" if n is None else f"{n:,}"}'
        f"</b><span>{label}</span></div>"
        for n, label, kind in tiles
    )
    notes = "".join(
        f"<p>{_text(line, limit=1000)}</p>"
        for line in (words.rows_said(report), *row.notes)
    )
    at = report.compared_at
    summary = report.summary[:1].upper() + report.summary[1:]
    return (
        f'<header><p class="kicker">Comparison</p><h1>{_text(summary)}</h1>'
        f'<p class="meta">{at.day} {at:%B %Y, %H:%M} UTC</p><div class="sides">{sides}'
        f'</div><div class="tiles">{drawn}</div><div class="notes">{notes}</div></header>'
    )


def _drifted(report: Comparison) -> str:
    if not report.drifted:
        return ""
    cards = "\n".join(_card(report, c) for c in report.drifted[:MAX_CARDS])
    more = len(report.drifted) - MAX_CARDS
    left = (
        f'<p class="caption">and {counted(more, "more column")}</p>' if more > 0 else ""
    )
    return (
        '<section><h2>Drift</h2><p class="meta">Columns whose values are distributed '
        f"otherwise in B, the furthest apart first.</p>{cards}{left}</section>"
    )


def _card(report: Comparison, column: ComparedColumn) -> str:
    figures = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{_text(value)}</dd></div>"
        for name, value in words.figures(report, column)
    )
    if column.n_changed:
        figures += f"<div><dt>Rows changed</dt><dd>{column.n_changed:,}</dd></div>"
    queries = "\n\n".join(
        f"-- {m.measure}\n{m.evidence_sql}"
        for m in report.measures(column.column_name).values()
    )
    return (
        f'<article class="{column.verdict}"><div><p><span class="tag {column.verdict}">'
        f"{column.verdict} drift</span></p><h3>{_text(column.column_name)}</h3>"
        f"<p>{_text(column.statement, limit=500)}</p></div>"
        f"<div>{drawings.distribution(report, column)}</div>"
        f'<dl class="full">{figures}</dl><details class="full"><summary>Queries that '
        f"give the figures again</summary><pre>{_text(queries, limit=20_000)}</pre>"
        "</details>"
        "</article>"
    )


def _schema(report: Comparison) -> str:
    if not report.schema:
        return ""
    rows = (
        (
            f'<th scope="row">{_text(item.column_name)}</th>',
            _cell(words.CHANGES[item.change]),
            _cell(words.change_said(item)),
        )
        for item in report.schema[:MAX_ROWS]
    )
    table = _table(("Column", "What", "Difference"), rows)
    return f"<section><h2>Columns that differ</h2>{table}</section>"


def _rows(report: Comparison) -> str:
    parts = []
    changed = [c for c in report.columns if c.n_changed]
    if changed:
        rows = (
            (
                f'<th scope="row">{_text(c.column_name)}</th>',
                f'<td class="short">{c.n_changed:,}</td>',
            )
            for c in sorted(changed, key=lambda c: -(c.n_changed or 0))[:MAX_ROWS]
        )
        parts.append('<p class="caption">Values that changed, by column</p>')
        parts.append(_table(("Column", "Rows"), rows))
    for kind, title in words.KINDS.items():
        found = report.rows_of(kind)
        if found:
            said = words.sample_said(report, kind, len(found))
            parts.append(f'<p class="caption">{title} ({escape(said)})</p>')
            parts.append(_sample(found, kind))
    return f"<section><h2>Rows</h2>{''.join(parts)}</section>" if parts else ""


def _sample(rows: Sequence[RowDifference], kind: str) -> str:
    if kind == "changed":
        return _changed(rows)
    keys = list(words.cells(rows[0].key))
    if kind == "duplicated_key":
        lines = (
            (
                *(_cell(value) for value in words.cells(row.key).values()),
                f'<td class="short">{row.n_a:,}</td>',
                f'<td class="short">{row.n_b:,}</td>',
            )
            for row in rows
        )
        return _table((*keys, "rows in A", "rows in B"), lines)
    names = list(words.cells(rows[0].row_a or rows[0].row_b))[: MAX_CELLS - len(keys)]
    lines = (
        (
            *(_cell(value) for value in words.cells(row.key).values()),
            *(_cell(words.cells(row.row_a or row.row_b).get(name)) for name in names),
        )
        for row in rows
    )
    return _table((*keys, *names), lines)


def _changed(rows: Sequence[RowDifference]) -> str:
    """Return one line a value that changed, with what it was and what it is."""
    lines = []
    for row in rows:
        key, a, b = (words.cells(text) for text in (row.key, row.row_a, row.row_b))
        keys = [_cell(value) for value in key.values()]
        lines += [
            (
                *keys,
                f'<th scope="row">{_text(name)}</th>',
                _cell(a[name], "was"),
                _cell(b.get(name), "now"),
            )
            for name in list(a)[:MAX_CELLS]
        ]
    return _table((*words.cells(rows[0].key), "Column", "A", "B"), lines)


def _others(report: Comparison) -> str:
    """Return the columns without drift, and those that are not judged."""
    others = [c for c in report.columns if c.verdict not in ("small", "large")]
    if not others:
        return ""
    rows = (
        (
            f'<th scope="row">{_text(c.column_name)}</th>',
            _tag(c),
            f"<td>{drawings.spark(report, c) if i < MAX_DRAWN else ''}</td>",
            f'<td class="short">{escape(words.leading(report, c))}</td>',
            _cell("" if c.statement == "no drift" else c.reason or c.statement),
        )
        for i, c in enumerate(others[:MAX_ROWS])
    )
    table = _table(("Column", "Drift", "A and B", "Measure", "Note"), rows)
    return f"<section><h2>Other columns</h2>{table}</section>"


def _tag(column: ComparedColumn) -> str:
    word = "no drift" if column.verdict else "not judged"
    return (
        f'<td class="short"><span class="tag {column.verdict or ""}">{word}</span></td>'
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{_text(name, limit=60)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{_text(head[0])}">'
        f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(text: str | None, kind: str = "") -> str:
    if text is None:
        return f'<td class="null {kind}">null</td>'
    classes = f"{kind} {'short' if len(text) <= MAX_SHORT else ''}".strip()
    return (
        f'<td class="{classes}">{_text(text)}</td>'
        if classes
        else (f"<td>{_text(text)}</td>")
    )


def _text(text: object, *, limit: int = MAX_VALUE) -> str:
    return drawings.escaped(text, limit=limit)
