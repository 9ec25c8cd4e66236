"""One comparison of groups, exact whatever it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dsp.engine.duckdb_engine import DuckEngine
from dsp.errors import ColumnNotFoundError, DspError
from dsp.inference.base import Group
from dsp.inference.groups import brown_forsythe
from dsp.inference.variance import Sums, analysis_of_variance, group_of
from dsp.records import GroupSummary, GroupTest
from dsp.statistics.base import DATED, NUMERIC, Column, columns_of
from dsp.statistics.exact import Moved
from dsp.statistics.exact_sums import Whole
from dsp.statistics.groups.means import (
    NO_SPREAD,
    RankSums,
    mean_tests,
    paired_tests,
    rank_tests,
    spread_rows,
)
from dsp.statistics.groups.results import Comparison, Pair, adjusted, mean_summaries
from dsp.statistics.groups.shares import paired_shares, share_summaries, share_tests
from dsp.statistics.regression.design import centre_of, condition_of

MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """A value and the column that makes its groups."""

    engine: DuckEngine
    source: str
    value: Column
    by: Column

    @property
    def where(self) -> str:
        return condition_of([self.value]) + f" and {self.by.value} is not null"

    def grouped(self, terms: str, *, inner: str = "") -> str:
        """Return SQL of aggregates of each group, in the order of the groups."""
        return (
            f"select cast(g as varchar) as group_value, {terms}\n"
            f"from (\n    select {self.by.value} as g{inner}\n    from {self.source}\n"
            f"    where {self.where}\n)\ngroup by g\norder by g"
        )


def compare_groups(engine: DuckEngine, source: str, value: str, by: str) -> Comparison:
    """Return the groups of a column and their tests; see `StatisticsEngine`."""
    known = {column.name: column for column in columns_of(engine, source)}
    for name in (value, by):
        if name not in known:
            raise ColumnNotFoundError.of(name, list(known))
    if value == by:
        raise DspError(f'"{by}" cannot be compared by itself', hint="name two columns")
    asked = _Asked(engine, source, known[value], known[by])
    for column in (asked.value, asked.by):
        if column.family in ("nested", "binary"):
            raise DspError(
                f'"{column.name}" holds {column.data_type}, which makes no groups',
                hint="name a number, text, date or boolean",
            )
    is_number = asked.value.family in (*NUMERIC, *DATED)
    if is_number and not _is_indicator(asked):
        rows, tests = _numbers(asked)
    else:
        rows, tests = _shares(asked)
    return Comparison(tuple(rows), adjusted(tests))


def _is_indicator(asked: _Asked) -> bool:
    """Return whether a number is only ever 0 or 1."""
    sql = asked.value.sql
    if asked.value.family in DATED:
        return False
    row = asked.engine.rows(
        f"select min({sql}) = 0 and max({sql}) = 1 and count_if({sql} not in (0, 1)) = 0 "
        f"from {asked.source} where {asked.where}"
    )
    return bool(row[0][0])


def _whole(asked: _Asked) -> tuple[Moved, Whole]:
    column = asked.value
    plain = column.sql if column.family in ("integer", "decimal") else column.number
    n, low, high, mean = asked.engine.rows(
        f"select count(*), cast(min({plain}) as varchar), cast(max({plain}) as varchar), "
        f"avg({column.number}) from {asked.source} where {asked.where}"
    )[0]
    if low is None:
        moved = Moved.of(column, 0, 0, 0.0)
    else:
        moved = Moved.of(column, low, high, centre_of(mean, float(low), float(high)))
    return moved, Whole.of(moved, n)


def _numbers(asked: _Asked) -> tuple[list[GroupSummary], list[GroupTest]]:
    moved, whole = _whole(asked)
    text = asked.grouped(
        "count(d), sum(d), sum(cast(d as hugeint) * d), median(d)",
        inner=f", {whole.sql} as d",
    )
    found = asked.engine.rows(text + f" limit {MOST_GROUPS + 1}")
    if len(found) > MOST_GROUPS:
        raise DspError(
            f'"{asked.by.name}" makes more than {MOST_GROUPS:,} groups',
            hint="name a column of fewer values",
        )
    sums = [Sums(n, int(total), int(squares)) for _, n, total, squares, _ in found]
    groups = [group_of(one, whole.unit, whole.origin) for one in sums]
    # Differences are tested around the origin: far from zero their means are rounded.
    near = [group_of(one, whole.unit, Fraction(0)) for one in sums]
    medians = [float(whole.origin + whole.unit * int(2 * m) / 2) for *_, m in found]
    pair = Pair(
        asked.value.name,
        asked.by.name,
        labels=tuple(label for label, *_ in found),
        n_rows=sum(one.n for one in sums),
    )
    variance = analysis_of_variance(sums, whole.unit)
    sql = _moments_sql(asked, moved)
    tests = mean_tests(pair, near, variance, sql)
    tests += spread_rows(pair, variance, sql)
    tests.append(_brown_forsythe(asked, pair, moved))
    ranked, rank_sql = _rank_sums(asked)
    tests += rank_tests(pair, [one.n for one in sums], ranked, rank_sql)
    tests += paired_tests(pair, near, sql)
    return mean_summaries(pair, groups, medians, sql), tests


def _moments_sql(asked: _Asked, moved: Moved) -> str:
    return "-- moments of each group, moved (or scaled) as written\n" + asked.grouped(
        "count(*) as n_rows, avg(x) as mean, var_samp(x) as variance,\n"
        "    median(x) as median",
        inner=f", {moved.shown} as x",
    )


def _brown_forsythe(asked: _Asked, pair: Pair, moved: Moved) -> GroupTest:
    """Return the test of distances from the medians of the groups."""
    sql = (
        "select cast(g as varchar) as group_value, count(*) as n_rows, avg(away) as mean,"
        "\n    var_samp(away) as variance\nfrom (\n    select g, abs(x - median(x) over "
        f"(partition by g)) as away\n    from (\n        select {asked.by.value} as g, "
        f"{moved.z} as x\n        from {asked.source}\n        where {asked.where}\n"
        "    )\n)\ngroup by g\norder by g"
    )
    rows = asked.engine.rows(sql)
    groups = [Group(n, mean, variance or 0.0) for _, n, mean, variance in rows]
    return pair.test("Brown-Forsythe test", brown_forsythe(groups), sql, NO_SPREAD)


def _rank_sums(asked: _Asked) -> tuple[RankSums, str]:
    """Return sums of ranks, from the rows by value and group.

    Twice the ranks are summed, which are whole numbers.
    """
    column = asked.value
    plain = column.sql if column.family in ("integer", "decimal") else column.number
    sql = (
        "with counted as (\n"
        f"    select {plain} as v, {asked.by.value} as g, count(*) as n\n"
        f"    from {asked.source}\n    where {asked.where}\n    group by 1, 2\n),\n"
        "ranked as (\n    select v, g, n, 2 * sum(n) over (order by v) - "
        "sum(n) over (partition by v) + 1 as rank,\n        "
        "sum(n) over (partition by v) as t,\n        row_number() over (partition by v "
        "order by g) as k\n    from counted\n)\n"
        "select cast(g as varchar) as group_value, sum(n) as n_rows,\n    "
        "sum(cast(rank as hugeint) * n) as twice_rank_sum,\n    "
        "sum(case when k = 1 then cast(t as hugeint) * t * t - t else 0 end) as ties\n"
        "from ranked\ngroup by g\norder by g"
    )
    rows = asked.engine.rows(sql)
    sums = tuple(int(twice) / 2 for _, _, twice, _ in rows)
    return RankSums(sums, sum(int(ties) for *_, ties in rows)), sql


def _shares(asked: _Asked) -> tuple[list[GroupSummary], list[GroupTest]]:
    sql = (
        "select cast(g as varchar) as group_value, cast(v as varchar) as value, "
        "count(*) as n_rows\n"
        f"from (\n    select {asked.by.value} as g, {asked.value.value} as v\n"
        f"    from {asked.source}\n    where {asked.where}\n)\n"
        "where v is not null\ngroup by g, v\norder by g, v"
    )
    rows = asked.engine.rows(sql + f"\nlimit {MOST_GROUPS * 10 + 1}")
    labels = tuple(dict.fromkeys(label for label, _, _ in rows))
    values = _ordered(asked, [value for _, value, _ in rows])
    if len(rows) > MOST_GROUPS * 10 or len(labels) * len(values) > MOST_GROUPS * 100:
        raise DspError(
            f'"{asked.value.name}" has too many values to be counted by '
            f'"{asked.by.name}"',
            hint="name columns of fewer values",
        )
    counts = {(label, value): n for label, value, n in rows}
    table = [[counts.get((label, value), 0) for value in values] for label in labels]
    pair = Pair(
        asked.value.name, asked.by.name, labels=labels, n_rows=sum(counts.values())
    )
    summaries = share_summaries(pair, table, values, sql)
    tests = share_tests(pair, table, values, sql)
    return summaries, tests + paired_shares(pair, table, values, sql)


def _ordered(asked: _Asked, values: Sequence[str]) -> list[str]:
    """Return the distinct values in their own order, numbers as numbers."""
    distinct = set(values)
    if asked.value.family in NUMERIC:
        return sorted(distinct, key=float)
    return sorted(distinct)
