"""The result tables as one static page: no script, no request."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.exports.cells import appearing, as_text, read_table, table_names
from dsp.numbers import counted

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 1_000
"""Rows a table gets; its heading says when there were more."""
MAX_TEXT = 2_000
STYLE = (
    "body{font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;"
    "margin:24px;color:#161b26;background:#fff}"
    "table{border-collapse:collapse;font-size:13px}"
    "th,td{border:1px solid #e2e6ec;padding:4px 8px;text-align:left;vertical-align:top;"
    "max-width:420px;overflow-wrap:anywhere}"
    "th{background:#f0f2f5}.wide{overflow-x:auto}"
    "@media(prefers-color-scheme:dark){body{color:#e8ecf2;background:#0e1218}"
    "th{background:#1e2530}th,td{border-color:#28313d}}"
)


class HtmlExport:
    """Writes ``tables.html``: every result table, escaped."""

    name = "html"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the page and return its path."""
        path = folder / "tables.html"
        source = engine.rows("select source_name from main.runs")
        title = escape(str(source[0][0]) if source else "results")
        digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'"
        )
        names = table_names()
        index = "".join(f'<li><a href="#{name}">{name}</a></li>' for name in names)
        parts = [
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{title}: result tables</title><style>{STYLE}</style></head>",
            f"<body><h1>{title}: result tables</h1><ul>{index}</ul>",
            *(_section(engine, name) for name in names),
            "</body></html>\n",
        ]
        with appearing(path) as unfinished:
            unfinished.write_text("\n".join(parts), encoding="utf-8")
        return [path]


plugin = HtmlExport()


def _section(engine: DuckEngine, name: str) -> str:
    table = read_table(engine, name)
    n_rows = table.num_rows
    n = counted(n_rows, "row")
    shown = f", the first {MAX_ROWS:,} shown" if n_rows > MAX_ROWS else ""
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in table.column_names)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row.values()) + "</tr>"
        for row in table.slice(0, MAX_ROWS).to_pylist()
    )
    return (
        f'<h2 id="{name}">{name}</h2><p>{n}{shown}</p>'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: object) -> str:
    text = as_text(value)
    if text is None:
        return "–"
    cut = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
    return escape(cut.replace("\x00", "\N{REPLACEMENT CHARACTER}"))
