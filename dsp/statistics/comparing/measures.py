"""Measures of drift of a column, their tests, and the verdict on all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsp.engine.drift import FLOOR, ks_statistic, statistic
from dsp.engine.relation import Field, count_if
from dsp.inference.base import Group
from dsp.inference.drift import (
    cohens_h,
    frequent,
    jensen_shannon,
    ks_p_value,
    pooled,
    stability_index,
)
from dsp.inference.groups import welch_t
from dsp.inference.multiplicity import benjamini_hochberg
from dsp.inference.proportions import two_proportions
from dsp.inference.tables import chi_square
from dsp.records.comparison import DriftMeasure
from dsp.statistics.comparing.distributions import Distribution, bin_counts
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.sides import Pair, Sides

ALPHA = 0.01
"""Greatest q value of drift: chance alone brings a false alarm in one of a hundred."""
THRESHOLD = 0.1
"""Measure from which drift is small; from twice as much it is large."""
LEVELLED = {"psi": 1.0, "ks": 1.0, "missing": 2.0}
"""Measures that have a level, and how many thresholds are small for them."""
CORRECTION = "benjamini-hochberg"


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and variance of a column in each table, taken from one middle."""

    a: Group
    b: Group
    middle: float


def measures_of(
    sides: Sides,
    pair: Pair,
    facts: tuple[Facts, Facts],
    found: Distribution | None,
    moments: Moments | None,
) -> list[DriftMeasure]:
    """Return the measures of a column, without q values and levels."""
    n = (facts[0].n_values, facts[1].n_values)
    measures = [] if found is None else _of_bins(sides, pair, found, n)
    if found is not None and found.ks is not None:
        measures.append(_ks(sides, pair, found.ks, n))
    if moments is not None:
        measures.append(_mean_shift(sides, pair, moments))
    if found is not None and found.n_outside is not None:
        measures.append(_out_of_range(sides, pair, found.n_outside, n))
    if found is not None and found.n_new_rows is not None:
        measures.append(_new_values(sides, pair, found.n_new_rows, n))
    if any(side.n_missing for side in facts) and all(side.n_rows for side in facts):
        measures.append(_missing(sides, pair, facts))
    return measures


def judged(
    measures: Sequence[DriftMeasure], *, threshold: float = THRESHOLD
) -> list[DriftMeasure]:
    """Return measures of all columns with q values and, where they have one, a level.

    A measure has a level only if a test of its column speaks against chance: the one of
    missing values for ``missing``, else that of its values.
    """
    tested = [m for m in measures if m.p_value is not None]
    q_values = benjamini_hochberg([m.p_value for m in tested if m.p_value is not None])
    by_id = {id(m): q for m, q in zip(tested, q_values, strict=True)}
    smallest: dict[tuple[str, bool], float] = {}
    for m in tested:
        if m.measure in ("ks", "chi_square", "missing"):
            group = (m.column_name, m.measure == "missing")
            smallest[group] = min(smallest.get(group, 1.0), by_id[id(m)])
    result = []
    for m in measures:
        level = None
        if m.measure in LEVELLED and m.value is not None:
            q = smallest.get((m.column_name, m.measure == "missing"), 1.0)
            level = level_of(abs(m.value), q, threshold * LEVELLED[m.measure])
        result.append(replace(m, q_value=by_id.get(id(m)), level=level))
    return result


def level_of(value: float, q_value: float, threshold: float) -> str:
    """Return none, small or large.

    Examples
    --------
    >>> level_of(0.15, 0.001, 0.1), level_of(0.15, 0.2, 0.1), level_of(0.2, 0.0, 0.1)
    ('small', 'none', 'large')
    """
    if q_value > ALPHA or value < threshold:
        return "none"
    return "large" if value >= 2 * threshold else "small"


def _of_bins(
    sides: Sides, pair: Pair, found: Distribution, n: tuple[int, int]
) -> list[DriftMeasure]:
    in_a, in_b = bin_counts(pair, found.bins)
    bins = (
        f"(select {in_b} as bins_b from {sides.b.sql}), "
        f"(select {in_a} as bins_a from {sides.a.sql})"
    )

    def query(method: str) -> str:
        return f"select {statistic(method, 'bins_b', 'bins_a')} as value from {bins}"

    measures = [
        DriftMeasure(
            measure="psi",
            value=stability_index(found.a, found.b, floor=FLOOR),
            evidence_sql=query("psi"),
            column_name=pair.name,
            n_a=n[0],
            n_b=n[1],
        ),
        DriftMeasure(
            measure="jensen_shannon",
            value=jensen_shannon(found.a, found.b),
            evidence_sql=query("jensen_shannon"),
            column_name=pair.name,
            n_a=n[0],
            n_b=n[1],
        ),
    ]
    if found.is_by_value:
        test = chi_square(pooled(found.a, found.b))
        measures.append(
            DriftMeasure(
                measure="chi_square",
                value=None if test is None else test.statistic,
                test=None if test is None else test.name,
                statistic=None if test is None else test.statistic,
                df=None if test is None else test.df,
                p_value=None if test is None else test.p_value,
                reason="fewer than two values are frequent enough"
                if test is None
                else None,
                evidence_sql=_pooled_query(found, bins),
                column_name=pair.name,
                n_a=n[0],
                n_b=n[1],
            )
        )
    return measures


def _pooled_query(found: Distribution, bins: str) -> str:
    """Return the query of the chi-square statistic, rare bins put together."""
    kept = [i + 1 for i in frequent(found.a, found.b)]
    b, a = (
        f"list_concat(list_select({side}, {kept}::bigint[]), [list_sum({side}) - "
        f"coalesce(list_sum(list_select({side}, {kept}::bigint[])), 0)])"
        for side in ("bins_b", "bins_a")
    )
    return f"select {statistic('chi_square', b, a)} as value from {bins}"


def _ks(sides: Sides, pair: Pair, distance: float, n: tuple[int, int]) -> DriftMeasure:
    mine, other = pair.numbers()
    return DriftMeasure(
        column_name=pair.name,
        measure="ks",
        value=distance,
        test="Kolmogorov-Smirnov test",
        statistic=distance,
        p_value=ks_p_value(distance, *n),
        n_a=n[0],
        n_b=n[1],
        evidence_sql=f"select {ks_statistic(sides.a, mine, sides.b, other)} as value",
    )


def _mean_shift(sides: Sides, pair: Pair, moments: Moments) -> DriftMeasure:
    a, b = moments.a, moments.b
    sd = math.sqrt((a.variance + b.variance) / 2)
    test = welch_t(b, a)
    mine, other = finite(pair)
    return DriftMeasure(
        column_name=pair.name,
        measure="mean_shift",
        value=(b.mean - a.mean) / sd if sd > 0 else None,
        value_a=moments.middle + a.mean,
        value_b=moments.middle + b.mean,
        test=None if test is None else test.name,
        statistic=None if test is None else test.statistic,
        df=None if test is None else test.df,
        p_value=None if test is None else test.p_value,
        n_a=a.n,
        n_b=b.n,
        reason=None if sd > 0 else "the values of each table are all alike",
        evidence_sql=(
            f"select (b.m - a.m) / nullif(sqrt((a.v + b.v) / 2), 0) as value, "
            "a.m as value_a, b.m as value_b from "
            f"(select avg({mine}) as m, var_samp({mine}) as v from {sides.a.sql}) as a, "
            f"(select avg({other}) as m, var_samp({other}) as v from {sides.b.sql}) as b"
        ),
    )


def finite(pair: Pair) -> tuple[str, str]:
    """Return SQL of the finite numbers of a pair as doubles."""
    sides = zip(pair.numbers(), (pair.a, pair.b), strict=True)
    one, two = (
        f"case when isfinite({field.sql}) then {sql} end"
        if field.family == "float"
        else sql
        for sql, field in sides
    )
    return one, two


def _out_of_range(
    sides: Sides, pair: Pair, n_outside: int, n: tuple[int, int]
) -> DriftMeasure:
    mine, other = pair.numbers()
    return DriftMeasure(
        column_name=pair.name,
        measure="out_of_range",
        value=n_outside / n[1],
        value_a=0.0,
        value_b=n_outside / n[1],
        n_a=n[0],
        n_b=n[1],
        evidence_sql=(
            f"select {count_if(f'{other} < low or {other} > high')} / count({other}) "
            "as value "
            f"from {sides.b.sql}, (select min({mine}) as low, max({mine}) as high "
            f"from {sides.a.sql})"
        ),
    )


def _new_values(
    sides: Sides, pair: Pair, n_rows: int, n: tuple[int, int]
) -> DriftMeasure:
    mine, other = pair.numbers() if pair.is_measured else pair.texts()
    known = f"select {mine} from {sides.a.sql} where {mine} is not null"
    return DriftMeasure(
        column_name=pair.name,
        measure="new_values",
        value=n_rows / n[1],
        value_a=0.0,
        value_b=n_rows / n[1],
        n_a=n[0],
        n_b=n[1],
        evidence_sql=(
            f"select {count_if(f'{other} not in ({known})')} / count({other}) as value "
            f"from {sides.b.sql}"
        ),
    )


def _missing(sides: Sides, pair: Pair, facts: tuple[Facts, Facts]) -> DriftMeasure:
    """Return how far the shares of missing values are apart, and its test."""
    a, b = facts
    test = two_proportions(b.n_missing, b.n_rows, a.n_missing, a.n_rows)
    share_a, share_b = a.n_missing / a.n_rows, b.n_missing / b.n_rows
    p, q = (
        f"(select {count_if(_is_missing(field))} / count(*) from {table.sql})"
        for field, table in ((pair.a, sides.a), (pair.b, sides.b))
    )
    return DriftMeasure(
        column_name=pair.name,
        measure="missing",
        value=cohens_h(share_a, share_b),
        value_a=share_a,
        value_b=share_b,
        test=None if test is None else test.name,
        statistic=None if test is None else test.statistic,
        p_value=None if test is None else test.p_value,
        n_a=a.n_rows,
        n_b=b.n_rows,
        reason=None if test is not None else "no value is there in either table",
        evidence_sql=(
            "select 2 * asin(sqrt(q)) - 2 * asin(sqrt(p)) as value, p as value_a, "
            f"q as value_b from (select {p} as p, {q} as q)"
        ),
    )


def _is_missing(field: Field) -> str:
    sql = field.sql
    if field.family == "float":
        return f"{sql} is null or isnan({sql})"
    return f"{sql} is null"
