"""Pairs of columns in a state: sums of products of measures, counts of dimensions.

The first part of a state chooses which columns are related and the scale of each measure:
a centre and a power of two, by which values become integers of 2^-62. Sums of those
integers, and counts, add up exactly, in any order. A measure that leaves the reach of its
scale, or a dimension that gets too many levels, drops out of the pairs, which again
depends on the rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from dsp.engine.duckdb_engine import literal
from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.inference.tables import chi_square, cramers_v
from dsp.records import Association, ColumnProfile
from dsp.statistics.base import NUMERIC, Column
from dsp.statistics.frame import Frame, association, kind_of
from dsp.statistics.moments import ONE, Scale, float_sql
from dsp.statistics.relations import finished
from dsp.statistics.states import State

MOST_MEASURES, MOST_DIMENSIONS = 20, 12
"""Columns of each kind that are related, the first of the table."""
MOST_LEVELS = 50
"""Values of a dimension."""
REACH = float(1 << 20)
"""Units of its scale that a value may lie from the centre."""
CHUNK = 30

RELATED = {
    "column_name": "varchar",
    "kind": "varchar",
    "exponent": "integer",
    "shift": "double",
    "is_dropped": "boolean",
}
SUMS = ("sum_a", "sum_b", "sum_aa", "sum_bb", "sum_ab")
PRODUCTS = {
    "column_a": "varchar",
    "column_b": "varchar",
    "n_rows": "bigint",
    **dict.fromkeys(SUMS, "hugeint"),
}
LEVELS = {
    "column_a": "varchar",
    "column_b": "varchar",
    "value_a": "varchar",
    "value_b": "varchar",
    "n_rows": "bigint",
}
PAIR_TABLES = {
    "state_related": RELATED,
    "state_products": PRODUCTS,
    "state_levels": LEVELS,
}
"""Tables of pairs, with the types of their columns."""


def create_pairs(state: State) -> None:
    """Create the tables of pairs, empty."""
    for name, columns in PAIR_TABLES.items():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        state.engine.execute(f"create or replace table {state.table(name)} ({listed})")


def choose(state: State, columns: Sequence[ColumnProfile]) -> None:
    """Choose the columns that are related, from the profile of the first part."""
    kinds = {c.column_name: kind_of(c) for c in columns}
    measures = [c for c in columns if kinds[c.column_name] == "measure"]
    dimensions = [c for c in columns if kinds[c.column_name] == "dimension"]
    for column in measures[:MOST_MEASURES]:
        low, high = column.min_number or 0.0, column.max_number or 0.0
        centre = low / 2 + high / 2 if column.q50 is None else column.q50
        scale = Scale.of(low, high, centre)
        _relate(state, column, "measure", f"{scale.exponent}, {float_sql(scale.shift)}")
    for column in dimensions[:MOST_DIMENSIONS]:
        _relate(state, column, "dimension", "null, null")


def _relate(state: State, column: ColumnProfile, kind: str, scale: str) -> None:
    state.engine.execute(
        f"insert into {state.table('state_related')} values "
        f"({literal(column.column_name)}, {literal(kind)}, {scale}, false)"
    )


def add_pairs(state: State, whole: State, source: str, columns: Sequence[Column]) -> None:
    """Describe the pairs of a part by the choice of the whole.

    Parameters
    ----------
    state
        State of the part; its other tables are filled.
    whole
        State that has chosen.
    source, columns
        The rows of the part, and its columns.
    """
    engine, by_name = state.engine, {column.name: column for column in columns}
    # By name: the same pair is never added up under both of its orders.
    related = engine.rows(
        f"from {whole.table('state_related')} where not is_dropped order by column_name"
    )
    measures = [
        (by_name[name], Scale(exponent, shift))
        for name, kind, exponent, shift, _ in related
        if kind == "measure" and name in by_name and by_name[name].family in NUMERIC
    ]
    dimensions = [
        by_name[name]
        for name, kind, *_ in related
        if kind == "dimension" and name in by_name
    ]
    engine.execute(
        f"insert into {state.table('state_related')} from {whole.table('state_related')}"
    )
    kept = _within_reach(state, source, measures)
    _add_products(state, source, [pair for pair in measures if pair[0].name in kept])
    _add_levels(state, source, dimensions)


def _within_reach(
    state: State, source: str, measures: Sequence[tuple[Column, Scale]]
) -> set[str]:
    """Return the measures all of whose values a scale reaches; drop the others."""
    if not measures:
        return set()
    terms = ", ".join(
        f"coalesce(max(abs({scale.sql(column.number)})), 0)" for column, scale in measures
    )
    most = state.engine.rows(f"select {terms} from {source}")[0]
    far = [c.name for (c, _), size in zip(measures, most, strict=True) if size > REACH]
    _drop(state, far)
    return {column.name for column, _ in measures} - set(far)


def _drop(state: State, names: Sequence[str]) -> None:
    for name in names:
        state.engine.execute(
            f"update {state.table('state_related')} set is_dropped = true "
            f"where column_name = {literal(name)}"
        )


def _add_products(
    state: State, source: str, measures: Sequence[tuple[Column, Scale]]
) -> None:
    scaled = ", ".join(
        f"{scale.sql(column.number)} as z{i}"
        for i, (column, scale) in enumerate(measures)
    )
    pairs = list(combinations(range(len(measures)), 2))
    for start in range(0, len(pairs), CHUNK):
        part = pairs[start : start + CHUNK]
        listed = ", ".join(term for i, j in part for term in _terms(f"z{i}", f"z{j}"))
        row = state.engine.rows(f"select {listed} from (select {scaled} from {source})")[
            0
        ]
        for place, (i, j) in enumerate(part):
            names = f"{literal(measures[i][0].name)}, {literal(measures[j][0].name)}"
            values = ", ".join(str(v or 0) for v in row[6 * place : 6 * place + 6])
            state.engine.execute(
                f"insert into {state.table('state_products')} values ({names}, {values})"
            )


def _terms(a: str, b: str) -> Iterator[str]:
    """Yield the aggregates of a pair, over the rows that have both."""
    yield f"count({a} + {b})"
    for value in (a, b, f"{a} * {a}", f"{b} * {b}", f"{a} * {b}"):
        fixed = f"cast({value} * {ONE}e0 as hugeint)"
        yield f"sum({fixed}) filter (where {a} is not null and {b} is not null)"


def _add_levels(state: State, source: str, dimensions: Sequence[Column]) -> None:
    many = state.engine.rows(
        f"select column_name from {state.table('state_values')} group by 1 "
        f"having count(*) > {MOST_LEVELS}"
    )
    far = {row[0] for row in many} & {column.name for column in dimensions}
    _drop(state, sorted(far))
    kept = [column for column in dimensions if column.name not in far]
    for a, b in combinations(kept, 2):
        state.engine.execute(
            f"insert into {state.table('state_levels')} select {literal(a.name)}, "
            f"{literal(b.name)}, cast({a.value} as varchar), cast({b.value} as varchar), "
            f"count(*) from {source} where {a.value} is not null "
            f"and {b.value} is not null group by all"
        )


def merge_pairs(into: State, other: State) -> None:
    """Add the pairs of a state to another's; call it after `merge`."""
    engine = into.engine
    both = {
        name: f"(from {into.table(name)} union all from {other.table(name)})"
        for name in PAIR_TABLES
    }
    sums = ", ".join(f"cast(sum({name}) as hugeint)" for name in SUMS)
    merged = {
        "state_related": "select column_name, any_value(kind), any_value(exponent), "
        "any_value(shift), bool_or(is_dropped) or (any_value(kind) = 'dimension' and "
        f"column_name in (select column_name from {into.table('state_values')} "
        f"group by 1 having count(*) > {MOST_LEVELS})) "
        f"from {both['state_related']} group by column_name",
        "state_products": "select column_a, column_b, cast(sum(n_rows) as bigint), "
        f"{sums} from {both['state_products']} group by 1, 2",
        "state_levels": "select column_a, column_b, value_a, value_b, "
        f"cast(sum(n_rows) as bigint) from {both['state_levels']} group by 1, 2, 3, 4",
    }
    for name, select in merged.items():
        listed = ", ".join(PAIR_TABLES[name])
        engine.execute(
            f"create or replace temp table dsp_merged as "
            f"from ({select}) as merged({listed})"
        )
        gone = f"select column_name from {into.table('state_related')} where is_dropped"
        where = (
            ""
            if name == "state_related"
            else (f" where column_a not in ({gone}) and column_b not in ({gone})")
        )
        engine.execute(
            f"create or replace table {into.table(name)} as from dsp_merged{where}"
        )
    engine.execute("drop table dsp_merged")


def relations_of(
    state: State, columns: Sequence[ColumnProfile], *, target: str | None = None
) -> tuple[Association, ...]:
    """Return Pearson's r of measures and Cramér's V of dimensions of all rows."""
    usable = {c.column_name: c for c in columns if kind_of(c) is not None}
    aim = target if target in usable else None
    frame = Frame(state.engine, state.table("state_products"), usable, aim)
    found = [*_pearsons(state, frame), *_cramers(state, frame)]
    return finished(frame, found)


def _pearsons(state: State, frame: Frame) -> Iterator[Association]:
    listed = ", ".join(PRODUCTS)
    rows = state.engine.rows(
        f"select {listed} from {state.table('state_products')} order by 1, 2"
    )
    for a, b, n, *sums in rows:
        if not {a, b} <= {x for x in frame.profiles if frame.kind(x) == "measure"}:
            continue
        r = correlation_of(n, [int(value) for value in sums])
        yield association(
            (a, b),
            "pearson",
            r,
            n_rows=n,
            evidence_sql=_product_sql(a, b),
            test=None if r is None else pearson_test(r, n),
            interval=None if r is None else fisher_interval(r, n),
            is_signed=True,
            reason="a column does not vary over the rows with both"
            if r is None
            else None,
        )


def correlation_of(n: int, sums: Sequence[int]) -> float | None:
    """Return Pearson's r from the sums of a, b, a², b² and ab in units of 2^-62."""
    a, b, aa, bb, ab = sums
    spread_a, spread_b = n * aa * ONE - a * a, n * bb * ONE - b * b
    if spread_a <= 0 or spread_b <= 0:
        return None
    shared = n * ab * ONE - a * b
    size = math.sqrt(shared * shared / (spread_a * spread_b))
    return math.copysign(min(1.0, size), 1 if shared >= 0 else -1)


def _product_sql(a: str, b: str) -> str:
    unit = repr(2.0**-62)
    terms = ", ".join(f"{name} * {unit} as {name}" for name in SUMS)
    return (
        "select n_rows, (n_rows * sum_ab - sum_a * sum_b) / sqrt((n_rows * sum_aa - "
        "sum_a * sum_a) * (n_rows * sum_bb - sum_b * sum_b)) as value\n"
        f"from (select n_rows, {terms} from state_products\n"
        f"    where column_a = {literal(a)} and column_b = {literal(b)})"
    )


def _cramers(state: State, frame: Frame) -> Iterator[Association]:
    rows = state.engine.rows(
        "select column_a, column_b, value_a, value_b, n_rows from "
        f"{state.table('state_levels')} order by all"
    )
    tables: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for a, b, first, second, n in rows:
        tables.setdefault((a, b), {})[first, second] = n
    for (a, b), cells in tables.items():
        if not {a, b} <= {x for x in frame.profiles if frame.kind(x) == "dimension"}:
            continue
        firsts = sorted({first for first, _ in cells})
        seconds = sorted({second for _, second in cells})
        counts = [[cells.get((x, y), 0) for y in seconds] for x in firsts]
        value = cramers_v(counts)
        yield association(
            (a, b),
            "cramers_v",
            value,
            n_rows=sum(cells.values()),
            evidence_sql="select value_a, value_b, n_rows\nfrom state_levels\n"
            f"where column_a = {literal(a)} and column_b = {literal(b)}\norder by 1, 2",
            test=chi_square(counts),
            reason=None
            if value is not None
            else "a column has one value in the rows of both",
        )
