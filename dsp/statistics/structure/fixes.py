"""Rows that violate a key or a dependency, and what would mend them."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.engine.duckdb_engine import literal
from dsp.numbers import counted
from dsp.statistics.structure.base import Data, short
from dsp.statistics.structure.sql import counted_sql

SHOWN = 3
"""Offending values that a hint names."""


def violations_sql(data: Data, x: Sequence[str], y: str) -> str:
    """Return the query of the rows without the most frequent value of their group.

    Of values that are equally frequent the smallest is the usual one.
    """
    keys = ", ".join(f"x{i}" for i in range(len(x)))
    values = ", ".join(data.value(name) for name in (*x, y))
    return (
        f"select *\nfrom {data.source}\nwhere ({values}) in (\n"
        f"    select ({keys}, y)\n    from (\n{counted_sql(data, x, y)}\n    )\n"
        f"    qualify row_number() over (partition by {keys} order by n desc, y) > 1\n)"
    )


def fix_hint(data: Data, x: Sequence[str], y: str) -> str:
    """Return what to set where, for the groups of the most violations."""
    keys = ", ".join(f"x{i}" for i in range(len(x)))
    texts = ", ".join(f"cast(x{i} as varchar)" for i in range(len(x)))
    rows = data.engine.rows(
        f"with counted as ({counted_sql(data, x, y)}), ranked as (\n"
        f"    select *, row_number() over (partition by {keys} order by n desc, y) as i,"
        f"\n        sum(n) over (partition by {keys}) - n as n_other\n    from counted\n)"
        f"\nselect {texts}, cast(y as varchar), cast(n_other as bigint), "
        "count(*) over ()\n"
        f"from ranked where i = 1 and n_other > 0 order by n_other desc, {keys} "
        f"limit {SHOWN}"
    )
    parts = []
    for *key, value, n, _ in rows:
        where = " and ".join(
            f"{name} = {_value(text)}" for name, text in zip(x, key, strict=True)
        )
        parts.append(f"set {y} to {_value(value)} where {where} ({counted(n, 'row')})")
    n_more = rows[0][-1] - len(rows) if rows else 0
    more = f"; and {counted(n_more, 'more value')}" if n_more else ""
    return "; ".join(parts) + more


def key_violations_sql(data: Data, names: Sequence[str]) -> str:
    """Return the query of the rows that lack a value of a key or share it."""
    values = ", ".join(data.value(name) for name in names)
    return (
        f"select *\nfrom {data.source}\nwhere not ({data.present(names)})\n"
        f"or ({values}) in (\n    select ({values})\n    from {data.source}\n"
        f"    where {data.present(names)}\n    group by {values}\n"
        "    having count(*) > 1\n)"
    )


def key_hint(data: Data, names: Sequence[str], n_missing: int, n_repeated: int) -> str:
    """Return what keeps a near-key from being one, with its most frequent values."""
    values = ", ".join(data.value(name) for name in names)
    texts = ", ".join(f"cast({data.value(name)} as varchar)" for name in names)
    listed = ", ".join(names)
    parts = []
    if n_missing:
        parts.append(f"fill {listed} in {counted(n_missing, 'row')}")
    if n_repeated:
        rows = data.engine.rows(
            f"select {texts}, count(*) as n from {data.source} "
            f"where {data.present(names)} group by {values} having count(*) > 1 "
            f"order by n desc, {values} limit {SHOWN}"
        )
        shown = "; ".join(
            " and ".join(f"{c} = {_value(v)}" for c, v in zip(names, key, strict=True))
            + f" ({n:,} rows)"
            for *key, n in rows
        )
        parts.append(
            f"remove or renumber {counted(n_repeated, 'row')} with a repeated "
            f"{listed}, such as {shown}"
        )
    return "; ".join(parts)


def _value(text: str) -> str:
    return literal(short(text)) if "\0" not in text else repr(short(text))
