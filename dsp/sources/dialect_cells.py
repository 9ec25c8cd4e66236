"""Tells what single cells look like: numbers, dates, units, totals, or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

NUMBER, DATE, WORD, NOTHING = "number", "date", "word", ""
N_ROWS = 500
MOSTLY = 0.9
_NUMBER = re.compile(
    r"\s*\(?[+-]?\s?[$€£¥]?\s?[+-]?\d[\d.,'\u00a0\u202f]*([eE][+-]?\d+)?\s?[%€$£¥]?\)?\s*"
)
_GROUPED = re.compile(r"\s*[+-]?\d{1,3}( \d{3})+([.,]\d+)?\s*")
_DATE = re.compile(
    r"\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d\d(:\d\d([.,]\d+)?)?"
    r"(\s?[apAP]\.?[mM]\.?)?)\s*"
)
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d")
_MISSING = re.compile(
    r"\s*(na|n/a|#n/a|null|none|nan|nil|\\n|-+|\?+|\.+|missing)?\s*", re.I
)
_BRACKETS = re.compile(r"\s*(\[[^\]]{0,20}\]|\([^)]{0,20}\))\s*")
_UNITS_TEXT = """
    kg g mg µg ug t lb lbs oz m cm mm µm um nm km in inch ft feet mi mile miles yd l
    ml cl h hr hrs min mins s sec secs ms d day days week weeks month months year
    years yr °c °f degc degf c f k pa kpa hpa mpa bar mbar psi v mv kv a ma w kw mw gw
    kwh mwh wh j kj mj n hz khz mhz ghz % ‰ $ € £ ¥ usd eur gbp chf jpy cny mol mmol
    ppm ppb db m/s km/h mph kn m2 m3 m² m³ km2 km² ha deg rad count counts pcs pieces
    units number ratio index w/m2 w/m² mg/l g/l kg/m3 kg/m³ 1/s px byte bytes kb mb gb
    tb
"""
_UNITS = frozenset(_UNITS_TEXT.split())
_TYPES_TEXT = """
    int integer int32 int64 bigint smallint long short byte float float32 float64
    double real decimal numeric number string str varchar char text object bool
    boolean logical date datetime time timestamp uuid category factor
"""
_TYPES = frozenset(_TYPES_TEXT.split())
_TOTAL = re.compile(
    r"\W*(grand\s+|sub-?\s?)?(total|totals|sum|summe|gesamt|gesamtsumme|suma|totale|"
    r"totaal|итого|合计|average|mean|durchschnitt|moyenne)\b\W*",
    re.I,
)


def shape(cell: str) -> str:
    """Return what a cell looks like.

    Examples
    --------
    >>> [shape(cell) for cell in ("1,234.5", "2024-05-01", "12:30", "kg", "n/a")]
    ['number', 'date', 'date', 'word', '']
    """
    if _MISSING.fullmatch(cell):
        return NOTHING
    if _DATE.fullmatch(cell):
        return DATE
    if _NUMBER.fullmatch(cell) or _GROUPED.fullmatch(cell):
        return NUMBER
    return WORD


def shapes(rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Return the shape that (nearly) every filled cell of each column has.

    Columns of words and of several shapes are words; empty ones have none.
    """
    found = []
    for i in range(width):
        seen = [shape(row[i]) for row in rows[:N_ROWS] if i < len(row)]
        filled = [kind for kind in seen if kind != NOTHING]
        kinds = [k for k in (NUMBER, DATE) if filled.count(k) >= MOSTLY * len(filled)]
        found.append((kinds[0] if kinds else WORD) if filled else NOTHING)
    return tuple(found)


def agreement(cells: Sequence[str], kinds: Sequence[str]) -> tuple[int, int]:
    """Return how many cells fit the columns of numbers and dates, and how many do not."""
    n_fit = n_not = 0
    for cell, kind in zip(cells, kinds, strict=False):
        if kind in (NUMBER, DATE) and (found := shape(cell)) != NOTHING:
            n_fit += found == kind
            n_not += found != kind
    return n_fit, n_not


def are_words(cells: Sequence[str]) -> bool:
    """Say whether no cell looks like a value and some are filled."""
    kinds = {shape(cell) for cell in cells}
    return WORD in kinds and not kinds & {NUMBER, DATE}


def are_years(cells: Sequence[str]) -> bool:
    """Say whether the values among cells are years in even steps, beside other cells."""
    values = [cell.strip() for cell in cells if shape(cell) in (NUMBER, DATE)]
    if len(values) < 2 or len(values) == len(cells):
        return False
    if not all(_YEAR.fullmatch(value) for value in values):
        return False
    return len({int(b) - int(a) for a, b in pairwise(values)}) == 1


def are_units(cells: Sequence[str]) -> bool:
    """Say whether every filled cell is a unit of measurement or stands in brackets."""
    filled = [cell.strip() for cell in cells if not _MISSING.fullmatch(cell)]
    return bool(filled) and all(
        _BRACKETS.fullmatch(cell) or cell.casefold() in _UNITS for cell in filled
    )


def are_types(cells: Sequence[str]) -> bool:
    """Say whether every cell is the name of a data type."""
    filled = [cell.strip().casefold() for cell in cells]
    return len(filled) > 1 and all(
        re.sub(r"\(.*\)", "", cell) in _TYPES for cell in filled
    )


def is_total(cells: Sequence[str]) -> bool:
    """Say whether the first filled cell of a record announces a total."""
    first = next((cell for cell in cells if cell.strip()), "")
    return bool(_TOTAL.fullmatch(first)) or bool(_TOTAL.match(first) and len(first) < 40)
