"""Numbers of few values: each value counted, all the rest worked out from the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import TopValue
from dsp.statistics.base import NUMERIC, SMALL_CHUNK, Column, arrays_of, chunks
from dsp.statistics.frequencies import MOST_LEVELS, MOST_VALUES, top_rows
from dsp.statistics.ordered import Values
from dsp.statistics.scans import Counts, exact_totals, known_by_sum

MOST_COUNTED = 200_000
"""Columns of numbers with up to this many values are counted value by value."""

_EXACT_DOUBLE = 2.0**53


def counted(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    *,
    n_columns: int,
) -> Iterator[tuple[Column, Counts, Values, list[TopValue]]]:
    """Yield counts, ordered values and frequent values of columns of few values.

    A column that turns out to have more than `MOST_COUNTED` values is left out.
    """
    n_rows = counts[columns[0].name].n_rows if columns else 0
    for part in chunks(columns, SMALL_CHUNK):
        queries = dict.fromkeys(part, _query)
        groups = arrays_of(engine, source, queries, n_columns=n_columns, n_rows=n_rows)
        facts = [
            _facts(column, counts[column.name], found, source)
            for column, found in groups.items()
            if len(found["n"]) or not n_rows
        ]
        large = [c for c, _, values, _ in facts if c.is_exact and not _holds(values)]
        totals = exact_totals(engine, source, large)
        for column, known, values, top in facts:
            total = totals.get(column.name, known.total)
            yield column, replace(known, total=total), values, top


def _query(column: Column, source: str) -> str:
    """Return SQL of every value as a double, its rows, and its text where it is shown.

    Null and NaN are groups, too, and no values.
    """
    return (
        f"select v is not null as known, {column.as_double('v')} as x, n, case when "
        f"k <= {MOST_LEVELS + 2} or (n = most and n > 1) then cast(v as varchar) end "
        "as t "
        "from (select v, n, count(*) over () as k, "
        "max(case when v is not null then n end) over () as most from "
        f"(select {column.sql} as v, count(*) as n from {source} group by 1)) "
        f"where k <= {MOST_COUNTED}"
    )


def _facts(
    column: Column, counts: Counts, groups: Mapping[str, Any], source: str
) -> tuple[Column, Counts, Values, list[TopValue]]:
    import numpy as np

    known, x, n, texts = (groups[name] for name in ("known", "x", "n", "t"))
    is_nan = known & np.isnan(x)
    is_infinite = known & np.isinf(x)
    is_value = known & ~is_nan
    values = Values.of(x[is_value & ~is_infinite], n[is_value & ~is_infinite])
    n_distinct = int(is_value.sum())
    shown = [
        (float(x[i]), "0.0" if text == "-0.0" else text, int(n[i]))
        for i, text in enumerate(texts)
        if text is not None and is_value[i]
    ]
    shown.sort(key=lambda item: (-item[2], item[0]))
    mode = shown[0] if shown and shown[0][2] > 1 else None
    is_signed = column.family in NUMERIC
    found = replace(
        counts,
        n_null=int(n[~known].sum()),
        n_nan=int(n[is_nan].sum()),
        n_infinite=int(n[is_infinite].sum()),
        n_zero=int(n[is_value & (x == 0)].sum()) if is_signed else 0,
        n_negative=int(n[is_value & (x < 0)].sum()) if is_signed else 0,
        is_whole=bool((values.x == np.trunc(values.x)).all()),
        total=_total(column, values),
        n_distinct=n_distinct,
        mode_value=mode[1] if mode else None,
        n_mode=mode[2] if mode else None,
        entropy=entropy(n[is_value]),
    )
    listed: list[TopValue] = []
    if n_distinct <= MOST_LEVELS or column.family == "boolean":
        ranked = [(text, rows) for _, text, rows in shown[:MOST_VALUES]]
        listed = top_rows(column, ranked, found, source)
    return column, found, values, listed


def _total(column: Column, values: Values) -> int | None:
    """Return the exact sum of whole numbers that doubles hold exactly."""
    import numpy as np

    if not column.is_exact or not values.n or not _holds(values):
        return None
    return known_by_sum(values.x.astype(np.int64), values.numbers)


def _holds(values: Values) -> bool:
    """Return whether doubles hold whole numbers exactly."""
    return not values.n or bool(max(abs(values.x[0]), abs(values.x[-1])) < _EXACT_DOUBLE)


def entropy(numbers: Any) -> float | None:
    """Return Shannon's entropy in bits of values by how often each occurs, or None.

    Examples
    --------
    >>> import numpy as np
    >>> entropy(np.array([2, 1, 1]))
    1.5
    """
    import numpy as np

    n = int(numbers.sum())
    if not n:
        return None
    share = np.sort(numbers) / n
    return max(0.0, float(-(share * np.log2(share)).sum()))
