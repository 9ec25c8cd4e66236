"""Hides what personal columns hold in records that are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from dsp.records import (
    ColumnProfile,
    DateProfile,
    DistributionFit,
    FailureRow,
    HistogramBin,
    PersonalData,
)

R = TypeVar("R")

HIDDEN = "hidden: personal data"
"""Reason that stands where figures are left out."""
LEAST_CONFIDENCE = 0.5
"""Columns are hidden from this confidence on."""
SHORTEST = 4
"""Values with fewer characters are not looked for in texts about other columns."""

_VALUES = (
    *("value", "min_value", "max_value", "first_value", "last_value", "example"),
    *("segment_value", "group_value", "mode_value", "gap_start", "gap_end"),
    *("actual_label", "predicted_label", "canonical", "level", "group_a", "group_b"),
    *("min_a", "max_a", "min_b", "max_b"),
)
"""Fields that hold one value of a column."""
_LISTS = ("new_values", "lost_values")
"""Fields that hold several."""
_NAMES = frozenset({"determinant", "dependent", "target"})
"""Fields that name columns, beside those with the word column in their name."""
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_NUMBERS = (
    *("min_number", "max_number", "q01", "q05", "q25", "q50", "q75", "q95", "q99"),
)
"""Fields of a profile that are values of the column, too."""


def hidden_columns(personal: Iterable[PersonalData]) -> frozenset[str]:
    """Return the names of the columns that are surely enough personal to be hidden."""
    return frozenset(p.column_name for p in personal if p.confidence >= LEAST_CONFIDENCE)


def masked(text: str) -> str:
    """Return a text with every letter and digit hidden; its shape remains.

    Examples
    --------
    >>> masked("jane@example.com"), masked("🦆")
    ('••••@•••••••.•••', '•')
    """
    hidden = re.sub(r"[^\W_]", "•", text)
    return "•" * len(text) if hidden == text else hidden


def redacted(records: Iterable[object], columns: Collection[str]) -> tuple[object, ...]:
    """Return records in which no value of personal columns is shown.

    Texts of such a column are masked, its quantiles are None, its bins, its fitted
    distributions and what only a value could say are left out; counts, shares, means and
    patterns stay. Values that were shown are masked wherever else they occur, in
    statements or evidence.

    Parameters
    ----------
    records
        Records of any type of `dsp.records`.
    columns
        Names of the personal columns: see `hidden_columns`.
    """
    listed, names = list(records), frozenset(columns)
    if not names:
        return tuple(listed)
    secrets = _secrets(listed, names)
    hide = re.compile("|".join(map(re.escape, secrets))) if secrets else None
    return tuple(
        record if hide is None else _scrubbed(record, hide, names)
        for record in _hidden(listed, names)
    )


def _hidden(records: Sequence[object], columns: frozenset[str]) -> Iterator[object]:
    for record in records:
        if isinstance(record, FailureRow):
            yield replace(record, row=_row(record.row, columns))
        elif not _is_about(record, columns):
            yield record
        elif isinstance(record, HistogramBin | DistributionFit):
            continue
        elif isinstance(record, ColumnProfile):
            figures: dict[str, Any] = dict.fromkeys(_NUMBERS)
            if record.is_constant:
                figures |= {"mean": None, "total": None}
            yield _masked(replace(record, **figures, reason=HIDDEN))
        elif isinstance(record, DateProfile):
            yield _masked(replace(record, sentinels=(), reason=HIDDEN))
        else:
            yield _masked(record)


def _masked(record: R) -> R:
    """Return a record with the fields that are values masked."""
    changes: dict[str, Any] = {
        name: masked(value)
        for name in _VALUES
        if isinstance(value := getattr(record, name, None), str)
    }
    for name, text in _texts(record).items():
        # Records over time name the days of a column of dates.
        if name not in changes and isinstance(text, str) and not _names_columns(name):
            changes[name] = _DATE.sub(lambda m: masked(m[0]), text)
    for name in _LISTS:
        if values := getattr(record, name, ()):
            changes[name] = tuple(masked(value) for value in values)
    return replace(record, **changes) if changes else record  # type: ignore[type-var]


def _row(text: str, columns: frozenset[str]) -> str:
    """Return a row of data as JSON with the values of columns masked."""
    row = json.loads(text)
    if not isinstance(row, dict):
        return text
    for name in columns & row.keys():
        if row[name] is not None:
            row[name] = masked(str(row[name]))
    return json.dumps(row, ensure_ascii=False)


def _is_about(record: object, columns: frozenset[str]) -> bool:
    """Tell whether a record names one of the columns, alone or among others."""
    for name, value in _texts(record).items():
        if _names_columns(name):
            named = {value} if isinstance(value, str) else set(value)
            if not columns.isdisjoint(named):
                return True
    return False


def _names_columns(field: str) -> bool:
    return "column" in field or field in _NAMES


def _texts(record: object) -> dict[str, str | tuple[str, ...]]:
    """Return the fields of a record that are texts or lists of texts."""
    if not is_dataclass(record):
        return {}
    found = ((f.name, getattr(record, f.name)) for f in fields(record))
    return {n: v for n, v in found if isinstance(v, str | tuple)}


def _secrets(records: Sequence[object], columns: frozenset[str]) -> list[str]:
    """Return the values of the columns that records show, the longest first."""
    shown = {
        value
        for record in records
        if getattr(record, "column_name", None) in columns
        for name in _VALUES
        if isinstance(value := getattr(record, name, None), str)
    }
    for record in records:
        if getattr(record, "column_name", None) in columns:
            numbers = (getattr(record, name, None) for name in _NUMBERS)
            shown |= {repr(n) for n in numbers if isinstance(n, float)}
            shown |= set(getattr(record, "sentinels", ()))
        elif isinstance(record, FailureRow):
            row = json.loads(record.row)
            named = columns & row.keys() if isinstance(row, dict) else ()
            shown |= {str(row[name]) for name in named if row[name] is not None}
    long = (value for value in shown if len(value) >= SHORTEST)
    # What is masked already, and names of columns, have nothing to hide.
    return sorted(
        (v for v in long if masked(v) != v and v not in columns),
        key=lambda v: (-len(v), v),
    )


def _scrubbed(record: R, hide: re.Pattern[str], columns: frozenset[str]) -> R:
    """Return a record without the values in any of its texts."""

    def clean(text: str) -> str:
        return text if text in columns else hide.sub(lambda m: masked(m[0]), text)

    changes: dict[str, Any] = {}
    for name, value in _texts(record).items():
        kept = clean(value) if isinstance(value, str) else tuple(map(clean, value))
        if kept != value:
            changes[name] = kept
    return replace(record, **changes) if changes else record  # type: ignore[type-var]
