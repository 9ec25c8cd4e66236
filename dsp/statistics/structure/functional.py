"""Functional dependencies: columns that decide another one, with their violations.

Candidates are refuted by a sample, in the order of the lattice (one column before two, no
set of which a part decides already: Huhtala et al. 1999, TANE); what is left is proved on
all rows, all dependents of a determinant together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from dsp.records import Dependency, StructureSearch
from dsp.statistics.structure.base import Data
from dsp.statistics.structure.dependents import Refuter
from dsp.statistics.structure.fixes import fix_hint, violations_sql
from dsp.statistics.structure.sample import Sample
from dsp.statistics.structure.sql import evidence_sql, pair_name

Columns = tuple[str, ...]
_PAIRS = 25
"""Dependents in one query."""
DEAR_ROWS = 50_000
"""Rows above which another sample is cheaper than a proof."""


@dataclass(slots=True)
class _Search:
    """What has been found and spent so far."""

    data: Data
    n_left: int
    n_candidates: int = 0
    n_refuted: int = 0
    n_tested: int = 0
    n_unproved: int = 0
    found: list[Dependency] = field(default_factory=list)
    decided: dict[Columns, set[str]] = field(default_factory=dict)
    rarer: dict[str, float] = field(default_factory=dict)


def functional(
    data: Data, sample: Sample, keys: Sequence[Columns]
) -> tuple[list[Dependency], StructureSearch]:
    """Return the functional dependencies of a table, and what was searched.

    One or two columns decide another one when at most 1 % of the rows compared lack the
    most frequent value of their group, and chance would bring ten times as many. Rows
    that lack a value of one of the columns are not compared. Determinants that repeat in
    less than 1 % of the rows compared are nearly keys and left out, as are those with a
    column that repeats in less than 1 % of its rows, those that hold a key, and those of
    which a part decides the column already. Such a column is not decided, either.

    References
    ----------
    Kivinen and Mannila 1995, the g3 measure of error.
    """
    limits = data.limits
    deciders = data.deciders()
    by_values = sorted(deciders, key=lambda n: (-data.profiles[n].n_distinct, n))
    singles = _first(data, by_values, limits.single_columns)
    decided = data.decided()[: limits.dependents]
    search = _Search(data, limits.n_proofs(data.n_rows))
    refuter = Refuter(data, sample, decided)
    usable = [name for name in singles if (name,) not in keys and data.repeats(name)]
    _level(search, refuter, [(name,) for name in usable], decided)
    paired = _first(
        data,
        sorted(usable, key=lambda n: (-data.profiles[n].n_distinct, n)),
        limits.pair_columns,
    )
    pairs = [p for p in combinations(paired, 2) if not any({*k} <= {*p} for k in keys)]
    _level(search, refuter, pairs, decided)
    n_all = len(deciders)
    reasons = []
    if len(singles) < n_all or len(decided) < len(data.decided()):
        reasons.append(f"{len(singles)} of {n_all} columns were tried as determinants")
    if len(paired) < len(usable):
        reasons.append(f"{len(paired)} of {len(usable)} columns were tried by two")
    if search.n_unproved:
        reasons.append(f"{search.n_unproved} candidates were left unproved")
    return search.found[: limits.most_found], StructureSearch(
        search="functional",
        n_columns=n_all,
        n_candidates=search.n_candidates,
        n_refuted=search.n_refuted,
        n_tested=search.n_tested,
        n_found=len(search.found),
        is_complete=not reasons,
        reason="; ".join(reasons) or None,
    )


def _first(data: Data, ranked: Sequence[str], most: int) -> list[str]:
    """Return the first names, in the order of the table."""
    return sorted(ranked[:most], key=lambda n: data.profiles[n].position)


def _level(
    search: _Search, refuter: Refuter, level: Sequence[Columns], decided: Sequence[str]
) -> None:
    """Refute the candidates of one level by the sample, and prove the rest."""
    left: dict[Columns, list[str]] = {}
    for x in level:
        known = set().union(*(search.decided.get((name,), set()) for name in x))
        ys = [y for y in decided if y not in x and not (len(x) > 1 and y in known)]
        if len(x) > 1 and set(x) & known:
            # One of the two decides the other: alone it decides as much.
            continue
        kept = refuter.survivors(x, ys)
        search.n_candidates += len(ys)
        search.n_refuted += len(ys) - len(kept)
        if kept:
            left[x] = kept
    for x, ys in left.items():
        if search.n_left < 1 or len(search.found) >= search.data.limits.most_found:
            search.n_unproved += len(ys)
            continue
        kept = ys
        if search.data.n_rows > DEAR_ROWS and not refuter.sample.is_all:
            kept = refuter.unrefuted_by_groups(x, ys)
            search.n_refuted += len(ys) - len(kept)
        if not kept:
            continue
        search.n_left -= 1
        search.n_tested += len(kept)
        for found in _proved(search, x, kept):
            search.found.append(found)
            search.decided.setdefault(x, set()).add(str(found.dependent))


def _proved(search: _Search, x: Columns, ys: Sequence[str]) -> Iterator[Dependency]:
    """Yield what holds of the candidates of one determinant, counted on all rows."""
    data, limits = search.data, search.data.limits
    for start in range(0, len(ys), _PAIRS):
        part = ys[start : start + _PAIRS]
        for y, n, n_groups, n_broken in _groups(data, x, part):
            n_repeated = n - n_groups
            if n_repeated < 1 or n_repeated < limits.most_share * n:
                continue
            if n_broken > limits.most_share * n:
                continue
            expected = n_repeated * _rarer(search, y)
            if expected <= 0 or expected < limits.least_expected:
                continue
            # Every broken group has a violation or more.
            if n_broken * limits.gain > expected:
                continue
            evidence = evidence_sql(data, x, y)
            broken = int(data.engine.rows(evidence)[0][0]) if n_broken else 0
            if broken > limits.most_share * n or broken * limits.gain > expected:
                continue
            yield Dependency(
                dependency_id=f"functional_{pair_name(data, (*x, y))}",
                kind="functional",
                determinant=x,
                dependent=y,
                n_violations=broken,
                n_rows=n,
                is_exact=True,
                share=broken / n,
                n_expected=expected,
                fix_hint=fix_hint(data, x, y) if broken else None,
                violations_sql=violations_sql(data, x, y),
                evidence_sql=evidence,
            )


def _groups(data: Data, x: Columns, ys: Sequence[str]) -> list[tuple[str, int, int, int]]:
    """Return rows, groups, and groups of several values, by dependent.

    That the least and the greatest value of every group are equal is the proof.
    """
    names = [f"x{i}" for i in range(len(x))]
    keys = ", ".join(f"{data.value(c)} as {n}" for c, n in zip(x, names, strict=True))
    inner = ", ".join(
        f"count({data.value(y)}) as n{i}, min({data.value(y)}) as lo{i}, "
        f"max({data.value(y)}) as hi{i}"
        for i, y in enumerate(ys)
    )
    outer = ", ".join(
        f"sum(n{i}), count_if(n{i} > 0), count_if(lo{i} <> hi{i})" for i in range(len(ys))
    )
    row = data.engine.rows(
        f"select {outer} from (select {keys}, {inner} from {data.source} "
        f"where {data.present(x)} group by {', '.join(map(str, range(1, len(x) + 1)))})"
    )[0]
    figures = [int(value or 0) for value in row]
    return [
        (y, figures[3 * i], figures[3 * i + 1], figures[3 * i + 2])
        for i, y in enumerate(ys)
    ]


def _rarer(search: _Search, y: str) -> float:
    """Return the share of rows with another value than the most frequent one."""
    if y not in search.rarer:
        data = search.data
        most, n = data.engine.rows(
            f"select max(n), sum(n) from (select count(*) as n from {data.source} "
            f"where {data.present([y])} group by {data.value(y)})"
        )[0]
        search.rarer[y] = 1 - int(most) / int(n) if n else 0.0
    return search.rarer[y]
