"""The second scan: what needed figures of the first, neighbours of rows, failing rows."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.checks.base import count_if
from dsp.checks.groups import ROWS, Counted
from dsp.engine.relation import Relation


def second_pass(
    relation: Relation,
    *,
    predicates: Sequence[str] = (),
    windows: Sequence[str] = (),
    failing: Sequence[str] = (),
) -> list[Counted]:
    """Return failing rows with a few of their numbers, all in one scan.

    Parameters
    ----------
    predicates
        SQL that is true for a failing row.
    windows
        The same with window functions.
    failing
        Predicates whose rows are counted already; zero is returned for their number.

    Returns
    -------
    list of Counted
        Of the predicates, the windows and the failing ones, in that order.
    """
    if not (predicates or windows):
        return [Counted(0, ()) for _ in failing]
    marks = [f"dsp_w{i}" for i in range(len(windows))]
    source = relation.numbered
    if windows:
        added = ", ".join(
            f"({text}) as {mark}" for text, mark in zip(windows, marks, strict=True)
        )
        source = f"(select *, {added} from {source} as t)"
    tests = [*predicates, *marks, *failing]
    n_counted = len(predicates) + len(marks)
    items = [count_if(test) for test in tests[:n_counted]]
    items += [f"min(case when {test} then dsp_row_number end, {ROWS})" for test in tests]
    row = relation.engine.rows(f"select {', '.join(items)} from {source} as t")[0]
    counts = [*row[:n_counted], *[0] * len(failing)]
    return [
        Counted(int(n), tuple(rows or ()))
        for n, rows in zip(counts, row[n_counted:], strict=True)
    ]


def window_evidence(relation: Relation, predicate: str) -> str:
    """Return the query that counts the failing rows of one window predicate again."""
    inner = f"select ({predicate}) as w\nfrom {relation.numbered} as t"
    return f"select count(*) as n_failed from (\n{inner}\n) where w"
