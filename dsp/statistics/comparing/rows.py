"""Which rows differ: matched by a key, or as whole rows counted in both tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from dsp.engine.relation import Relation, count_if, literal, quote
from dsp.records.comparison import RowDifference
from dsp.statistics.comparing.matching import Match, Tolerance, same_keys, side_of
from dsp.statistics.comparing.sides import Pair, Sides

WORK = "dsp_work"
"""Schema of a table in between, dropped by the comparison."""
WIDE = 60
"""Columns from which on rows of a sample are read once more."""
SAMPLE = 20
"""Rows of each kind that are kept as a sample."""
CHARACTERS = 200
"""Characters of a value in a sample."""
COLUMNS = 60
"""Columns of a row in a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """How many rows differ, and the queries of all of them.

    Attributes
    ----------
    n_only_a, n_only_b, n_changed, n_unchanged
        Rows; with a key, those whose key is unique. None where rows are not compared.
    n_duplicated_a, n_duplicated_b
        Rows whose key occurs more than once in either table.
    changed
        Rows that changed in a column, by its name.
    samples
        Some rows of each kind.
    views
        Queries of all rows that differ, by the name of a view.
    evidence_sql
        Query that counts them again.
    reason
        Why rows are not compared, or not by a key.
    """

    n_only_a: int | None = None
    n_only_b: int | None = None
    n_changed: int | None = None
    n_unchanged: int | None = None
    n_duplicated_a: int = 0
    n_duplicated_b: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    samples: tuple[RowDifference, ...] = ()
    views: dict[str, str] = field(default_factory=dict)
    evidence_sql: str = ""
    reason: str | None = None


def by_key(
    sides: Sides,
    key: tuple[Pair, ...],
    tolerance: Tolerance,
    *,
    is_unique: bool = False,
) -> RowCounts:
    """Match rows by a key and count what differs, in one join.

    Rows whose key occurs more than once, in A or in B, are counted apart and not matched;
    none are looked for where the key is known to be unique in both.
    """
    engine = sides.a.engine
    match = Match(sides, key, tolerance)
    n_duplicates = (0, 0) if is_unique else _duplicates(match)
    if any(n_duplicates):
        match = Match(sides, key, tolerance, has_duplicates=True)
    kinds = {"only_a": "not in_b", "only_b": "not in_a", "changed": match.is_changed}
    each = "".join(
        f", count(*) filter (where in_a and in_b and d{i}) as changed_{i}"
        for i in range(len(match.others))
    )
    query = (
        f"select {count_if('not in_b')} as n_only_a, "
        f"{count_if('not in_a')} as n_only_b, "
        f"{count_if(match.is_changed)} as n_changed, "
        f"{count_if('in_a and in_b')} as n_both"
    )
    keys = ", ".join(f"k{i}: coalesce(a.k{i}, b.k{i})" for i in range(len(key)))
    flags = [f"d{i}: d{i}" for i in range(len(match.others))]
    # Of wide tables the engine plans whole rows in squared time.
    is_wide = len(match.others) > WIDE
    row = keys if is_wide else ", ".join([keys, "a: a", "b: b", *flags])
    first = "".join(
        f", arg_min({{{row}}}, {{{keys}}}, {SAMPLE}) filter (where {where}) as {kind}"
        for kind, where in kinds.items()
    )
    source = f" from ({match.joined()})"
    engine.create("counted", query + each + first + source, schema=WORK)
    only_a, only_b, changed, both, *cells = engine.rows(
        f"select * exclude ({', '.join(kinds)}) from {WORK}.counted", is_scan=False
    )[0]
    counts = {"only_a": only_a, "only_b": only_b, "changed": changed}
    samples = [
        row
        for kind in kinds
        if counts[kind]
        for row in _sample(match, kind, is_wide=is_wide)
    ]
    return RowCounts(
        n_only_a=only_a,
        n_only_b=only_b,
        n_changed=changed,
        n_unchanged=both - changed,
        n_duplicated_a=n_duplicates[0],
        n_duplicated_b=n_duplicates[1],
        changed={p.name: n for p, n in zip(match.others, cells, strict=True)},
        samples=(*samples, *_duplicated_sample(match, n_duplicates)),
        views=_views(match),
        evidence_sql=query + each + source,
    )


def _duplicates(match: Match) -> tuple[int, int]:
    """Return how many rows of A and of B have a key that is not unique in either."""
    sides = match.sides
    every = all(
        match.sides.a.engine.rows(
            f"select count(*) = 0 from (select {match.keys(side)} from {table.sql} "
            "group by all having count(*) > 1)"
        )[0][0]
        for side, table in (("a", sides.a), ("b", sides.b))
    )
    if every:
        return 0, 0
    same = same_keys("d", "t", len(match.key))
    found = [
        sides.a.engine.rows(
            f"select count(*) from (select {match.keys(side)} from {table.sql}) as t "
            f"where exists (select 1 from ({match.duplicated()}) as d where {same})"
        )[0][0]
        for side, table in (("a", sides.a), ("b", sides.b))
    ]
    return found[0], found[1]


def _sample(match: Match, kind: str, *, is_wide: bool) -> list[RowDifference]:
    """Return the rows that were kept of a kind, as records."""
    names = [pair.name for pair in match.others]
    n_keys, n = len(match.key), len(names)
    listed = [
        *(_text(f"s.k{i}") for i in range(n_keys)),
        *(_text(f"s.{side}.c{i}") for side in "ab" for i in range(n)),
        *(f"s.d{i}" for i in range(n)),
    ]
    order = ", ".join(f"s.k{i}" for i in range(n_keys))
    source = f"(select unnest({kind}) as s from {WORK}.counted)"
    if is_wide:
        keys = ", ".join(f"coalesce(a.k{i}, b.k{i}) as k{i}" for i in range(n_keys))
        joined = match.joined(f"select unnest(s) from {source}")
        source = f"(select {keys}, * from ({joined})) as s"
    rows = match.sides.a.engine.rows(
        f"select {', '.join(listed)} from {source} order by {order}",
        is_scan=False,
    )
    found = []
    for sample, row in enumerate(rows, 1):
        key = dict(zip((p.name for p in match.key), row[:n_keys], strict=True))
        a, b, flags = (row[n_keys + i * n : n_keys + (i + 1) * n] for i in range(3))
        is_changed = kind == "changed"
        kept = [i for i in range(n) if not is_changed or flags[i]][:COLUMNS]
        changed = [names[i] for i in range(n) if is_changed and flags[i]]
        found.append(
            RowDifference(
                kind=kind,
                sample=sample,
                key=_json(key),
                columns=tuple(changed),
                row_a=_json({names[i]: a[i] for i in kept}) if kind != "only_b" else None,
                row_b=_json({names[i]: b[i] for i in kept}) if kind != "only_a" else None,
                n_a=int(kind != "only_b"),
                n_b=int(kind != "only_a"),
            )
        )
    return found


def _duplicated_sample(match: Match, n: tuple[int, int]) -> list[RowDifference]:
    if not any(n):
        return []
    keys = [f"k{i}" for i in range(len(match.key))]
    query = _duplicated_keys(match, keys)
    listed = ", ".join(_text(key) for key in keys)
    rows = match.sides.a.engine.rows(
        f"select {listed}, n_a, n_b from ({query}) order by {', '.join(keys)} "
        f"limit {SAMPLE}"
    )
    return [
        RowDifference(
            kind="duplicated_key",
            sample=sample,
            key=_json(dict(zip((p.name for p in match.key), row, strict=False))),
            n_a=row[-2],
            n_b=row[-1],
        )
        for sample, row in enumerate(rows, 1)
    ]


def _duplicated_keys(match: Match, names: Sequence[str]) -> str:
    """Return a query of duplicated keys with their rows in each table."""
    sides, keys = match.sides, [f"k{i}" for i in range(len(match.key))]
    listed = ", ".join(f"{k} as {name}" for k, name in zip(keys, names, strict=True))
    return (
        f"select {listed}, sum(n_a)::bigint as n_a, sum(n_b)::bigint as n_b from ("
        f"select {match.keys('a')}, 1 as n_a, 0 as n_b from {sides.a.sql} union all "
        f"select {match.keys('b')}, 0, 1 from {sides.b.sql}) group by {', '.join(keys)} "
        "having sum(n_a) > 1 or sum(n_b) > 1"
    )


def _views(match: Match) -> dict[str, str]:
    """Return queries of every row that differs, under the names of the data."""
    sides = match.sides

    def partner(mine: str, other: str, table: Relation) -> str:
        same = " and ".join(
            f"{side_of(pair, other)} is not distinct from t.k{i}"
            for i, pair in enumerate(match.key)
        )
        keys = ", ".join(f"k{i}" for i in range(len(match.key)))
        own = sides.a if mine == "a" else sides.b
        return (
            f"select * exclude ({keys}) from (select {match.keys(mine)}, * "
            f"from {own.sql}) as t where not exists "
            f"(select 1 from {table.sql} as o where {same})"
        )

    keys = ", ".join(f"a.k{i} as {quote(pair.name)}" for i, pair in enumerate(match.key))
    values = ", ".join(
        f"{{column_name: {literal(pair.name)}, value_a: cast(a.c{i} as varchar), "
        f"value_b: cast(b.c{i} as varchar), is_changed: d{i}}}"
        for i, pair in enumerate(match.others)
    )
    views = {
        "only_in_a": partner("a", "b", sides.b),
        "only_in_b": partner("b", "a", sides.a),
        "duplicated_keys": _duplicated_keys(
            match, [quote(pair.name) for pair in match.key]
        ),
    }
    if match.others:
        names = ", ".join(quote(pair.name) for pair in match.key)
        views["changed_values"] = (
            f"select {names}, v.column_name as changed_column, v.value_a, v.value_b from "
            f"(select {keys}, unnest(list_filter([{values}], lambda v: v.is_changed)) "
            f"as v from ({match.joined()}) where {match.is_changed})"
        )
    return views


def whole_rows(sides: Sides) -> RowCounts:
    """Count whole rows in both tables; each that one has more often is a difference."""
    query = _counted(sides)
    n = len(sides.pairs)
    counts = (
        "select coalesce(sum(greatest(n_a - n_b, 0)), 0)::bigint as n_only_a, "
        "coalesce(sum(greatest(n_b - n_a, 0)), 0)::bigint as n_only_b, "
        f"coalesce(sum(least(n_a, n_b)), 0)::bigint as n_unchanged from ({query})"
    )
    only_a, only_b, both = sides.a.engine.rows(counts)[0]
    columns = ", ".join(f"c{i}" for i in range(n))
    samples = []
    for kind, n_found, where in (
        ("only_a", only_a, "n_a > n_b"),
        ("only_b", only_b, "n_b > n_a"),
    ):
        if not n_found:
            continue
        listed = ", ".join(_text(f"c{i}") for i in range(min(n, COLUMNS)))
        rows = sides.a.engine.rows(
            f"select {listed}, n_a, n_b from ({query}) where {where} "
            f"order by {columns} limit {SAMPLE}"
        )
        for sample, row in enumerate(rows, 1):
            text = _json(dict(zip((p.name for p in sides.pairs), row[:-2], strict=False)))
            samples.append(
                RowDifference(
                    kind=kind,
                    sample=sample,
                    row_a=text if kind == "only_a" else None,
                    row_b=text if kind == "only_b" else None,
                    n_a=row[-2],
                    n_b=row[-1],
                )
            )
    named = ", ".join(f"c{i} as {quote(p.name)}" for i, p in enumerate(sides.pairs))
    return RowCounts(
        n_only_a=only_a,
        n_only_b=only_b,
        n_unchanged=both,
        samples=tuple(samples),
        views={
            "only_in_a": f"select {named}, n_a - n_b as n_more from ({query}) "
            "where n_a > n_b",
            "only_in_b": f"select {named}, n_b - n_a as n_more from ({query}) "
            "where n_b > n_a",
        },
        evidence_sql=counts,
    )


def _counted(sides: Sides) -> str:
    mine = [f"{pair.comparable()[0]} as c{i}" for i, pair in enumerate(sides.pairs)]
    other = [pair.comparable()[1] for pair in sides.pairs]
    columns = ", ".join(f"c{i}" for i in range(len(sides.pairs)))
    return (
        f"select {columns}, sum(n_a)::bigint as n_a, sum(n_b)::bigint as n_b from ("
        f"select {', '.join(mine)}, 1 as n_a, 0 as n_b from {sides.a.sql} union all "
        f"select {', '.join(other)}, 0, 1 from {sides.b.sql}) group by {columns}"
    )


def _text(sql: str) -> str:
    return f"left(cast({sql} as varchar), {CHARACTERS})"


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
