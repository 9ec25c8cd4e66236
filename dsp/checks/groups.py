"""Counts failures that show only between rows: repeated keys, values that should agree.

However many there are, they cost one scan: one pass fills a hash table a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.checks.base import Groups
from dsp.engine.relation import Relation

ROWS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """What one rule that looks at several rows at a time came to.

    Attributes
    ----------
    n_failed
        Rows that fail.
    rows
        Numbers of a few of them, at most one a group.
    """

    n_failed: int
    rows: tuple[int, ...]


def count_groups(relation: Relation, asked: Sequence[Groups]) -> list[Counted]:
    """Return failing rows of each, in the order they were asked for, in one scan."""
    if not asked:
        return []
    found = relation.engine.rows(_query(relation, asked))
    by_position = {row[0]: Counted(int(row[1]), tuple(row[2] or ())) for row in found}
    return [by_position[i] for i in range(len(asked))]


def evidence(relation: Relation, groups: Groups) -> str:
    """Return the query that counts the failing rows of one rule again."""
    source = f"from {relation.sql} as t\nwhere {groups.key} is not null"
    if groups.value is None:
        inner = f"select count(*) as n {source} group by {groups.key}"
        return f"select coalesce(sum(n - 1), 0) as n_failed from (\n{inner}\n)"
    inner = (
        f"select {groups.key} as k, count(*) as n {source} "
        f"group by {groups.key}, {groups.value}"
    )
    middle = f"select sum(n) - max(n) as n from (\n{inner}\n) group by k"
    return f"select coalesce(sum(n), 0) as n_failed from (\n{middle}\n)"


def _query(relation: Relation, asked: Sequence[Groups]) -> str:
    items, sets, kept = [], [], []
    for i, groups in enumerate(asked):
        items.append(f"{groups.key} as k{i}")
        names = [f"k{i}"]
        if groups.value is not None:
            items.append(f"{groups.value} as v{i}")
            names.append(f"v{i}")
        sets.append(f"({', '.join(names)})")
        kept.append(
            f"(grouping(k{i}) = 0 and k{i} is not null"
            + (")" if groups.value is not None else " and count(*) > 1)")
        )
    keys = [f"k{i}" for i in range(len(asked))]
    values = [f"v{i}" for i, groups in enumerate(asked) if groups.value is not None]
    flags = ", ".join(f"grouping(k{i}) = 0 as is{i}" for i in range(len(asked)))
    grouped = (
        f"select {', '.join(keys + values)}, {flags}, count(*) as n, "
        "min(dsp_row_number) as first_row, max(dsp_row_number) as last_row\n"
        f"from (select dsp_row_number, {', '.join(items)} "
        f"from {relation.numbered} as t)\n"
        f"group by grouping sets ({', '.join(sets)})\nhaving {' or '.join(kept)}"
    )
    parts = [_part(i, groups) for i, groups in enumerate(asked)]
    return f"with grouped as materialized (\n{grouped}\n)\n" + "\nunion all ".join(parts)


def _part(position: int, groups: Groups) -> str:
    mine = f"from grouped where is{position}"
    if groups.value is None:
        return f"select {position}, coalesce(sum(n - 1), 0), min(last_row, {ROWS}) {mine}"
    # The rows of the most frequent value (of equals, the one that comes first) are right.
    ranked = (
        f"select n, first_row, row_number() over (partition by k{position} "
        f"order by n desc, first_row) as place {mine}"
    )
    return (
        f"select {position}, coalesce(sum(n), 0), min(first_row, {ROWS}) "
        f"from ({ranked}) where place > 1"
    )
