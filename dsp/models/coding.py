"""Turns fetched rows into a matrix of numbers, and says the same in SQL.

Every column of the data becomes one or more positions of a matrix of doubles: numbers as
they are, dates taken apart, levels as codes, texts as the words they hold. Missing values
are NaN. What is fitted to values (means, encodings) comes later, inside the folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import literal, quote
from dsp.models.features import CATEGORY, DATE, NUMBER, TEXT, Feature
from dsp.models.sql import LARGEST

MAX_CODED = 2_000
"""Levels of a column that have a code; the rarest of more share one."""

MIN_LEVEL_ROWS = 2
MAX_WORDS = 60
MIN_WORD_ROWS = 8
FEW_LEVELS = 12
DAY = 86_400.0
TURN = (
    "list_extract(list_transform(range(0, 366), "
    "lambda day: {}(2 * pi() * day / 365.25e0)), dayofyear({{0}}))"
)
"""A list of all days that DuckDB works out once; sines of every row take longer."""

DATE_PARTS = {
    "year": "year({0})",
    "month": "month({0})",
    "month_day": "day({0})",
    "weekday": "isodow({0}) - 1",
    "hour": "hour({0}) + minute({0}) / 60e0",
    "day_number": "epoch({0}) / 86400e0",
    "year_sine": TURN.format("sin"),
    "year_cosine": TURN.format("cos"),
}
"""Parts of a moment with their SQL, in the order of their positions."""

WORD = "[a-z0-9]+"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the data, and where it stands in the matrix.

    Attributes
    ----------
    kind
        ``number``, ``category``, ``date`` or ``text``.
    positions
        Positions of the matrix that come from it.
    levels
        Of a category: the level of each code. Other values have the next code.
    parts
        Of a date or a text: what stands at each position.
    """

    name: str
    kind: str
    positions: tuple[int, ...]
    levels: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows as a matrix of doubles, and what its positions are."""

    X: Any
    columns: tuple[Column, ...]

    @property
    def levels(self) -> dict[int, int]:
        """How many codes a position of a category has, without that of other values."""
        return {c.positions[0]: len(c.levels) for c in self.columns if c.kind == CATEGORY}


def code(table: Any, features: Sequence[Feature]) -> Coded:
    """Return the matrix of an Arrow table with the columns ``f0``, ``f1`` ….

    Parameters
    ----------
    table
        Doubles for numbers, strings for categories and texts, timestamps for dates.

    Returns
    -------
    Coded
        Float64, a row a row, in the layout of columns (Fortran order).
    """
    import numpy as np

    blocks: list[Any] = []
    columns: list[Column] = []
    start = 0
    for i, feature in enumerate(features):
        values = table.column(f"f{i}").combine_chunks()
        levels: tuple[str, ...] = ()
        parts: tuple[str, ...] = ()
        if feature.kind == NUMBER:
            numbers = as_numpy(values).astype("float64")
            block = np.where(np.abs(numbers) < LARGEST, numbers, np.nan)[:, None]
        elif feature.kind == CATEGORY:
            block, levels = _codes(values)
        elif feature.kind == DATE:
            block, parts = _date_parts(values)
        else:
            block, parts = _words(values)
        positions = tuple(range(start, start + block.shape[1]))
        start += block.shape[1]
        blocks.append(block)
        columns.append(Column(feature.name, feature.kind, positions, levels, parts))
    shape = (table.num_rows, start)
    X = np.empty(shape, order="F")
    for column, block in zip(columns, blocks, strict=True):
        X[:, list(column.positions)] = block
    return Coded(X, tuple(columns))


def _codes(values: Any) -> tuple[Any, tuple[str, ...]]:
    """Return codes by frequency and the levels; rare levels share the last code."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(values.cast(pa.string()))
    names = encoded.dictionary.to_pylist()
    indices = as_numpy(encoded.indices).astype("float64")
    known = np.isfinite(indices)
    found = indices[known].astype("int64")
    counts = np.bincount(found, minlength=len(names))
    order = sorted(range(len(names)), key=lambda i: (-counts[i], names[i]))
    # NUL cannot stand in SQL; its levels count as other ones.
    frequent = [i for i in order if counts[i] >= MIN_LEVEL_ROWS and "\0" not in names[i]]
    kept = frequent[:MAX_CODED]
    code_of = np.full(len(names), float(len(kept)))
    code_of[kept] = np.arange(len(kept))
    codes = np.full((len(indices), 1), np.nan)
    codes[known, 0] = code_of[found]
    return codes, tuple(names[i] for i in kept)


def _date_parts(values: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the parts of moments that vary."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    moments = values.cast(pa.timestamp("us"))
    micros = as_numpy(moments.cast(pa.int64())).astype("float64")
    day = as_numpy(pc.day_of_year(moments)).astype("float64")
    turn = 2 * np.pi * (day - 1) / 365.25
    found = {
        "year": as_numpy(pc.year(moments)),
        "month": as_numpy(pc.month(moments)),
        "month_day": as_numpy(pc.day(moments)),
        "weekday": as_numpy(pc.day_of_week(moments)),
        "hour": as_numpy(pc.hour(moments)) + as_numpy(pc.minute(moments)) / 60,
        "day_number": micros / 1e6 / DAY,
        "year_sine": np.sin(turn),
        "year_cosine": np.cos(turn),
    }
    kept = [name for name in DATE_PARTS if _varies(found[name])]
    block = [found[name].astype("float64") for name in kept]
    return np.column_stack(block) if kept else np.empty((len(values), 0)), tuple(kept)


def _varies(values: Any) -> bool:
    import numpy as np

    known = values[np.isfinite(values.astype("float64"))]
    return len(known) > 0 and bool((known != known[0]).any())


def _words(values: Any) -> tuple[Any, tuple[str, ...]]:
    """Return which frequent words every text holds, after its length and word count."""
    import re
    from collections import Counter

    import numpy as np

    texts = values.to_pylist()
    found = [None if text is None else re.findall(WORD, _folded(text)) for text in texts]
    counts = Counter(word for words in found for word in set(words or ()))
    most = 0.95 * len(texts)
    frequent = [
        word
        for word, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if MIN_WORD_ROWS <= n <= most
    ][:MAX_WORDS]
    place = {word: i + 2 for i, word in enumerate(frequent)}
    block = np.zeros((len(texts), len(frequent) + 2))
    for row, words in enumerate(found):
        if words is None:
            block[row] = np.nan
            continue
        block[row, 0] = len(texts[row])
        block[row, 1] = len(words)
        for word in words:
            if word in place:
                block[row, place[word]] = 1.0
    return block, ("n_characters", "n_words", *frequent)


def _folded(text: str) -> str:
    """Return text with A to Z as a to z and nothing else changed, as SQL does it."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


FOLD_SQL = "translate({0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"


def number_sql(name: str) -> str:
    """Return SQL for a number whose square a double can hold; others are null."""
    return _held(f"try_cast({quote(name)} as double)")


def _held(number: str) -> str:
    return f"case when abs({number}) < {LARGEST!r} then {number} end"


def fetch_sql(feature: Feature) -> str:
    """Return SQL of a column as `code` takes it."""
    name = quote(feature.name)
    if feature.kind in (CATEGORY, TEXT):
        return f"{name}::varchar"
    if feature.kind == DATE:
        moment = f"{name}::timestamp"
        return f"case when isfinite({moment}) then {moment} end"
    return number_sql(feature.name)


def value_sql(column: Column) -> str:
    """Return SQL of the value that all positions of a column are made from."""
    name = quote(column.name)
    if column.kind == NUMBER:
        return f"try_cast({name} as double)"
    if column.kind == DATE:
        moment = f"try_cast({name} as timestamp)"
        return f"case when isfinite({moment}) then {moment} end"
    return f"{name}::varchar"


def position_sql(column: Column, value: str) -> list[str]:
    """Return SQL of every position of a column, from the name of its value."""
    if column.kind == NUMBER:
        return [_held(value)]
    if column.kind == DATE:
        return [f"({DATE_PARTS[part].format(value)})::double" for part in column.parts]
    if column.kind == TEXT:
        words = f"regexp_extract_all({FOLD_SQL.format(value)}, '{WORD}')"
        found = [f"length({value})::double", f"len({words})::double"]
        return found + [
            f"list_contains({words}, {literal(word)})::int::double"
            for word in column.parts[2:]
        ]
    return [_level_sql(value, column.levels)]


def _level_sql(text: str, levels: Sequence[str]) -> str:
    """Return SQL of the code of a level, null where it is missing.

    An enumeration finds one of many levels by its hash; for a few a comparison each is
    quicker.
    """
    other = f"{float(len(levels))!r}e0"
    if not levels:
        found = other
    elif len(levels) <= FEW_LEVELS:
        cases = " ".join(
            f"when {literal(level)} then {float(i)!r}e0" for i, level in enumerate(levels)
        )
        found = f"case {text} {cases} else {other} end"
    else:
        listed = ", ".join(literal(level) for level in levels)
        place = f"enum_code(try_cast({text} as enum({listed})))::double"
        found = f"coalesce({place}, {other})"
    return f"case when {text} is not null then {found} end"
