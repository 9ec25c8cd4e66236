"""Keys of rows: one column or several together."""

from __future__ import annotations

from dsp.checks.asked import Asked, present

BITS, DENSE = 1 << 30, 64
"""Most bits, and most bits a row."""


def key_of(asked: Asked) -> str:
    """Return the SQL of a key, null where a row does not count."""
    columns = asked.columns
    key = (
        columns[0].sql if len(columns) == 1 else f"({', '.join(c.sql for c in columns)})"
    )
    if len(columns) == 1 and not asked.where:
        return key
    return f"case when {asked.among(present(columns))} then {key} end"


def proof(asked: Asked) -> str:
    """Return an aggregate that is the number of keys only if no key repeats.

    Several columns are hashed to one number: when all hashes differ, so do the keys; when
    some meet, only grouping tells whether the keys do.
    """
    if len(asked.columns) == 1:
        return distinct(asked)
    hashed = f"hash({', '.join(column.sql for column in asked.columns)})"
    there = asked.among(present(asked.columns))
    return f"count(distinct case when {there} then {hashed} end)"


def distinct(asked: Asked) -> str:
    """Return the aggregate that counts the different keys.

    Whole numbers that lie close together are ticked off in a string of bits, which is
    ten times as fast as a hash table.
    """
    column = asked.column
    found = None
    if len(asked.columns) == 1:
        found = asked.subject.relation.whole_range(column)
    if found is not None:
        low, high = found
        n_bits = high - low + 1
        if n_bits <= min(BITS, DENSE * asked.subject.n_rows):
            bits = asked.filtered(f"bitstring_agg({column.sql}, {low}, {high})")
            return f"coalesce(bit_count({bits}), 0)"
    return f"count(distinct {key_of(asked)})"
