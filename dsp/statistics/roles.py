"""What a column means and what it is for, from its profile, its name and a few values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dsp.statistics.base import DATED, Column
from dsp.statistics.scans import Counts

MOST_LEVELS = 50
"""A dimension has at most this many values."""
FEW_LEVELS = 5
"""Whole numbers with at most this many values are levels, not measures."""

_IDENTIFIER = re.compile(
    r"(?:^|[\W_])(?:id|ids|uuid|guid|key|pk|code|no|nr|number|index|idx|rownum|serial)$"
    r"|^(?:unnamed: 0|rowid|rn)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"[a-z](?:Id|ID|Key|Code|No)$")
_LEVEL = re.compile(
    r"(?:^|[\W_])(?:year|month|quarter|week|weekday|hour|zip|zipcode|postcode|class|grade"
    r"|group|cluster|category|type|level|flag|status|segment)$",
    re.IGNORECASE,
)
_LATE = re.compile(r"birth|dob|expir|updated|modified|deleted|deadline", re.IGNORECASE)
_SHAPES = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "url": re.compile(r"(?:https?|ftp)://\S+|www\.\S+\.\S+"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "ip_address": re.compile(r"(?:\d{1,3}\.){3}\d{1,3}"),
    "phone": re.compile(r"\+\d[\d\s().-]{6,18}\d|\(\d{2,4}\)\s?\d[\d\s.-]{4,}"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?"),
}


def is_unique(counts: Counts) -> bool:
    """Tell whether every row has a value and no two are equal."""
    return (
        counts.distinct_exact
        and counts.n_rows > 0
        and counts.n_distinct == counts.n_rows - counts.n_nan
        and counts.n_null + counts.n_nan == 0
    )


def semantic_type(column: Column, counts: Counts, values: Sequence[str]) -> str:
    """Return what a column means.

    Parameters
    ----------
    column, counts
        The column and its counts.
    values
        Some of its texts, for texts only.
    """
    family = column.family
    if family in ("boolean", "time", "nested", "binary"):
        return family
    if family in DATED:
        return "date"
    if family in ("integer", "decimal", "float"):
        if _is_row_number(column, counts):
            return "identifier"
        return "category" if _is_level(column, counts) else "number"
    if family == "other":
        return "identifier" if column.data_type == "UUID" else "other"
    shape = _shape(values)
    if shape is not None:
        return shape
    if is_unique(counts) and counts.n_rows > 1 and _is_code(values):
        return "identifier"
    if _has_id_name(column.name) and _is_code(values) and counts.n_distinct > MOST_LEVELS:
        return "identifier"
    return "category" if _is_category(counts, values) else "text"


def role(column: Column, counts: Counts, meaning: str) -> str:
    """Return what a column is for, target and time aside."""
    if column.family in ("nested", "binary") or meaning == "other":
        return "ignored"
    if counts.n_distinct <= 1:
        return "constant"
    if meaning in ("identifier", "uuid"):
        return "identifier"
    if column.family in DATED:
        return "ignored"
    if column.family == "time":
        return "dimension" if counts.n_distinct <= MOST_LEVELS else "ignored"
    if column.family == "boolean":
        return "dimension"
    if meaning == "number":
        return "measure"
    if counts.n_distinct <= MOST_LEVELS and (
        meaning == "category" or 4 * counts.n_distinct <= counts.n_rows
    ):
        return "dimension"
    return "text"


def time_column(columns: Sequence[Column], counts: Mapping[str, Counts]) -> str | None:
    """Return the date or timestamp that best orders the rows, or None.

    At least half complete and three distinct values; then no birthday or change date,
    fewest nulls, most distinct values (by powers of two), first in the table.
    """
    usable = [
        c
        for c in columns
        if c.family in DATED
        and counts[c.name].n_distinct >= 3
        and 2 * counts[c.name].n_finite >= counts[c.name].n_rows
    ]

    def rank(column: Column) -> tuple[bool, float, int, int]:
        found = counts[column.name]
        missing = round(1 - found.n_finite / found.n_rows, 2)
        return (
            _LATE.search(column.name) is not None,
            missing,
            -found.n_distinct.bit_length(),
            column.position,
        )

    return min(usable, key=rank).name if usable else None


def _is_row_number(column: Column, counts: Counts) -> bool:
    if counts.n_whole < counts.n_finite or counts.n_rows < 3:
        return False
    if not is_unique(counts) or counts.low is None or counts.high is None:
        return False
    return _has_id_name(column.name) or counts.high - counts.low + 1 == counts.n_rows


def _is_level(column: Column, counts: Counts) -> bool:
    if counts.n_whole < counts.n_finite:
        return False
    if counts.n_distinct <= 2:
        return True
    if 4 * counts.n_distinct > counts.n_finite:
        return False
    named = _LEVEL.search(column.name) or _has_id_name(column.name)
    return counts.n_distinct <= (MOST_LEVELS if named else FEW_LEVELS)


def _is_category(counts: Counts, values: Sequence[str]) -> bool:
    if counts.n_distinct > max(2, counts.n_finite / 2):
        return False
    return counts.n_distinct <= MOST_LEVELS or _words(values) <= 4


def _is_code(values: Sequence[str]) -> bool:
    return bool(values) and _words(values) <= 2 and max(map(len, values)) <= 64


def _words(values: Sequence[str]) -> float:
    return sum(len(v.split()) for v in values) / len(values) if values else 0.0


def _has_id_name(name: str) -> bool:
    return bool(_IDENTIFIER.search(name) or _CAMEL.search(name))


def _shape(values: Sequence[str]) -> str | None:
    texts = [v.strip() for v in values if v.strip()]
    if not texts:
        return None
    for name, pattern in _SHAPES.items():
        if sum(pattern.fullmatch(t) is not None for t in texts) >= 0.95 * len(texts):
            return name
    return None
