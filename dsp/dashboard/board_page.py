"""What the template of a board shows."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.charts.base import short
from dsp.dashboard import sections
from dsp.dashboard.board import Board
from dsp.dashboard.board_content import BoardContent, BoardSectionRows, TableRows
from dsp.dashboard.marks import clean, cut
from dsp.dashboard.sections.explore import chart_card
from dsp.records import Kpi

SHOWN = 60
"""Characters of a cell of a table."""


def board_context(
    board: Board, read: BoardContent, *, title: str | None = None
) -> dict[str, Any]:
    """Return what the template shows: headings, cards, sections and every query."""
    content = read.content
    filters = sections.filter_bar(content)
    explore = sections.explore(content) if content.cube is not None else []
    for card in explore:
        # The cells are not in the database: this is the query that counts them.
        card["sql"] = content.cube.evidence_sql if content.cube is not None else ""
    shown = [_section(read, section) for section in read.sections]
    names = [("summary", "Summary", "sum")]
    if explore:
        names.append(("explore", "Explore", "exp"))
    names += [(s["id"], s["title"], "cols") for s in shown]
    names.append(("reproduce", "Queries", "code"))
    return {
        "title": cut(title or board.title, 90),
        "about": cut(board.description, 160) if board.description else "",
        "closing": "is made of the queries listed above.",
        "has_run": False,
        "version": "",
        "navigation": [(*name, "") for name in names],
        "summary": {
            "headline": cut(title or board.title, 200),
            "lead": clean(board.description),
            "cards": sections.kpi_cards(content),
        },
        "explore": explore,
        "filters": filters,
        "sections": shown,
        "queries": _queries(read),
        "notes": [*(content.cube.notes if content.cube else ())],
    }


def _section(read: BoardContent, section: BoardSectionRows) -> dict[str, Any]:
    charts = []
    for chart, width in section.charts:
        card = chart_card(read.content, chart)
        has_rows = bool(read.content.chart_rows[chart.chart_id]["rows"])
        charts.append({**card, "class": f"s{width}", "has_rows": has_rows})
    return {
        "id": section.section_id,
        "title": cut(section.title, 60),
        "about": cut(section.about, 200) if section.about else "",
        "texts": [(cut(t, 90) if t else "", clean(text)) for t, text in section.texts],
        "charts": charts,
        "tables": [_table(table) for table in section.tables],
    }


def _table(table: TableRows) -> dict[str, Any]:
    rows = table.data["rows"]
    return {
        "id": table.table_id,
        "title": cut(table.title, 90),
        "about": cut(table.about, 240) if table.about else "",
        "class": f"s{table.width}",
        "sql": clean(table.sql),
        "head": _heads(table),
        "rows": [[_cell(value) for value in row] for row in rows],
        "left": max(0, table.n_rows - len(rows)),
        "n_rows": numbers.counted(table.n_rows, "row"),
    }


def _heads(table: TableRows) -> list[dict[str, Any]]:
    first = table.data["rows"][0] if table.data["rows"] else []
    cells = [*first, *[None] * len(table.data["columns"])]
    return [
        {"text": cut(name, 40), "is_number": _cell(value)["is_number"]}
        for name, value in zip(table.data["columns"], cells, strict=False)
    ]


def _cell(value: Any) -> dict[str, Any]:
    if value is None:
        return {"text": numbers.NOTHING, "is_number": False}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return {"text": cut(value, SHOWN), "is_number": False}
    return {"text": numbers.number(float(value)), "is_number": True}


def _queries(read: BoardContent) -> list[tuple[str, str]]:
    """Return the title and the SQL of every card."""
    cards: list[Kpi] = read.content.kpis
    return [(short(k.label, 80), clean(k.evidence_sql)) for k in cards]
