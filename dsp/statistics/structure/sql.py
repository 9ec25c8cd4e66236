"""SQL of dependencies: the counts they rest on and the queries that show them again."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.statistics.structure.base import Data


def pair_name(data: Data, names: Sequence[str]) -> str:
    """Return the positions of columns as part of an identifier."""
    return "_".join(str(data.profiles[name].position) for name in names)


def key_evidence(data: Data, names: Sequence[str]) -> str:
    """Return the query that counts rows that lack or repeat values of a key."""
    values = ", ".join(data.value(name) for name in names)
    return (
        f"select count(*) - (\n    select count(*)\n    from (\n"
        f"        select distinct {values}\n        from {data.source}\n"
        f"        where {data.present(names)}\n    )\n) as n_violations\n"
        f"from {data.source}"
    )


def counted_sql(data: Data, x: Sequence[str], y: str) -> str:
    """Return the query of the rows by determinant (x0, x1) and dependent (y)."""
    keys = ",\n    ".join(f"{data.value(name)} as x{i}" for i, name in enumerate(x))
    return (
        f"select\n    {keys},\n    {data.value(y)} as y,\n    count(*) as n\n"
        f"from {data.source}\nwhere {data.present([*x, y])}\ngroup by all"
    )


def evidence_sql(data: Data, x: Sequence[str], y: str) -> str:
    """Return the query that counts rows without the usual value of their group."""
    keys = ", ".join(f"x{i}" for i in range(len(x)))
    return (
        f"with counted as (\n{_indented(counted_sql(data, x, y))}\n),\n"
        f"groups as (\n    select sum(n) as n_rows, max(n) as most\n    from counted\n"
        f"    group by {keys}\n)\n"
        "select\n    cast(coalesce(sum(n_rows - most), 0) as bigint) as n_violations,\n"
        "    cast(coalesce(sum(n_rows), 0) as bigint) as n_rows\nfrom groups"
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
