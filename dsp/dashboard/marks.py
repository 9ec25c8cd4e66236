"""Marks: every figure on the page names the cell of the database it is read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from dsp import numbers

KEYS = {
    "charts": "chart_id",
    "checks": "check_id",
    "columns": "column_name",
    "figures": "figure_id",
    "importances": "feature",
    "insights": "insight_id",
    "kpis": "kpi_id",
    "missing": "column_name",
    "models": "model_id",
    "problems": "problem_id",
    "quality": "dimension",
    "runs": "",
    "stages": "stage",
    "top_values": "column_name#rank",
}
"""Key columns of the tables that marks point to (none: the table has one row)."""


def raw(value: Any) -> str:
    """Return a value as marks write it: numbers exactly, text as it is.

    Examples
    --------
    >>> raw(0.1), raw(3), raw(True), raw("a")
    ('0.1', '3', 'true', 'a')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, (int, float)) else str(value)


def key(table: str, column: str, row: object = "") -> str:
    """Return the address of a cell; the row is URL-quoted, so any name is safe."""
    return f"{table}/{column}/{quote(str(row), safe='')}"


def mark(text: object, value: Any, table: str, column: str, row: object = "") -> Any:
    """Return a figure as HTML that names where it was read.

    Parameters
    ----------
    text
        What readers see; escaped here.
    value
        The stored value. None is shown as a dash without a mark.
    table, column, row
        The cell of the result database; `row` is the value of the key column.
    """
    from markupsafe import Markup

    if value is None:
        return Markup("–")
    address = key(table, column, row)
    return Markup('<span data-dsp-value="{}" data-dsp-key="{}">{}</span>').format(
        clean(raw(value)), address, clean(str(text))
    )


def counted(n: float | None, noun: str, table: str, column: str, row: object = "") -> Any:
    """Return a count that is marked, with its noun in the form that agrees."""
    number = mark(numbers.count(n), n, table, column, row)
    return number + f" {numbers.agreeing(int(n or 0), noun)}"


def clean(text: str) -> str:
    """Return text without the characters that HTML cannot hold."""
    return "".join(
        "\ufffd" if (c < " " and c not in "\t\n\r") or "\ud800" <= c <= "\udfff" else c
        for c in text
    )


def sentence(text: str) -> str:
    """Return text with a capital at its start, unless a name in the data stands there.

    Examples
    --------
    >>> sentence("revenue fell"), sentence("unit_price fell"), sentence("x2 fell")
    ('Revenue fell', 'unit_price fell', 'x2 fell')
    """
    first = text.split(" ", 1)[0]
    is_word = first.isalpha() and first.islower() and len(first) > 2
    return text[0].upper() + text[1:] if is_word else text


def cut(text: object, limit: int = 120) -> str:
    """Return text on one line, cut to a length that fits its place."""
    line = " ".join(clean(str(text)).split()) or "(blank)"
    return line if len(line) <= limit else line[: limit - 1] + "…"
