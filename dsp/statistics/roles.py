"""What a column means and what it is for, from its profile, its name and a few values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dsp.semantic.names import name_words
from dsp.semantic.personal import kind_by_name
from dsp.statistics.base import DATED, Column
from dsp.statistics.scans import Counts

MOST_LEVELS = 50
"""A dimension has at most this many values."""
MANY_ROWS = 100
"""From here on, whole numbers without a gap, all different, number the rows."""
FIRST_YEAR = 1_000
"""Smaller numbers are no years."""
FEW_LEVELS = 5
"""Whole numbers with at most this many values are levels, not measures."""


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IDENTIFIERS = _words_of(
    "id ids uuid guid key pk code no nr number num index idx rownum rowid rn "
    "serial rowname rownames rownumber"
)
"""Last words of names whose different values stand for different things."""
_NAMED = _words_of("id ids uuid guid key pk")
"""Those that say so even where values repeat."""
_NUMBERED = _words_of("ssn iban account passport barcode ean gtin isbn imei")
"""Words of names whose whole numbers are not for reckoning, whatever stands beside."""
_AMOUNTS = _words_of(
    "months days years weeks hours minutes seconds age amount balance count total sum "
    "pct percent rate ratio score value price cost fee limit size length weight height "
    "duration tenure usage visits calls payments"
)
"""Last words of names of amounts: an account has an age, which is no account."""
_PHONE = _words_of("phone telephone tel mobile fax cellphone")
_POSTAL = _words_of("zip zipcode postcode postal plz")
_YEAR = _words_of("year yr years jahr annee anno")
_LEVELS = _words_of(
    "month quarter week weekday weeknum hour class grade group cluster category "
    "type level flag status segment zone region district block batch ward store "
    "shop plot dept department sector industry"
)
"""Last words of names whose few whole numbers are levels."""
_KEYS = _words_of(
    "uuid iban bic vin lei isin cusip imei isbn isbn10 isbn13 issn ean8 ean13 upc "
    "gtin doi mac payment_card vat orcid"
)
"""Semantic types that tell one thing from another."""
_LATE = re.compile(r"birth|dob|expir|updated|modified|deleted|deadline", re.IGNORECASE)


def is_unique(counts: Counts) -> bool:
    """Tell whether every row has a value and no two are equal."""
    return (
        counts.distinct_exact
        and counts.n_rows > 0
        and counts.n_distinct == counts.n_rows - counts.n_nan
        and counts.n_null + counts.n_nan == 0
    )


def semantic_type(
    column: Column, counts: Counts, values: Sequence[str], proven: str | None = None
) -> str:
    """Return what a column means.

    Parameters
    ----------
    column, counts
        The column and its counts.
    values
        Some of its texts, for texts only.
    proven
        What its texts are known to be: see `dsp.statistics.semantics`.
    """
    family = column.family
    if family in ("boolean", "time", "nested", "binary"):
        return family
    if family in DATED:
        return "date"
    if family in ("integer", "decimal", "float"):
        return _number_type(column, counts)
    if family == "other":
        return "identifier" if column.data_type == "UUID" else "other"
    if proven is not None:
        return proven
    if is_unique(counts) and counts.n_rows > 1 and _is_code(values):
        return "identifier"
    if _has_id_name(column.name) and _is_code(values) and counts.n_distinct > MOST_LEVELS:
        return "identifier"
    return "category" if _is_category(counts, values) else "text"


def _number_type(column: Column, counts: Counts) -> str:
    words, low, high = name_words(column.name), counts.low, counts.high
    if low is None or high is None:
        return "number"
    if not counts.is_whole:
        # Degrees have a fraction.
        if _is_named(words, "latitude", "lat") and low >= -90 and high <= 90:
            return "latitude"
        if _is_named(words, "longitude", "lon", "lng") and low >= -180 and high <= 180:
            return "longitude"
        return "number"
    if counts.n_distinct > 2 and not _YEAR.isdisjoint(words[-1:]):
        if low >= 1000 and high <= 2999:
            return "year"
    elif low >= 0 and high >= 1_000:
        if not _POSTAL.isdisjoint(words):
            return "postcode"
        if not _PHONE.isdisjoint(words) and high >= 10_000:
            return "phone"
    if _is_row_number(column, counts) or _is_number_of_things(column, counts):
        return "identifier"
    return "category" if _is_level(column, counts) else "number"


def role(column: Column, counts: Counts, meaning: str) -> str:
    """Return what a column is for, target and time aside."""
    if column.family in ("nested", "binary") or meaning == "other":
        return "ignored"
    if counts.n_distinct <= 1:
        return "constant"
    if meaning in ("identifier", "uuid"):
        return "identifier"
    if meaning in _KEYS and is_unique(counts):
        return "identifier"
    if meaning in ("year", "postcode", "phone") and column.family != "text":
        return _role_of_levels(counts, meaning)
    if column.family in DATED:
        return "ignored"
    if column.family == "time":
        return "dimension" if counts.n_distinct <= MOST_LEVELS else "ignored"
    if column.family == "boolean":
        return "dimension"
    if meaning in ("number", "latitude", "longitude") and column.family != "text":
        return "measure"
    if counts.n_distinct <= MOST_LEVELS and (
        meaning == "category" or 4 * counts.n_distinct <= counts.n_rows
    ):
        return "dimension"
    return "text"


def time_column(columns: Sequence[Column], counts: Mapping[str, Counts]) -> str | None:
    """Return the date or timestamp that best orders the rows, or None.

    At least half complete, three distinct values, no birthday; then no change date,
    fewest nulls, most distinct values (by powers of two), first in the table.
    """
    usable = [
        c
        for c in columns
        if c.family in DATED
        and kind_by_name(c.name) != "birth_date"
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


def _role_of_levels(counts: Counts, meaning: str) -> str:
    """Return the role of whole numbers that name something."""
    if counts.n_distinct <= MOST_LEVELS and 2 * counts.n_distinct <= counts.n_finite:
        return "dimension"
    # Years are in order: what rises with them is worth finding.
    return "measure" if meaning == "year" and not is_unique(counts) else "identifier"


def _is_row_number(column: Column, counts: Counts) -> bool:
    if counts.n_rows < 3 or not is_unique(counts):
        return False
    if counts.low is None or counts.high is None:
        return False
    if _has_id_name(column.name):
        return True
    is_dense = counts.high - counts.low + 1 == counts.n_rows
    return is_dense and (counts.low in (0, 1) or counts.n_rows >= MANY_ROWS)


def _is_number_of_things(column: Column, counts: Counts) -> bool:
    """Tell whether whole numbers that repeat stand for things: customers, accounts."""
    words = name_words(column.name)
    if not _AMOUNTS.isdisjoint(words[-1:]):
        return False
    if not _NAMED.isdisjoint(words[-1:]) or not _NUMBERED.isdisjoint(words):
        return counts.n_distinct > MOST_LEVELS
    return False


def _is_level(column: Column, counts: Counts) -> bool:
    if counts.n_distinct <= 2:
        return True
    if 4 * counts.n_distinct > counts.n_finite:
        return False
    words = name_words(column.name)
    named = not _LEVELS.isdisjoint(words[-1:]) or _has_id_name(column.name)
    named = named or not _POSTAL.isdisjoint(words[-1:])
    # Visits of a year are no year.
    is_year = len(words) == 1 or (counts.low or 0.0) >= FIRST_YEAR
    named = named or (is_year and not _YEAR.isdisjoint(words[-1:]))
    return counts.n_distinct <= (MOST_LEVELS if named else FEW_LEVELS)


def _is_named(words: Sequence[str], *names: str) -> bool:
    return not set(names).isdisjoint(words)


def _is_category(counts: Counts, values: Sequence[str]) -> bool:
    if counts.n_distinct > max(2, counts.n_finite / 2):
        return False
    return counts.n_distinct <= MOST_LEVELS or _words(values) <= 4


def _is_code(values: Sequence[str]) -> bool:
    return bool(values) and _words(values) <= 2 and max(map(len, values)) <= 64


def _words(values: Sequence[str]) -> float:
    return sum(len(v.split()) for v in values) / len(values) if values else 0.0


def _has_id_name(name: str) -> bool:
    words = name_words(name)
    return not _IDENTIFIERS.isdisjoint(words[-1:]) or words == ["unnamed", "0"]
