"""What missing values depend on: other columns, where one is missing and where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dsp.inference.base import Group
from dsp.inference.effects import hedges_g
from dsp.inference.groups import welch_t
from dsp.inference.multiplicity import benjamini_hochberg
from dsp.inference.tables import chi_square, cramers_v
from dsp.records import MissingPredictor
from dsp.statistics.base import DATED
from dsp.statistics.frame import kind_of
from dsp.statistics.moments import ONE, Moments, Scale, moments_of
from dsp.statistics.structure.base import Data
from dsp.statistics.structure.missing import Gaps, masks

MOST_COLUMNS = 20
"""Columns with missing values that are explained, those of most missing values."""
FEWEST, FEW_GAPS = 10, 8
"""Rows with and without a value that a column needs; columns where patterns are many."""
MANY_PATTERNS = 1_000
MOST_PREDICTORS = 40
"""Measures, and dimensions, that are tried."""
_CHUNK = 20


def missing_predictors(found: Gaps) -> list[MissingPredictor]:
    """Return whether other columns differ where a column is missing.

    Measures and dates are compared by their means (Welch's t test, Hedges' g), dimensions
    by their counts (chi-square test, Cramér's V). Rows without the predictor are left
    out. q values are Benjamini and Hochberg's over all tests. Effects, not p values, tell
    what matters in large tables.
    """
    data = found.data
    most = MOST_COLUMNS if found.n_patterns <= MANY_PATTERNS else FEW_GAPS
    ranked = sorted(
        (n for n in found.names if _is_testable(data, n)), key=lambda n: -data.missing(n)
    )
    gappy = sorted(ranked[:most], key=lambda n: data.profiles[n].position)
    if not gappy:
        return []
    rows = [*_by_means(data, gappy), *_by_counts(data, gappy)]
    order = {name: i for i, name in enumerate(data.profiles)}
    rows.sort(key=lambda r: (order[r.column_name], order[r.predictor]))
    tested = [row.p_value for row in rows if row.p_value is not None]
    adjusted = iter(benjamini_hochberg(tested))
    return [
        replace(
            row,
            q_value=None if row.p_value is None else next(adjusted),
            n_tests=len(tested),
        )
        for row in rows
    ]


def _is_testable(data: Data, name: str) -> bool:
    return min(data.missing(name), data.n_rows - data.missing(name)) >= FEWEST


def _measures(data: Data) -> list[str]:
    """Return measures and dates that vary."""
    found = [
        name
        for name, p in data.profiles.items()
        if p.n_distinct > 1
        and p.min_number is not None
        and (p.family in DATED or kind_of(p) == "measure")
    ]
    return found[:MOST_PREDICTORS]


def _by_means(data: Data, gappy: Sequence[str]) -> list[MissingPredictor]:
    rows = []
    names = _measures(data)
    for start in range(0, len(names), _CHUNK):
        part = names[start : start + _CHUNK]
        groups = _moments(data, gappy, part)
        for column in gappy:
            for name in part:
                if name != column:
                    missing, present = groups[column, name]
                    rows.append(_means(data, column, name, missing, present))
    return rows


def _moments(
    data: Data, gappy: Sequence[str], names: Sequence[str]
) -> dict[tuple[str, str], tuple[Moments, Moments]]:
    """Return moments where a column is missing and where not, from one scan.

    Fixed-point sums by pattern of missing values add up exactly, in any order.
    """
    scales = {name: _scale(data, name) for name in names}
    scaled = ", ".join(
        f"{scales[name].sql(data.column(name).number)} as z{i}"
        for i, name in enumerate(names)
    )
    (mask,) = masks(data, gappy)
    terms = ", ".join(
        f"count(z{i}), sum(cast(z{i} * {ONE}e0 as bigint)), "
        f"sum(cast(z{i} * z{i} * {ONE}e0 as bigint))"
        for i in range(len(names))
    )
    rows = data.engine.rows(
        f"select dsp_mask, {terms} from (select {mask} as dsp_mask, {scaled} "
        f"from {data.source}) group by 1"
    )
    found = {}
    for bit, column in enumerate(gappy):
        for i, name in enumerate(names):
            sums = [[0, 0, 0], [0, 0, 0]]
            for pattern, *figures in rows:
                side = sums[0 if pattern >> bit & 1 else 1]
                for k in range(3):
                    side[k] += int(figures[3 * i + k] or 0)
            both = [moments_of(n, (a1, a2, 0, 0), scales[name]) for n, a1, a2 in sums]
            found[column, name] = (both[0], both[1])
    return found


def _scale(data: Data, name: str) -> Scale:
    p = data.profiles[name]
    low, high = p.min_number or 0.0, p.max_number or 0.0
    centre = low / 2 + high / 2 if p.q50 is None else p.q50
    return Scale.of(low, high, min(high, max(low, centre)))


def _means(
    data: Data, column: str, name: str, missing: Moments, present: Moments
) -> MissingPredictor:
    test = effect = None
    if _is_group(missing) and _is_group(present):
        a, b = _group(missing), _group(present)
        test, effect = welch_t(a, b), hedges_g(a, b)
    reason = None
    if min(missing.n, present.n) < 2:
        reason = f"fewer than two values of {name} where {column} is missing or is not"
    elif test is None:
        reason = f"{name} does not vary within the groups"
    number = data.column(name).number
    return MissingPredictor(
        column_name=column,
        predictor=name,
        effect_name="hedges_g",
        effect=effect.value if effect else None,
        low=effect.low if effect else None,
        high=effect.high if effect else None,
        when_missing=missing.mean,
        when_present=present.mean,
        test=test.name if test else None,
        statistic=test.statistic if test else None,
        df=test.df if test else None,
        p_value=test.p_value if test else None,
        n_tests=0,
        n_rows=missing.n + present.n,
        reason=reason,
        evidence_sql=(
            f"select\n    {data.value(column)} is null as is_missing,\n"
            f"    count({number}) as n_rows,\n    avg({number}) as mean\n"
            f"from {data.source}\ngroup by 1\norder by 1"
        ),
    )


def _is_group(moments: Moments) -> bool:
    return moments.mean is not None and moments.sd is not None


def _group(moments: Moments) -> Group:
    return Group(moments.n, moments.mean or 0.0, (moments.sd or 0.0) ** 2)


def _by_counts(data: Data, gappy: Sequence[str]) -> list[MissingPredictor]:
    rows = []
    names = [n for n, p in data.profiles.items() if kind_of(p) == "dimension"]
    counts = _counts(data, gappy, names[:MOST_PREDICTORS])
    for name, levels in counts.items():
        for i, column in enumerate(gappy):
            if name != column:
                table = [(level[1 + i], level[0] - level[1 + i]) for level in levels]
                rows.append(_table(data, column, name, table))
    return rows


def _counts(
    data: Data, gappy: Sequence[str], names: Sequence[str]
) -> Mapping[str, list[list[int]]]:
    """Return rows, and rows that lack each column, by value of each dimension."""
    if not names:
        return {}
    keys = [f"d{i}" for i in range(len(names))]
    lacking = ", ".join(f"count_if(m{i}) as m{i}" for i in range(len(gappy)))
    inner = [f"{data.value(n)} as {key}" for n, key in zip(names, keys, strict=True)]
    inner += [f"{data.value(n)} is null as m{i}" for i, n in enumerate(gappy)]
    # All sets in one scan; the order of groups does not matter to sums.
    rows: list[Any] = data.engine.rows(
        f"select grouping({', '.join(keys)}), count(*), {lacking} "
        f"from (select {', '.join(inner)} from {data.source}) "
        f"group by grouping sets ({', '.join(f'({key})' for key in keys)}) "
        f"having {' or '.join(f'{key} is not null' for key in keys)}"
    )
    every = (1 << len(names)) - 1
    found: dict[str, list[list[int]]] = {name: [] for name in names}
    for group, *figures in rows:
        place = len(names) - (every ^ int(group)).bit_length()
        found[names[place]].append([int(n) for n in figures])
    return {name: sorted(levels) for name, levels in found.items()}


def _table(
    data: Data, column: str, name: str, table: Sequence[tuple[int, int]]
) -> MissingPredictor:
    test, strength = chi_square(table), cramers_v(table)
    value = data.value(name)
    return MissingPredictor(
        column_name=column,
        predictor=name,
        effect_name="cramers_v",
        effect=strength,
        test=test.name if test else None,
        statistic=test.statistic if test else None,
        df=test.df if test else None,
        p_value=test.p_value if test else None,
        n_tests=0,
        n_rows=sum(map(sum, table)),
        reason=None if test else f"{column} never or always has a value where {name} has",
        evidence_sql=(
            f"select\n    {value} as value,\n    count(*) as n_rows,\n"
            f"    count(*) filter ({data.value(column)} is null) as n_missing\n"
            f"from {data.source}\nwhere {value} is not null\n"
            "group by 1\norder by 1"
        ),
    )
