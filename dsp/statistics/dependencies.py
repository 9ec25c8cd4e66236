"""Candidate keys and functional dependencies, proved by counting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

from dsp.engine.duckdb_engine import DuckEngine
from dsp.records import ColumnProfile, Dependency
from dsp.statistics.base import Column
from dsp.statistics.frame import Frame

PAIR_ROWS = 2_000_000
"""Up to here pairs of columns are tried as keys."""
PAIR_COLUMNS = 8
"""Columns that are tried in pairs."""
MOST_VIOLATIONS = 0.01
"""A functional dependency may be broken by this share of rows."""
MOST_DIMENSIONS = 25
"""Dimensions that are tried for functional dependencies."""


def dependencies(
    engine: DuckEngine, source: str, profiles: Sequence[ColumnProfile], frame: Frame
) -> tuple[Dependency, ...]:
    """Return keys (single columns, else pairs) and functional dependencies."""
    keys = [_key(p, source) for p in profiles if p.is_unique and p.n_rows > 1]
    if not keys:
        keys = _pair_keys(engine, source, profiles)
    found = [*keys, *_functional(frame)]
    return tuple(found)


def _key(profile: ColumnProfile, source: str) -> Dependency:
    column = _column(profile)
    return Dependency(
        dependency_id=f"key_{profile.position}",
        kind="key",
        determinant=(profile.column_name,),
        n_violations=0,
        n_rows=profile.n_rows,
        is_exact=True,
        evidence_sql=(
            f"select count(*) - count(distinct {column.value}) as n_violations\n"
            f"from {source}"
        ),
    )


def _pair_keys(
    engine: DuckEngine, source: str, profiles: Sequence[ColumnProfile]
) -> list[Dependency]:
    complete = [
        p
        for p in profiles
        if p.n_null + p.n_nan == 0
        and p.n_distinct > 1
        and p.role not in ("measure", "ignored")
        and p.family not in ("float", "decimal", "nested", "binary")
    ]
    complete.sort(key=lambda p: (-p.n_distinct, p.position))
    tried = sorted(complete[:PAIR_COLUMNS], key=lambda p: p.position)
    pairs = [
        (a, b)
        for a, b in combinations(tried, 2)
        if 1 < a.n_rows <= PAIR_ROWS and a.n_distinct * b.n_distinct >= a.n_rows
    ]
    found = []
    for a, b in pairs:
        text = (
            "select count(*) - (\n    select count(*)\n    from (\n"
            f"        select distinct {_column(a).sql}, {_column(b).sql}\n"
            f"        from {source}\n    )\n) as n_violations\nfrom {source}"
        )
        if engine.rows(text)[0][0] == 0:
            found.append(
                Dependency(
                    dependency_id=f"key_{a.position}_{b.position}",
                    kind="key",
                    determinant=(a.column_name, b.column_name),
                    n_violations=0,
                    n_rows=a.n_rows,
                    is_exact=True,
                    evidence_sql=text,
                )
            )
    return found


def _functional(frame: Frame) -> list[Dependency]:
    related = {*frame.among, frame.target}
    names = [n for n in frame.profiles if n in related and frame.kind(n) == "dimension"]
    found = []
    for a, b in permutations(names[:MOST_DIMENSIONS], 2):
        counts = frame.table(a, b)
        n_rows = int(counts.sum())
        # Rows that do not have the most frequent second value of their first.
        broken = n_rows - int(counts.max(axis=1).sum())
        # Deciding must help: guessing the most frequent value must be ten times worse.
        guessed = n_rows - int(counts.sum(axis=0).max())
        repeated = n_rows >= 2 * frame.profiles[a].n_distinct
        if repeated and guessed and broken <= min(MOST_VIOLATIONS * n_rows, guessed / 10):
            found.append(_dependency(frame, a, b, broken, n_rows))
    return found


def _dependency(frame: Frame, a: str, b: str, broken: int, n_rows: int) -> Dependency:
    first, second = frame.profiles[a].position, frame.profiles[b].position
    return Dependency(
        dependency_id=f"functional_{first}_{second}",
        kind="functional",
        determinant=(a,),
        dependent=b,
        n_violations=broken,
        n_rows=n_rows,
        is_exact=True,
        evidence_sql=(
            "select sum(n_rows) - sum(most) as n_violations, sum(n_rows) as n_rows\n"
            "from (\n    select sum(n_rows) as n_rows, max(n_rows) as most\n"
            f"    from ({frame.pair_sql(a, b)})\n    group by a\n)"
        ),
    )


def _column(profile: ColumnProfile) -> Column:
    return Column(profile.column_name, profile.data_type, profile.position)
