"""A column as the page holds it: short keys, figures already written as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.exports.profile.report import ProfileReport
from dsp.exports.profile.words import edge, shown
from dsp.numbers import count, is_year, level, plain, share, signed
from dsp.records import ColumnProfile, HistogramBin, TopValue

MANY = 400
"""Columns from which the page keeps less about each: shorter values, no queries."""
FEW = 100
"""Columns up to which the page keeps the query of each."""
SOME = 0.005
"""Share of the rows from which the most frequent value is worth showing."""
DATED = ("date", "timestamp")

_NUMBERS = (
    *(("mean", "Mean"), ("sd", "Std dev"), ("q50", "Median")),
    *(("min_number", "Minimum"), ("q01", "1 %"), ("q05", "5 %"), ("q25", "25 %")),
    *(("q75", "75 %"), ("q95", "95 %"), ("q99", "99 %"), ("max_number", "Maximum")),
    *(
        ("mad", "Median distance"),
        ("total", "Sum"),
        ("skewness", "Skewness"),
        ("kurtosis", "Kurtosis"),
    ),
    ("entropy", "Entropy, bits"),
)
_COUNTS = (
    *(("n_zero", "Zeros"), ("n_negative", "Negative"), ("n_infinite", "Infinite")),
    *(("n_nan", "NaN"), ("n_empty", "Blank")),
)
_UNITLESS = ("skewness", "kurtosis", "entropy")


def labels() -> list[str]:
    """Return the names of the figures, in the order of `column_facts`."""
    names = [label for _, label in (*_NUMBERS, *_COUNTS)]
    return ["Missing", "Distinct", *names, "Length", "First", "Last"]


def column_facts(
    report: ProfileReport,
    column: ColumnProfile,
    alerts: Sequence[Sequence[str]],
    extras: Sequence[Sequence[str]] = (),
) -> dict[str, Any]:
    """Return a column under short keys, without what it does not have.

    ``n`` name, ``t`` type, ``f`` family, ``r`` role, ``s`` meaning, ``m`` share missing,
    ``d`` distinct, ``g`` figures in the order of `labels`, ``h`` counts of bins, ``e``
    edges, ``b`` five places of the box on the axis (0-1), ``v`` frequent values, ``l``
    whether they are worth a place at the top, ``a`` alerts, ``k`` what is special,
    ``x`` reason, ``q`` query.
    """
    is_many = report.n_columns > MANY
    name = column.column_name
    bins = report.bins.get(name, [])
    top = report.top_values.get(name, [])[: 5 if is_many else 10]
    found: dict[str, Any] = {
        "n": shown(name, 120),
        "t": shown(column.data_type, 40),
        "f": column.family,
        "r": column.role,
        "s": column.semantic_type,
        "m": round(_missing(column), 4),
        "d": column.n_distinct,
        "g": _figures(column),
        "h": [b.n_rows for b in bins],
        "e": _edges(column, bins, is_many=is_many),
        "b": _box(column, bins),
        "v": [_value(column, v, 32 if is_many else 80) for v in top],
        "l": _is_listed(column, top),
        "a": list(alerts),
        "k": [list(pair) for pair in extras[: 3 if is_many else 12]],
        "x": shown(column.reason, 160) if column.reason else "",
        "q": column.profile_sql if report.n_columns <= FEW else "",
    }
    return {
        key: value
        for key, value in found.items()
        if value not in ("", [], False) or key in "md"
    }


def _is_listed(column: ColumnProfile, top: Sequence[TopValue]) -> bool:
    """Tell whether frequent values say more about a column than its figures."""
    if not top or (top[0].n_rows < 2 and column.n_rows > 1):
        return False
    is_level = column.role in ("dimension", "target", "constant") or column.q50 is None
    return is_level and (top[0].fraction >= SOME or column.n_distinct <= len(top))


def _missing(column: ColumnProfile) -> float:
    return (column.n_null + column.n_nan) / column.n_rows if column.n_rows else 0.0


def _figures(column: ColumnProfile) -> list[str]:
    """Return the figures of a column as text; empty where there is none."""
    about = "" if column.distinct_exact else "≈ "
    missing = _missing(column)
    texts = [
        share(missing) if missing else "none",
        about + count(column.n_distinct),
        *(_number(column, key) for key, _ in _NUMBERS),
        *(_count(column, key) for key, _ in _COUNTS),
    ]
    length = ""
    if column.length_max is not None:
        length = f"{column.length_min:,} – {column.length_max:,}"
    ends = ["", ""]
    if column.family not in ("integer", "decimal", "float", "boolean"):
        ends = [shown(text or "", 40) for text in (column.min_value, column.max_value)]
    found = [*texts, length, *ends]
    while found and not found[-1]:
        found.pop()
    return found


def _number(column: ColumnProfile, key: str) -> str:
    value = getattr(column, key)
    if value is None or (column.family == "boolean" and key != "entropy"):
        return ""
    if key == "entropy":
        return f"{value:.2f}"
    if column.family in DATED:
        is_place = key.startswith("q") and key[1:].isdigit()
        return edge(value, column.family, 86_400.0) if is_place else ""
    if key in _UNITLESS:
        return signed(f"{value:.2f}")
    ends = (column.min_number, column.max_number)
    if key not in ("total", "sd", "mad") and is_year(column.column_name, *ends):
        return plain(value)
    return level(value)


def _count(column: ColumnProfile, key: str) -> str:
    n = getattr(column, key)
    return f"{count(n)} ({share(n / column.n_rows)})" if n else ""


def _edges(
    column: ColumnProfile, bins: Sequence[HistogramBin], *, is_many: bool
) -> list[str]:
    """Return the edges as text: all, or the outermost two where columns are many."""
    if not bins:
        return []
    step = (bins[-1].high - bins[0].low) / len(bins)
    edges = [bins[0].low, *(b.high for b in bins)]
    chosen = [edges[0], edges[-1]] if is_many else edges
    return [edge(v, column.family, step, column.column_name) for v in chosen]


def _box(column: ColumnProfile, bins: Sequence[HistogramBin]) -> list[float]:
    """Return where the quantiles lie between the first and the last edge."""
    quantiles = (column.q05, column.q25, column.q50, column.q75, column.q95)
    if not bins:
        return []
    low, width = bins[0].low, bins[-1].high - bins[0].low
    places = [(q - low) / width for q in quantiles if q is not None and 0 < width < 1e300]
    if len(places) < len(quantiles):
        return []
    return [round(min(1.0, max(0.0, place)), 3) for place in places]


def _value(column: ColumnProfile, value: TopValue, limit: int) -> list[Any]:
    n = max(1, column.n_rows - column.n_null - column.n_nan)
    text = "" if value.value is None else shown(value.value, limit)
    return [text, value.n_rows, share(value.n_rows / n)]
