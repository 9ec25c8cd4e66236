"""What single columns have beside their figures: patterns, gaps, fits, collinearity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dsp.exports.profile.report import ProfileReport
from dsp.exports.profile.words import shown
from dsp.numbers import count, counted, metric, share

Pair = tuple[str, str]
HIGH_VIF = 5.0
"""Variance inflation from which a measure follows from the others."""
MOST_PATTERNS = 2


def extras(report: ProfileReport) -> dict[str, list[Pair]]:
    """Return label and text of what is special about each column, by its name."""
    found: dict[str, list[Pair]] = {}
    for table, words in _WORDS.items():
        for record in report.table(table):
            for pair in words(record):
                found.setdefault(record.column_name, []).append(pair)
    return found


def _pattern(row: Any) -> Iterator[Pair]:
    if row.rank <= MOST_PATTERNS:
        yield "Pattern", f"{shown(row.pattern, 40)} ({share(row.fraction)})"


def _text(row: Any) -> Iterator[Pair]:
    for field, label in (
        ("n_padded", "Padded"),
        ("n_control", "Control signs"),
        ("n_number_like", "Reads as number"),
        ("n_date_like", "Reads as date"),
    ):
        n = getattr(row, field)
        if n:
            yield label, f"{count(n)} ({share(n / row.n_values)})"


def _date(row: Any) -> Iterator[Pair]:
    if row.granularity:
        yield "Steps of", row.granularity
    if row.n_gaps:
        longest = counted(row.longest_gap, row.gap_unit) if row.gap_unit else "?"
        yield "Gaps", f"{count(row.n_gaps)}, the longest {longest}"
    if row.n_weekend is not None and row.n_values:
        yield "At weekends", share(row.n_weekend / row.n_values)


def _nested(row: Any) -> Iterator[Pair]:
    if row.path and row.path != row.column_name:
        part = row.n_null / (row.n_null + row.n_values) if row.n_null else 0.0
        missing = f", {share(part)} null" if part else ""
        yield shown(row.path, 40), f"{shown(row.data_type, 24).lower()}{missing}"


def _fit(row: Any) -> Iterator[Pair]:
    if row.is_best:
        yield "Looks like", row.family.replace("_", " ")


def _personal(row: Any) -> Iterator[Pair]:
    yield "Personal", str(row.kind).replace("_", " ")


def _collinear(row: Any) -> Iterator[Pair]:
    if row.vif is not None and row.vif >= HIGH_VIF:
        yield "VIF", metric(row.vif)


_WORDS: dict[str, Callable[[Any], Iterator[Pair]]] = {
    "personal_data": _personal,
    "text_patterns": _pattern,
    "text_profiles": _text,
    "date_profiles": _date,
    "nested_profiles": _nested,
    "distribution_fits": _fit,
    "collinearity": _collinear,
}
"""What writes the records of a result table in words."""
