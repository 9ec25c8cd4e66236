"""Column cards: histograms and top values as static drawings, statistics as marks."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import clean, cut, mark
from dsp.records import ColumnProfile, HistogramBin, TopValue

MAX_CARDS = 60
SEARCH_FROM = 24
NUMBERS = ("integer", "decimal", "float")
TYPES = {
    "integer": ("123", "Whole number"),
    "decimal": ("1.2", "Decimal number"),
    "float": ("1.2", "Decimal number"),
    "text": ("Abc", "Text"),
    "boolean": ("T/F", "True or false"),
    "date": ("Day", "Date"),
    "timestamp": ("Day", "Date and time"),
    "time": ("Hr", "Time of day"),
    "nested": ("{ }", "Nested"),
    "binary": ("01", "Binary"),
}
PRIVATE = ("identifier", "text")
"""Roles whose values never reach the page."""
ROLES = {
    "target": "Target",
    "time": "Time",
    "identifier": "Identifier",
    "constant": "Constant",
}


def column_cards(content: Content) -> dict[str, Any]:
    """Return the cards of the first columns, and rows for a table of the others."""
    share = {name: fraction for name, _, fraction in content.missing}
    shown = content.columns[:MAX_CARDS]
    return {
        "cards": [_card(content, c, share.get(c.column_name)) for c in shown],
        "rows": [_row(c, share.get(c.column_name)) for c in content.columns[MAX_CARDS:]],
        "has_search": len(content.columns) > SEARCH_FROM,
    }


def _card(
    content: Content, column: ColumnProfile, missing: float | None
) -> dict[str, Any]:
    name = column.column_name
    tag, words = TYPES.get(column.family, ("?", "Other"))
    bins = content.histograms.get(name, [])
    tops = content.top_values.get(name, [])
    is_number = column.family in NUMBERS
    drawn = bins if is_number or column.family in ("date", "timestamp") else []
    is_private = (
        column.role in PRIVATE
        or column.semantic_type in ("email", "url", "phone")
        or name in content.personal
    )
    if content.is_redacted and column.family == "text":
        is_private = True
    return {
        "name": cut(name, 80),
        "full": clean(name),
        "tag": tag,
        "type": words,
        "chip": _chip(column, missing),
        "histogram": None if column.role == "identifier" else histogram(drawn, name),
        "axis": _axis(column) if drawn and column.role != "identifier" else None,
        "tops": [] if is_private or drawn else _tops(tops),
        "message": _message(column, is_private=is_private),
        "stats": _stats(column, missing),
    }


def _row(column: ColumnProfile, missing: float | None) -> dict[str, Any]:
    name = column.column_name
    return {
        "name": cut(name, 80),
        "full": clean(name),
        "type": TYPES.get(column.family, ("?", "Other"))[1],
        "missing": mark(numbers.share(missing), missing, "missing", "fraction", name),
        "distinct": _field(column, "n_distinct", numbers.count),
        "mean": _field(column, "mean", _writer(column, numbers.amount)),
        "low": _field(column, "min_number", _writer(column, numbers.level)),
        "high": _field(column, "max_number", _writer(column, numbers.level)),
    }


def histogram(bins: list[HistogramBin], name: str) -> Any:
    """Return a histogram as SVG, or None when there are no bins."""
    from markupsafe import Markup

    if not bins:
        return None
    highest = max(b.n_rows for b in bins) or 1
    gap = 0.8 if len(bins) > 12 else 1.6
    width = (200 - gap * (len(bins) - 1)) / len(bins)
    bars = "".join(
        f'<rect x="{i * (width + gap):.2f}" '
        f'y="{57 - max(54 * b.n_rows / highest, 0.6):.2f}"'
        f' width="{width:.2f}" height="{max(54 * b.n_rows / highest, 0.6):.2f}" rx="1"/>'
        for i, b in enumerate(bins)
        if b.n_rows
    )
    return Markup(
        '<svg class="hist" viewBox="0 0 200 58" preserveAspectRatio="none" role="img" '
        'aria-label="Distribution of {}">{}'
        '<line x1="0" x2="200" y1="57.5" y2="57.5"/></svg>'
    ).format(cut(name, 60), Markup(bars))  # noqa: S704 - numbers of our own


def _tops(tops: list[TopValue]) -> list[dict[str, Any]]:
    shown = sorted(tops, key=lambda t: t.rank)[:3]
    highest = max((t.fraction for t in shown), default=0) or 1
    return [
        {
            "label": "(missing)" if t.value is None else cut(t.value, 60),
            "width": f"{100 * t.fraction / highest:.1f}",
            "share": mark(
                numbers.share(t.fraction),
                t.fraction,
                "top_values",
                "fraction",
                f"{t.column_name}#{t.rank}",
            ),
        }
        for t in shown
    ]


def _axis(column: ColumnProfile) -> tuple[Any, Any]:
    if column.family in NUMBERS:
        return (
            _field(column, "min_number", _writer(column, numbers.level)),
            _field(column, "max_number", _writer(column, numbers.level)),
        )
    return (
        _field(column, "min_value", numbers.day),
        _field(column, "max_value", numbers.day),
    )


def _stats(column: ColumnProfile, missing: float | None) -> list[tuple[str, Any]]:
    lost = mark(
        numbers.share(missing), missing, "missing", "fraction", column.column_name
    )
    distinct = ("Distinct", _field(column, "n_distinct", numbers.count))
    if column.family in NUMBERS and column.role != "identifier":
        return [
            ("Median", _field(column, "q50", _writer(column, numbers.level))),
            ("Mean", _field(column, "mean", _writer(column, numbers.amount))),
            ("Missing", lost),
            distinct,
        ]
    if column.family in ("date", "timestamp"):
        return [
            ("First", _field(column, "min_value", numbers.day)),
            ("Last", _field(column, "max_value", numbers.day)),
            ("Missing", lost),
            distinct,
        ]
    found = [distinct, ("Missing", lost)]
    if column.length_max is not None:
        found += [
            ("Shortest", _field(column, "length_min", numbers.count)),
            ("Longest", _field(column, "length_max", numbers.count)),
        ]
    return found


def _field(column: ColumnProfile, name: str, writer: Any) -> Any:
    value = getattr(column, name)
    return mark(writer(value), value, "columns", name, column.column_name)


def _writer(column: ColumnProfile, usual: Any) -> Any:
    """Return what writes the values of a column: years have no separators."""
    ends = (column.min_number, column.max_number)
    return numbers.plain if numbers.is_year(column.column_name, *ends) else usual


def _chip(column: ColumnProfile, missing: float | None) -> dict[str, Any] | None:
    if column.role in ROLES:
        return {"class": "info", "text": ROLES[column.role]}
    if missing is not None and missing >= 0.05:
        share = mark(
            numbers.share(missing), missing, "missing", "fraction", column.column_name
        )
        return {"class": "warn", "text": share + " missing"}
    if column.n_infinite:
        text = _field(column, "n_infinite", numbers.count) + " infinite"
        return {"class": "bad", "text": text}
    return None


def _message(column: ColumnProfile, *, is_private: bool) -> str:
    if column.reason:
        return cut(column.reason, 140)
    if column.n_rows == 0:
        return "No rows."
    if column.n_null == column.n_rows:
        return "No value in any row."
    if is_private:
        if column.role == "text" and 4 * column.n_distinct <= column.n_rows:
            return "Text with many values: they are not shown."
        kind = "An identifier" if column.role == "identifier" else "Free text"
        return f"{kind}: its values are not shown."
    return "No distribution to show."
