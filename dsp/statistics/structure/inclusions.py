"""Columns whose values are among those of another column, as a foreign key's are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import permutations

from dsp.engine.duckdb_engine import literal
from dsp.numbers import counted
from dsp.records import ColumnProfile, Inclusion, StructureSearch
from dsp.statistics.structure.base import Data, short
from dsp.statistics.structure.refuting import exceeds

MOST_COLUMNS = 150
"""Columns of all tables that are compared, the first of each table."""
LARGE_ROWS = 100_000
"""Rows above which a sample of the values goes before the proof."""
SAMPLE_VALUES = 2_000
SHOWN = 3
_NOT_WORDS = frozenset({"id", "key", "code", "no", "nr", "number", "fk", "pk", "ref"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|[A-Z]")
_KEY, _NAME, _COVERAGE = 0.4, 0.4, 0.2
_SAME_SORT = 0.3
"""How alike manager_id and employee_id are: both are identifiers."""


@dataclass(frozen=True, slots=True)
class Side:
    """A column of one of the tables that are compared."""

    table: str
    data: Data
    name: str

    @property
    def profile(self) -> ColumnProfile:
        """Profile of the column."""
        return self.data.profiles[self.name]

    @property
    def value(self) -> str:
        """SQL of a value, null where it is missing."""
        return self.data.value(self.name)

    @property
    def kind(self) -> str | None:
        """What a column must share to be compared with it; None for no comparison."""
        profile = self.profile
        whole = profile.data_type.replace(" ", "").endswith(",0)")
        if profile.family == "integer" or (profile.family == "decimal" and whole):
            return "whole"
        if profile.family in ("text", "date", "timestamp"):
            return profile.family
        return profile.data_type if profile.data_type == "UUID" else None

    @property
    def is_key(self) -> bool:
        """Whether hardly a value is there twice."""
        present = self.data.n_rows - self.data.missing(self.name)
        most = self.data.limits.most_share
        return self.data.most_distinct(self.name) >= (1 - most) * present > 0


def inclusions(
    tables: Sequence[tuple[str, Data]],
) -> tuple[list[Inclusion], StructureSearch]:
    """Return columns whose values are among those of another column, best first.

    Pairs of columns of one kind (whole numbers, texts, dates, times, UUIDs), in one table
    or in two. Missing values are left out; 5 % of the rows may have a value outside.
    Candidates are refuted by the range of their values, by distinct counts and, in large
    tables, by a sample of values; the rest is counted by a join of all values.

    The score is how much a pair looks like a foreign key: 0.4 when the second column is a
    key, 0.4 by how alike the names are, 0.2 by how many of the values of the second
    column the first one has. Below 0.5 nothing is listed.

    Parameters
    ----------
    tables
        Tables of one database with their names.
    """
    sides = [
        side
        for table, data in tables
        for name in data.profiles
        if (side := Side(table, data, name)).kind and side.profile.n_distinct > 1
    ]
    chosen = _chosen(sides, len(tables))
    n_refuted = n_tested = n_candidates = 0
    left = tables[0][1].limits.n_proofs(max((d.n_rows for _, d in tables), default=0))
    n_unproved = 0
    found: list[Inclusion] = []
    ranked = sorted(_candidates(chosen), key=lambda pair: -_best(*pair))
    for a, b in ranked:
        n_candidates += 1
        if _is_refuted(a, b):
            n_refuted += 1
        elif n_tested >= left:
            n_unproved += 1
        else:
            n_tested += 1
            proved = _proved(a, b)
            found += [proved] if proved else []
    found.sort(key=lambda i: (-i.score, i.inclusion_id))
    reasons = []
    if len(chosen) < len(sides):
        reasons.append(f"{len(chosen)} of {len(sides)} columns were compared")
    if n_unproved:
        reasons.append(f"{n_unproved} candidates were left unproved")
    return found, StructureSearch(
        search="inclusion",
        n_columns=len(sides),
        n_candidates=n_candidates,
        n_refuted=n_refuted,
        n_tested=n_tested,
        n_found=len(found),
        is_complete=not reasons,
        reason="; ".join(reasons) or None,
    )


def _chosen(sides: Sequence[Side], n_tables: int) -> list[Side]:
    """Return the columns that are compared: keys first, the same number a table."""
    most = max(2, MOST_COLUMNS // max(1, n_tables))
    chosen: dict[str, list[Side]] = {}
    for side in sorted(sides, key=lambda s: not s.is_key):
        listed = chosen.setdefault(side.table, [])
        if len(listed) < most:
            listed.append(side)
    kept = {(side.table, side.name) for listed in chosen.values() for side in listed}
    return [side for side in sides if (side.table, side.name) in kept]


def _candidates(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """Yield pairs that may score enough, by kind, key and names."""
    known = [(side, side.kind, side.is_key) for side in sides]
    for (a, kind, _), (b, other, is_key) in permutations(known, 2):
        least = a.data.limits.least_score
        most = _KEY * is_key + _NAME + _COVERAGE
        if kind == other and most >= least and _best(a, b) >= least:
            yield a, b


def _best(a: Side, b: Side) -> float:
    """Return the greatest score that a pair may have."""
    return _KEY * b.is_key + _NAME * similarity(a, b) + _COVERAGE


def similarity(a: Side, b: Side) -> float:
    """Return how alike two columns are named (0-1).

    Words such as "id" hardly count where there are others; the words of the second table
    belong to its column: customer_id is alike to id of customers.
    """
    words = _words(a.name)
    others = _words(b.name) | (_words(b.table) if a.table != b.table else set())
    told = words - _NOT_WORDS
    both = _SAME_SORT if words & _NOT_WORDS and _words(b.name) & _NOT_WORDS else 0.0
    if a.table == b.table:
        # In one table, columns that share a word are parts of one thing, not the same.
        return both
    if told and others - _NOT_WORDS:
        shared = len(told & others) / len(told)
        ratio = SequenceMatcher(None, a.name.casefold(), b.name.casefold()).ratio()
        return max(shared, ratio if ratio > 0.8 else 0.0, both)
    return max(both, float(words == _words(b.name)))


@cache
def _words(name: str) -> set[str]:
    words = (word.casefold() for word in _WORDS.findall(name))
    return {w[:-1] if len(w) > 3 and w.endswith("s") else w for w in words}


def _is_refuted(a: Side, b: Side) -> bool:
    """Return whether counts, ranges or a sample speak against a pair."""
    most = a.data.limits.most_outside
    p, q = a.profile, b.profile
    fewest = p.n_distinct / (1 + (p.distinct_error or 0.0))
    if a.kind != "text" and None not in (p.min_number, q.min_number):
        low, high = max(p.min_number, q.min_number), min(p.max_number, q.max_number)  # type: ignore[type-var]
        if low > high:  # type: ignore[operator]
            return True
    if a.kind == "text" and (
        str(p.min_value) > str(q.max_value) or str(p.max_value) < str(q.min_value)
    ):
        return True
    # Values outside may be rare: only where all values are equally frequent is this sure.
    if a.is_key and fewest * (1 - most) > b.data.most_distinct(b.name):
        return True
    if a.data.n_rows <= LARGE_ROWS:
        return False
    step = max(1, int(fewest) // SAMPLE_VALUES)
    n, n_outside = a.data.engine.rows(
        f"with a as (select distinct {a.value} as v from {a.data.source} "
        f"where hash({a.value}) % {step} = 0 and {a.value} is not null "
        f"limit {4 * SAMPLE_VALUES}) select count(*), "
        f"(select count(*) from a where v not in (select {b.value} from {b.data.source} "
        f"where {b.value} is not null)) from a"
    )[0]
    # Values, not rows, are drawn: rare ones may be outside without many rows.
    return bool(exceeds(n_outside, max(most, 0.5) * n))


def _proved(a: Side, b: Side) -> Inclusion | None:
    """Return the inclusion when few enough rows are outside, counted on all rows."""
    engine, limits = a.data.engine, a.data.limits
    evidence = _evidence(a, b)
    row = engine.rows(evidence)[0]
    n_violations, n_rows, n_values, n_outside, n_values_b, n_shared = map(int, row)
    if not n_rows or n_violations > limits.most_outside * n_rows:
        return None
    alike, coverage = similarity(a, b), n_shared / n_values_b if n_values_b else 0.0
    score = _KEY * b.is_key + _NAME * alike + _COVERAGE * coverage
    if score < limits.least_score:
        return None
    return Inclusion(
        inclusion_id=f"{a.table}.{a.name} in {b.table}.{b.name}",
        table_a=a.table,
        column_a=a.name,
        table_b=b.table,
        column_b=b.name,
        score=score,
        is_key=b.is_key,
        name_similarity=alike,
        coverage=coverage,
        n_values=n_values,
        n_rows=n_rows,
        n_values_outside=n_outside,
        n_violations=n_violations,
        share=n_violations / n_rows,
        fix_hint=_hint(a, b) if n_violations else None,
        violations_sql=(
            f"select *\nfrom {a.data.source}\nwhere {a.value} not in (\n"
            f"    select {b.value}\n    from {b.data.source}\n"
            f"    where {b.value} is not null\n)"
        ),
        evidence_sql=evidence,
    )


def _evidence(a: Side, b: Side) -> str:
    return (
        f"with a as (\n    select {a.value} as v, count(*) as n\n"
        f"    from {a.data.source}\n    where {a.value} is not null\n    group by 1\n),\n"
        f"b as (\n    select distinct {b.value} as v\n    from {b.data.source}\n"
        f"    where {b.value} is not null\n)\n"
        "select\n    cast(coalesce(sum(n) filter (b.v is null), 0) as bigint)"
        " as n_violations,\n"
        "    cast(coalesce(sum(n), 0) as bigint) as n_rows,\n"
        "    count(*) as n_values,\n"
        "    count(*) filter (b.v is null) as n_values_outside,\n"
        "    (select count(*) from b) as n_values_b,\n"
        "    count(b.v) as n_shared\nfrom a left join b on a.v = b.v"
    )


def _hint(a: Side, b: Side) -> str:
    rows = a.data.engine.rows(
        f"select cast({a.value} as varchar), count(*) from {a.data.source} "
        f"where {a.value} not in (select {b.value} from {b.data.source} "
        f"where {b.value} is not null) group by {a.value} "
        f"order by count(*) desc, {a.value} limit {SHOWN}"
    )
    shown = ", ".join(
        f"{literal(short(value)) if chr(0) not in value else repr(short(value))} "
        f"({counted(n, 'row')})"
        for value, n in rows
    )
    return f"add to {b.table}.{b.name}, or mend in {a.table}.{a.name}: {shown}"
