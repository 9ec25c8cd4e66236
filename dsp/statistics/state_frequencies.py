"""Frequent values, mode and entropy of the columns that a state counts value by value."""

from __future__ import annotations

from dataclasses import replace

from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import literal
from dsp.records import TopValue
from dsp.statistics.base import Column
from dsp.statistics.frequencies import MOST_LEVELS, MOST_VALUES
from dsp.statistics.scans import Counts
from dsp.statistics.states import State
from dsp.statistics.values import entropy


def top_values(state: State, column: Column, counts: Counts) -> list[TopValue]:
    """Return the most frequent values of a column, where all are counted."""
    family = column.family
    if not counts.distinct_exact or family in ("nested", "binary", "other"):
        return []
    if family not in ("text", "boolean") and counts.n_distinct > MOST_LEVELS:
        return []
    query, rest = "select value, n_rows\nfrom ", _ranked(column, MOST_VALUES)
    rows = state.engine.rows(f"{query}{state.table('state_values')}{rest}")
    return [
        TopValue(
            column_name=column.name,
            rank=rank,
            value=value,
            n_rows=n,
            fraction=n / counts.n_rows,
            profile_sql=f"{query}state_values{rest}",
        )
        for rank, (value, n) in enumerate(rows, 1)
    ]


def _ranked(column: Column, most: int) -> str:
    """Return what follows the table of a query for the most frequent values."""
    plain = column.family in ("text", "nested", "binary")
    ties = "value" if plain else f"cast(value as {column.data_type})"
    return (
        f"\nwhere column_name = {literal(column.name)}\n"
        f"order by n_rows desc, {ties}\nlimit {most}"
    )


def with_frequencies(state: State, column: Column, counts: Counts) -> Counts:
    """Return the counts with mode and entropy, where every value is counted."""
    if not counts.distinct_exact or not counts.n_distinct:
        return counts
    table = state.table("state_values")
    value, most = state.engine.rows(
        f"select value, n_rows from {table}{_ranked(column, 1)}"
    )[0]
    numbers = state.engine.sql(
        f"select n_rows from {table} where column_name = {literal(column.name)}"
    )
    return replace(
        counts,
        mode_value=value if most > 1 else None,
        n_mode=most if most > 1 else None,
        entropy=entropy(as_numpy(numbers.column("n_rows"))),
    )
