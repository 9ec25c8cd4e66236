"""Frequent values of texts, booleans and columns of few values."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import TopValue
from dsp.statistics.base import Column, chunks

MOST_VALUES = 10
"""Values kept for a column."""


def top_values(
    engine: DuckEngine, source: str, columns: Sequence[Column], n_rows: int
) -> list[TopValue]:
    """Return the most frequent values of columns; ties by value, nulls not counted."""
    found: list[TopValue] = []
    for part in chunks(columns, 100):
        listed = "\nunion all\n".join(
            f"select {i}, t.* from (select row_number() over () as r, * from "
            f"({_query(c, source)})) as t"
            for i, c in enumerate(part)
        )
        for i, rank, value, n in sorted(engine.rows(listed), key=lambda row: row[:2]):
            found.append(
                TopValue(
                    column_name=part[i].name,
                    rank=rank,
                    value=value,
                    n_rows=n,
                    fraction=n / n_rows,
                    profile_sql=_query(part[i], source),
                )
            )
    return found


def _query(column: Column, source: str) -> str:
    value = column.value
    return (
        f"select cast({value} as varchar) as value, count(*) as n_rows\n"
        f"from {source}\nwhere {value} is not null\ngroup by {value}\n"
        f"order by n_rows desc, {value}\nlimit {MOST_VALUES}"
    )
