"""Rows that equal another one in all columns."""

from __future__ import annotations

from dsp.records import RepeatedRows
from dsp.statistics.structure.base import Data


def repeated_rows(data: Data, *, has_key: bool) -> RepeatedRows | None:
    """Return how many rows repeat another in all columns; None for an empty table.

    Missing values are equal to each other. A key proves that no row repeats. Otherwise
    rows are grouped by a hash of all columns, and those whose hashes meet are compared:
    the counts are exact.

    Parameters
    ----------
    data
        The table.
    has_key
        Whether some columns tell all rows apart.
    """
    if not data.n_rows or not data.profiles:
        return None
    listed = ", ".join(data.column(name).sql for name in data.profiles)
    groups = (
        f"select {listed}, count(*) as n_rows\nfrom {data.source}\n"
        "group by all\nhaving count(*) > 1"
    )
    figures = (
        "select\n    count(*) as n_groups,\n"
        "    cast(coalesce(sum(n_rows), 0) as bigint) as n_repeated,\n"
        "    cast(coalesce(sum(n_rows), 0) - count(*) as bigint) as n_excess,\n"
        "    coalesce(max(n_rows), 1) as n_largest\nfrom "
    )
    met = (
        f"select dsp_hash from (select hash({listed}) as dsp_hash from {data.source}) "
        "group by 1 having count(*) > 1"
    )
    found = [0, 0, 0, 1]
    if not has_key and data.engine.rows(f"select count(*) from ({met})")[0][0]:
        some = (
            f"select count(*) as n_rows from {data.source} "
            f"where hash({listed}) in ({met}) group by {listed} having count(*) > 1"
        )
        found = [int(n) for n in data.engine.rows(f"{figures}({some})")[0]]
    return RepeatedRows(
        n_rows=data.n_rows,
        n_groups=found[0],
        n_repeated=found[1],
        n_excess=found[2],
        n_largest=found[3],
        share=found[2] / data.n_rows,
        violations_sql=f"{groups}\norder by count(*) desc",
        evidence_sql=(
            f"{figures}(\n    select count(*) as n_rows\n    from {data.source}\n"
            f"    group by {listed}\n    having count(*) > 1\n)"
        ),
    )
