"""Texts and other values without numbers: grouped by value, in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.records import TopValue
from dsp.statistics.base import SMALL_CHUNK, Column, chunks, rows_of
from dsp.statistics.scans import WEIGHTED, Counts, entropy_of

MOST_VALUES = 10
"""Values kept for a column."""
MOST_LEVELS = 50
"""Numbers and dates with at most this many values have their values listed."""

_BLANK = literal(" \t\n\r\f\v\u00a0")


def grouped(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    *,
    n_columns: int,
) -> tuple[dict[str, Counts], list[TopValue]]:
    """Return counts and frequent values, exact, from one group-by a column."""
    n_rows = counts[columns[0].name].n_rows if columns else 0
    found: dict[str, Counts] = {}
    top: list[TopValue] = []
    rows = rows_of(
        engine,
        source,
        dict.fromkeys(columns, _group_query),
        n_columns=n_columns,
        n_rows=n_rows,
    )
    for column in columns:
        row = rows[column]
        found[column.name] = _of_groups(column, counts[column.name], row)
        ranked = list(zip(row[-1] or (), row[-2] or (), strict=True))
        top += _listed(column, ranked, found[column.name], source)
    return found, top


def _group_query(column: Column, source: str) -> str:
    return (
        "select * exclude (top), list_transform(top, lambda t: -t.n), "
        "list_transform(top, lambda t: cast(t.v as varchar)) from "
        f"(select {_group_terms(column)} from (select {column.value} as v, "
        f"count(*) as n from {source} group by 1))"
    )


def _group_terms(column: Column) -> str:
    known = "filter (where v is not null)"
    terms = [
        "sum(n) filter (where v is null)",
        "count(v)",
        f"max(n) {known}",
        f"{WEIGHTED} {known}",
        *_range_terms(column),
        *_length_terms(column, "v", "n"),
    ]
    ranked = f"min({{'n': -n, 'v': v}}, {MOST_VALUES}) {known} as top"
    return ", ".join((*terms, ranked))


def _range_terms(column: Column) -> tuple[str, str]:
    if column.family == "text":
        text = column.as_text("v")
        return f"min({text})", f"max({text})"
    return "null", "null"


def _length_terms(column: Column, value: str, times: str) -> tuple[str, ...]:
    """Return terms of blanks and lengths of texts; of nothing for the rest."""
    if column.family != "text":
        return "null", "null", "null", "null"
    text = column.as_text(value)
    # Only what starts with a blank is trimmed: trim is slow.
    starts = f"{text} < '!' or starts_with({text}, chr(160))"
    is_blank = f"case when {starts} then trim({text}, {_BLANK}) = '' end"
    return (
        f"sum({times}) filter (where {is_blank})",
        f"min(length({text}))",
        f"sum(length({text}) * {times})",
        f"max(length({text}))",
    )


def _of_groups(column: Column, counts: Counts, row: Sequence[Any]) -> Counts:
    n_null, n_distinct, most, weighted, low, high, *lengths, _, top = row
    n_null = int(n_null or 0)
    n = counts.n_rows - n_null
    found = _with_lengths(replace(counts, n_null=n_null), low, high, lengths)
    is_mode = most is not None and most > 1
    return replace(
        found,
        n_distinct=int(n_distinct),
        mode_value=top[0] if is_mode and top else None,
        n_mode=int(most) if is_mode else None,
        entropy=entropy_of(n, weighted),
    )


def _with_lengths(counts: Counts, low: Any, high: Any, lengths: Sequence[Any]) -> Counts:
    n_blank, shortest, total, longest = lengths
    n = counts.n_rows - counts.n_null
    return replace(
        counts,
        n_empty=int(n_blank or 0),
        min_value=counts.min_value if low is None else low,
        max_value=counts.max_value if high is None else high,
        length_min=shortest,
        length_mean=None if total is None else int(total) / n,
        length_max=longest,
    )


def scanned(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
) -> dict[str, Counts]:
    """Return the counts of columns of too many values to group, from plain aggregates.

    Distinct values and frequent ones are not among them.
    """
    found: dict[str, Counts] = {}
    width = 7
    for part in chunks(columns, SMALL_CHUNK):
        listed = ", ".join(
            ", ".join(
                (
                    f"count({c.value})",
                    *_range_of(c),
                    *_length_terms(c, c.sql, "1"),
                )
            )
            for c in part
        )
        row = engine.rows(f"select {listed} from {source}")[0]
        for i, column in enumerate(part):
            n, low, high, *lengths = row[width * i : width * (i + 1)]
            known = counts[column.name]
            known = replace(known, n_null=known.n_rows - int(n))
            found[column.name] = _with_lengths(known, low, high, lengths)
    return found


def _range_of(column: Column) -> tuple[str, str]:
    if column.family == "text":
        return f"min({column.text})", f"max({column.text})"
    return "null", "null"


def _listed(
    column: Column, ranked: Sequence[tuple[str, int]], counts: Counts, source: str
) -> list[TopValue]:
    if column.family in ("nested", "binary", "other"):
        return []
    if column.family != "text" and counts.n_distinct > MOST_LEVELS:
        return []
    return top_rows(column, ranked, counts, source)


def top_rows(
    column: Column, ranked: Sequence[tuple[str, int]], counts: Counts, source: str
) -> list[TopValue]:
    """Return the records of frequent values, the most frequent first."""
    return [
        TopValue(
            column_name=column.name,
            rank=rank,
            value=value,
            n_rows=n,
            fraction=n / counts.n_rows,
            profile_sql=_query(column, counts, source),
        )
        for rank, (value, n) in enumerate(ranked, 1)
    ]


def _query(column: Column, counts: Counts, source: str) -> str:
    value = column.value
    if column.family == "float" and counts.n_zero:
        # Else either zero could stand for both.
        value = f"{value} + 0"
    return (
        f"select cast({value} as varchar) as value, count(*) as n_rows\n"
        f"from {source}\nwhere {value} is not null\ngroup by {value}\n"
        f"order by n_rows desc, {value}\nlimit {MOST_VALUES}"
    )
