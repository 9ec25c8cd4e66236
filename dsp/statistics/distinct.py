"""Distinct counts and frequent values, by the cheapest exact way for the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import TopValue
from dsp.statistics.base import Column, chunks, picked
from dsp.statistics.scans import CHUNK, SMALL_CHUNK, Counts

FEW_ROWS = 2_000
"""Up to here all values of a column are counted in one aggregate."""
EXACT_ROWS = 2_000_000
"""Up to here every distinct count is exact."""
EXACT_VALUES = 20_000
"""Above that, columns with about this many values or fewer are still counted exactly."""
DISTINCT_ERROR = 0.1
"""Relative error that is stated for DuckDB's HyperLogLog (HAZARDS: worst 9 %)."""
MANY_VALUES = 500_000
"""Texts with more values than this, in big tables, have no frequent values listed."""
MOST_VALUES = 10
"""Values kept for a column."""
MOST_LEVELS = 50
"""Numbers and dates with at most this many values have their values listed."""


def distinct(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    *,
    exact: bool = False,
) -> tuple[dict[str, Counts], list[TopValue]]:
    """Return the counts with distinct values filled in, and the frequent values.

    Nulls and NaN are not values. Frequent values: 10 of every text, boolean and column
    of few values; ties by value. With `exact` no count is estimated, whatever it costs.
    """
    n_rows = counts[columns[0].name].n_rows if columns else 0
    if n_rows <= FEW_ROWS:
        return _few_rows(engine, source, columns, counts)
    if exact or n_rows <= EXACT_ROWS:
        found = dict(counts) | _exact(engine, source, columns, counts)
    else:
        found = _estimated(engine, source, columns, counts)
        few = [c for c in columns if found[c.name].n_distinct <= EXACT_VALUES]
        found |= _exact(engine, source, few, counts)
    return found, _top_values(engine, source, columns, found)


def _few_rows(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> tuple[dict[str, Counts], list[TopValue]]:
    """Count every value of every column at once: one short query for 100 columns."""
    found: dict[str, Counts] = {}
    top: list[TopValue] = []
    for part in chunks(columns, CHUNK):
        maps = ", ".join(f"histogram({c.value}) as m{i}" for i, c in enumerate(part))
        terms = ", ".join(
            f"cast(map_keys(m{i}) as varchar[]), map_values(m{i})"
            for i in range(len(part))
        )
        row = engine.rows(f"select {terms} from (select {maps} from {source})")[0]
        for i, column in enumerate(part):
            values, numbers = row[2 * i] or [], row[2 * i + 1] or []
            known = replace(counts[column.name], n_distinct=len(values))
            found[column.name] = known
            if _has_top_values(column, known):
                # The map is in the order of its keys, and sorting keeps it within ties.
                ranked = sorted(zip(values, numbers, strict=True), key=lambda v: -v[1])
                top += _rows(column, ranked[:MOST_VALUES], known, source)
    return found, top


def _exact(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for part in chunks(columns, SMALL_CHUNK):
        first, origin = picked([c.name for c in part], source, n_columns=len(columns))
        listed = "\nunion all\n".join(
            f"select {i}, count(v) from (select distinct {c.value} as v from {origin})"
            for i, c in enumerate(part)
        )
        for i, n in engine.rows(first + listed):
            found[part[i].name] = replace(counts[part[i].name], n_distinct=n)
    return found


def _estimated(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for part in chunks(columns, CHUNK):
        terms = ", ".join(f"approx_count_distinct({c.value})" for c in part)
        row = engine.rows(f"select {terms} from {source}")[0]
        for column, n in zip(part, row, strict=True):
            known = counts[column.name]
            most = known.n_rows - known.n_null - known.n_nan
            found[column.name] = replace(
                known, n_distinct=min(n, most), distinct_exact=False
            )
    return found


def _has_top_values(column: Column, counts: Counts) -> bool:
    if column.family in ("nested", "binary", "other") or counts.n_distinct == 0:
        return False
    if column.family not in ("text", "boolean"):
        return counts.n_distinct <= MOST_LEVELS
    return counts.n_rows <= EXACT_ROWS or counts.n_distinct <= MANY_VALUES


def _top_values(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> list[TopValue]:
    listed = [c for c in columns if _has_top_values(c, counts[c.name])]
    top: list[TopValue] = []
    for part in chunks(listed, SMALL_CHUNK):
        first, origin = picked([c.name for c in part], source, n_columns=len(columns))
        text = first + "\nunion all\n".join(
            f"select {i}, t.* from (select row_number() over () as r, * from "
            f"({_query(c, origin)})) as t"
            for i, c in enumerate(part)
        )
        by_column: dict[int, list[tuple[str, int]]] = {}
        for i, _, value, n in sorted(engine.rows(text), key=lambda row: row[:2]):
            by_column.setdefault(i, []).append((value, n))
        for i, ranked in by_column.items():
            top += _rows(part[i], ranked, counts[part[i].name], source)
    return top


def _rows(
    column: Column, ranked: Sequence[tuple[str, int]], counts: Counts, source: str
) -> list[TopValue]:
    return [
        TopValue(
            column_name=column.name,
            rank=rank,
            value=value,
            n_rows=n,
            fraction=n / counts.n_rows,
            profile_sql=_query(column, source),
        )
        for rank, (value, n) in enumerate(ranked, 1)
    ]


def _query(column: Column, source: str) -> str:
    value = column.value
    return (
        f"select cast({value} as varchar) as value, count(*) as n_rows\n"
        f"from {source}\nwhere {value} is not null\ngroup by {value}\n"
        f"order by n_rows desc, {value}\nlimit {MOST_VALUES}"
    )
