"""Counts failures that a row shows only beside its neighbours, all in one scan."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.checks.groups import ROWS, Counted
from dsp.engine.relation import Relation


def count_windows(relation: Relation, predicates: Sequence[str]) -> list[Counted]:
    """Return failing rows of predicates with window functions, in one scan."""
    if not predicates:
        return []
    inner = ", ".join(f"({text}) as w{i}" for i, text in enumerate(predicates))
    items = ", ".join(
        f"count(*) filter (where w{i}), "
        f"min(case when w{i} then dsp_row_number end, {ROWS})"
        for i in range(len(predicates))
    )
    row = relation.engine.rows(
        f"select {items} from (select dsp_row_number, {inner} "
        f"from {relation.numbered} as t)"
    )[0]
    return [
        Counted(int(row[2 * i]), tuple(row[2 * i + 1] or ()))
        for i in range(len(predicates))
    ]


def window_evidence(relation: Relation, predicate: str) -> str:
    """Return the query that counts the failing rows of one predicate again."""
    inner = f"select ({predicate}) as w\nfrom {relation.numbered} as t"
    return f"select count(*) as n_failed from (\n{inner}\n) where w"
