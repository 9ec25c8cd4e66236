"""The target compared over every other column, from sums that are there already."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dsp.errors import CancelledError, DspError
from dsp.inference.base import Group
from dsp.records import GroupSummary, GroupTest, Problem
from dsp.statistics.frame import Frame
from dsp.statistics.groups.means import RankSums, mean_tests, rank_tests
from dsp.statistics.groups.results import Comparisons, Pair, adjusted, mean_summaries
from dsp.statistics.groups.shares import MOST_LISTED, share_summaries, share_tests
from dsp.statistics.reader import Reader

MOST_VALUES = 2_000_000
"""Values that are ranked unasked: rows by pairs of columns."""
NO_MEDIAN = "the median is not taken unasked"


def compare_target(frame: Frame) -> Comparisons:
    """Return the groups and tests of the target with every other column.

    A measured target by each dimension; of a target of categories each measure by the
    target, and the target by each dimension. No scan beyond that of `Frame.statistics`,
    but one to rank values where they are few enough.
    """
    target = frame.target
    if target is None:
        return Comparisons()
    others = [name for name in frame.profiles if name != target]
    is_measure = frame.kind(target) == "measure"
    groups: list[GroupSummary] = []
    tests: list[GroupTest] = []
    try:
        numbers: list[tuple[str, str]] = []
        for name in others:
            kind = frame.kind(name)
            if is_measure and kind == "dimension":
                numbers.append((target, name))
            elif not is_measure and kind == "measure":
                numbers.append((name, target))
        ranked, reason = _ranked(frame, numbers)
        for pair in numbers:
            rows, found = _means(frame, *pair, ranked.get(pair), reason)
            groups, tests = [*groups, *rows], [*tests, *found]
        for name in others:
            if not is_measure and frame.kind(name) == "dimension":
                rows, found = _counted(frame, target, name)
                groups, tests = [*groups, *rows], [*tests, *found]
    except CancelledError:
        raise
    except (DspError, ArithmeticError, ValueError, LookupError) as error:
        problem = Problem(
            problem_id=1,
            stage="analysis",
            plugin="statistics.groups",
            error=f"{type(error).__name__}: {error}",
            hint="the other statistics are complete",
        )
        return Comparisons(tuple(groups), adjusted(tests), (problem,))
    return Comparisons(tuple(groups), adjusted(tests))


def _means(
    frame: Frame, value: str, by: str, ranked: RankSums | None, reason: str
) -> tuple[list[GroupSummary], list[GroupTest]]:
    """Compare a measure over the values of a dimension."""
    scale = Reader(frame.engine, frame.source, frame.profiles).scale(value)
    known = [
        (label, group)
        for label, group in zip(
            frame.levels(by), frame.statistics.groups[by, value], strict=False
        )
        if group.n
    ]
    groups = [_unscaled(group, scale.exponent, scale.shift) for _, group in known]
    # Differences are tested around the centre: far from zero their means are rounded.
    near = [_unscaled(group, scale.exponent, 0.0) for _, group in known]
    pair = Pair(
        value,
        by,
        is_target=True,
        labels=tuple(label for label, _ in known),
        n_rows=sum(group.n for group in groups),
    )
    sql = _moments_sql(frame, value, by)
    rank_sql = _ranks_sql(frame, value, by)
    tests = mean_tests(pair, near, None, sql)
    tests += rank_tests(pair, [g.n for g in groups], ranked, rank_sql, reason)
    none = [None] * len(groups)
    rows = mean_summaries(pair, groups, none, sql, reason=NO_MEDIAN)
    return rows[:MOST_LISTED], tests


def _unscaled(group: Group, exponent: int, shift: float) -> Group:
    variance = _ldexp(group.variance, 2 * exponent)
    return Group(group.n, _ldexp(group.mean + shift, exponent), variance)


def _ldexp(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)


def _moments_sql(frame: Frame, value: str, by: str) -> str:
    column, number = frame.column(by).value, frame.column(value).number
    centred = frame.centred(value)
    offset = "" if centred == number else " (moved or scaled as written)"
    return (
        f"-- moments of each group{offset}\n"
        f"select cast({column} as varchar) as group_value, count(*) as n_rows,\n"
        f"    avg({centred}) as mean, var_samp({centred}) as variance\n"
        f"from {frame.source}\nwhere {column} is not null\n"
        f"    and {number} is not null\ngroup by 1\norder by 1"
    )


def _ranks_sql(frame: Frame, value: str, by: str) -> str:
    column, number = frame.column(by).value, frame.column(value).number
    return (
        "select cast(g as varchar) as group_value, count(*) as n_rows, "
        "sum(rank) as rank_sum\nfrom (\n    select g, rank() over (order by v) + "
        "(count(*) over (partition by v) - 1) / 2 as rank\n    from (\n        select "
        f"{column} as g, {number} as v\n        from {frame.source}\n        where "
        f"{column} is not null\n            and {number} is not null\n    )\n)\n"
        "group by g\norder by group_value"
    )


def _ranked(
    frame: Frame, pairs: Sequence[tuple[str, str]]
) -> tuple[dict[tuple[str, str], RankSums], str]:
    """Return the rank sums of values by groups, or why they were not taken."""
    n_values = frame.n_rows * len(pairs)
    names = list(dict.fromkeys(value for value, _ in pairs))
    if n_values > MOST_VALUES or not frame.fits_in_memory(len(names) + len(pairs)):
        return {}, (
            f"{n_values:,} values to rank are more than {MOST_VALUES:,}: "
            "ask for one comparison with compare_groups"
        )
    if not pairs or not frame.n_rows:
        return {}, ""
    codes = frame.codes(names)
    by = list(dict.fromkeys(name for _, name in pairs))
    groups = _group_codes(frame, by)
    return {
        (value, name): _rank_sums(*codes[value], groups[name], len(frame.levels(name)))
        for value, name in pairs
    }, ""


def _group_codes(frame: Frame, names: Sequence[str]) -> dict[str, Any]:
    """Return the place of each row's group; none is the number of groups."""
    import numpy as np

    reader = Reader(
        frame.engine, frame.source, frame.profiles, levels=frame.statistics.levels
    )
    parts: list[list[Any]] = [[] for _ in names]
    for _, codes in reader.batches((), names, number=reader.number):
        for part, column in zip(parts, codes, strict=True):
            part.append(column.astype(np.int16))
    return {name: np.concatenate(part) for name, part in zip(names, parts, strict=True)}


def _rank_sums(codes: Any, n_distinct: int, groups: Any, n_groups: int) -> RankSums:
    """Return the sums of average ranks in the rows with a value and a group."""
    import numpy as np

    both = (codes < n_distinct) & (groups < n_groups)
    values, places = codes[both], groups[both]
    counts = np.bincount(values, minlength=n_distinct)
    # Twice the ranks, whole numbers: sums stay below 2^53 for any data ranked unasked.
    twice = 2 * np.cumsum(counts) - counts + 1
    sums = np.bincount(places, weights=twice[values], minlength=n_groups)
    sizes = np.bincount(places, minlength=n_groups)
    tied = counts[counts > 1].astype(object)
    ties = int((tied**3 - tied).sum()) if len(tied) else 0
    return RankSums(tuple(float(s) / 2 for s in sums[sizes > 0]), ties)


def _counted(
    frame: Frame, value: str, by: str
) -> tuple[list[GroupSummary], list[GroupTest]]:
    """Compare the shares of the values of a target over those of a dimension."""
    matrix = frame.table(by, value)
    labels, values = frame.levels(by), frame.levels(value)
    rows = [i for i in range(len(labels)) if matrix[i].sum() > 0]
    columns = [j for j in range(len(values)) if matrix[:, j].sum() > 0]
    table = [[int(matrix[i, j]) for j in columns] for i in rows]
    pair = Pair(
        value,
        by,
        is_target=True,
        labels=tuple(labels[i] for i in rows),
        n_rows=sum(map(sum, table)),
    )
    named = [values[j] for j in columns]
    sql = (
        "select a as group_value, b as value, n_rows\n"
        f"from (\n{frame.pair_sql(by, value)}\n)\norder by 1, 2"
    )
    return (
        share_summaries(pair, table, named, sql),
        share_tests(pair, table, named, sql),
    )
