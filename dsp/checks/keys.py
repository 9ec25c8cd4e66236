"""Keys of rows: one column or several together."""

from __future__ import annotations

from dsp.checks.asked import Asked, present


def key_of(asked: Asked) -> str:
    """Return the SQL of a key, null where a row does not count."""
    columns = asked.columns
    key = (
        columns[0].sql if len(columns) == 1 else f"({', '.join(c.sql for c in columns)})"
    )
    if len(columns) == 1 and not asked.where:
        return key
    return f"case when {asked.among(present(columns))} then {key} end"


def distinct(asked: Asked) -> str:
    """Return the aggregate that counts the different keys."""
    return f"count(distinct {key_of(asked)})"
