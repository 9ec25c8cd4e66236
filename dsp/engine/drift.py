"""How far two distributions are apart, as SQL on counts of both.

Counts are taken in bins: the deciles of the reference for numbers and moments, its most
frequent values for everything else, with one bin for the rest. They come as two lists of
equal length. Where `ks` is asked for, it compares all values without bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.engine.relation import Field, Relation, let, literal

N_CATEGORIES = 50
FLOOR = 1e-4
"""Least share of a bin for the stability index: empty ones make it infinite."""

_TERMS = {
    "psi": (
        "list_sum(list_transform(list_zip("
        "list_transform(h, lambda v: greatest(v / list_sum(h), {floor})), "
        "list_transform(r, lambda v: greatest(v / list_sum(r), {floor}))), "
        "lambda z: (z[1] - z[2]) * ln(z[1] / z[2])))"
    ),
    "jensen_shannon": (
        "sqrt(greatest(0, list_sum(list_transform(list_zip("
        "list_transform(h, lambda v: v / list_sum(h)), "
        "list_transform(r, lambda v: v / list_sum(r))), lambda z: "
        "case when z[1] > 0 then z[1] * log2(2 * z[1] / (z[1] + z[2])) else 0 end "
        "+ case when z[2] > 0 then z[2] * log2(2 * z[2] / (z[1] + z[2])) else 0 end"
        ")) / 2))"
    ),
    "chi_square": (
        "list_sum(list_transform(list_zip(h, r), lambda z: case when z[1] + z[2] > 0 "
        "then pow(z[1] * list_sum(r)::double - z[2] * list_sum(h)::double, 2) "
        "/ (z[1] + z[2]) else 0 end)) / (list_sum(h)::double * list_sum(r))"
    ),
}


def as_number(column: Field) -> str | None:
    """Return SQL of a value as a double that is no NaN, or None for other types.

    Moments are seconds since 1970; those without end are null.
    """
    if column.is_numeric:
        number = f"cast({column.sql} as double)"
    elif column.is_temporal:
        moment = f"cast(epoch({column.sql}) as double)"
        return f"case when isfinite({column.sql}) then {moment} end"
    else:
        return None
    if column.family != "float":
        return number
    return f"case when not isnan({column.sql}) then {number} end"


def bins_of(relation: Relation, column: Field) -> list[Any]:
    """Return where the bins of a reference end, or its most frequent values."""
    number = as_number(column)
    if number is not None:
        cuts = [i / 10 for i in range(1, 10)]
        query = f"select quantile_disc({number}, {cuts}) from {relation.sql} as r"
        return sorted(set(relation.engine.rows(query)[0][0] or ()))
    text = f"cast({column.sql} as varchar)"
    query = (
        f"select {text} from {relation.sql} as r where {column.sql} is not null "
        f"group by 1 order by count(*) desc, 1 limit {N_CATEGORIES}"
    )
    return [row[0] for row in relation.engine.rows(query)]


def counts(
    column: Field, bins: Sequence[Any], condition: str = "", *, as_text: bool = False
) -> str:
    """Return the aggregate that lists how many values fall into each bin and the rest.

    Parameters
    ----------
    column
        A column of either table.
    bins
        Where bins end, for numbers and moments; else the values.
    condition
        Predicate of the rows that count; all when empty.
    as_text
        Take numbers as texts too.
    """
    where = f" filter (where {condition})" if condition else ""
    number = None if as_text else as_number(column)
    if number is not None:
        ends = ", ".join(f"'{float(end)!r}'::double" for end in (*bins, float("inf")))
        listed = f"map_values(histogram({number}, [{ends}]){where})"
        return f"coalesce({listed}, {[0] * (len(bins) + 1)})"
    # A letter before every value keeps them apart from the bin of the rest, which is ''.
    keys = [literal(f"v{value}") for value in (*bins,)]
    listed = ", ".join([*keys, "''"])
    value = f"'v' || cast({column.sql} as varchar)"
    found = f"histogram_exact({value}, [{', '.join(keys)}]){where}"
    return let(
        "m", found, f"list_transform([{listed}], lambda k: coalesce(m[k], 0::ubigint))"
    )


def statistic(method: str, here: str, there: str | Sequence[int]) -> str:
    """Return SQL of a statistic of two lists of counts; null when one of them is empty.

    Parameters
    ----------
    method
        ``psi``: population stability index, empty bins counted as `FLOOR`.
        ``jensen_shannon``: distance in bits, 0 to 1.
        ``chi_square``: test statistic of homogeneity of both tables.
    here
        SQL of the counts of the table.
    there
        Counts of the reference, or SQL of them.
    """
    body = _TERMS[method].replace("{floor}", repr(FLOOR))
    reference = there if isinstance(there, str) else f"{list(map(int, there))}::ubigint[]"
    judged = f"case when list_sum(h) > 0 and list_sum(r) > 0 then {body} end"
    return let("h", here, let("r", reference, judged))


def ks_statistic(
    here: Relation, mine: str, there: Relation, other: str, condition: str = ""
) -> str:
    """Return SQL of the greatest distance between two cumulative distributions.

    The two-sample Kolmogorov-Smirnov statistic, of all values; null when a table has
    none.
    """
    where = f" where {condition}" if condition else ""
    mine_only = f"(select * from {here.sql} as t{where})" if where else here.sql
    steps = cumulative_counts(mine, mine_only, other, there.sql)
    distance = "max(abs(h / nullif(n, 0) - r / nullif(m, 0)))"
    totals = "max(h) over () as n, max(r) over () as m"
    return f"(select {distance} from (select h, r, {totals} from ({steps})))"


def value_counts(mine: str, here: str, other: str, there: str) -> str:
    """Return a query of the distinct values of two tables, with counts in each.

    Parameters
    ----------
    mine, other
        SQL of the values, which must have one type.
    here, there
        The tables, as SQL after ``from``.

    Returns
    -------
    str
        Query of ``x, h, r``: value, rows of the table, rows of the reference.
    """
    return (
        "select x, sum(h)::bigint as h, sum(r)::bigint as r from ("
        f"select {mine} as x, count(*) as h, 0 as r from {here} as t group by 1 "
        f"union all select {other}, 0, count(*) from {there} as r group by 1) "
        "where x is not null group by x"
    )


def cumulative_counts(
    mine: str, here: str, other: str, there: str, *, is_rich: bool = False
) -> str:
    """Return a query of how many values of two tables are at most each value.

    Takes and gives what `value_counts` does. Where nearly every row has a value of its
    own (`is_rich`), rows are not grouped before they are sorted, which takes half the
    time; a value may then be given more than once.
    """
    found = value_counts(mine, here, other, there)
    if is_rich:
        found = (
            f"select {mine} as x, 1 as h, 0 as r from {here} as t where {mine} is not "
            f"null union all select {other}, 0, 1 from {there} as r "
            f"where {other} is not null"
        )
    return (
        "select x, sum(h) over (order by x)::bigint as h, "
        f"sum(r) over (order by x)::bigint as r from ({found})"
    )
