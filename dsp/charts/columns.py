"""Columns as charts read them: labels, numbers and times of an Ibis table."""

from __future__ import annotations

from typing import Any

from dsp.charts.base import MISSING, OTHER


def labels(table: Any, name: str) -> Any:
    """Return a column as text; what is missing has a name too."""
    column = table[name]
    if column.type().is_floating():
        text = numbers(table, name).cast("string").re_replace(r"\.0$", "")
    else:
        text = column.cast("string")
    return text.fill_null(MISSING)


def numbers(table: Any, name: str) -> Any:
    """Return a column as finite numbers, or null."""
    import ibis

    column = table[name].cast("float64")
    return ibis.cases((column.isnan() | column.isinf(), None), else_=column)


def values(table: Any, name: str | None) -> Any:
    """Return a column to put together: yes and no as they are, numbers if finite."""
    import ibis

    if name is None:
        return ibis.literal(1)
    dtype = table[name].type()
    is_number = dtype.is_numeric() and not dtype.is_boolean()
    return numbers(table, name) if is_number else table[name]


def times(table: Any, name: str) -> Any:
    """Return a column as times without a zone, or null where they have no end."""
    import ibis

    column = table[name].cast("timestamp")
    return ibis.cases((column.year().isnull(), None), else_=column)


def edge(low: Any, high: Any, place: Any, bins: int) -> Any:
    """Return where a bin of equal width begins; no step is too large for a number."""
    part = place / float(bins)
    return low * (1.0 - part) + high * part


def bin_of(value: Any, low: Any, high: Any, bins: int) -> Any:
    """Return the bin of a value, 0 to bins - 1; all are in one where all are alike."""
    width = (high / bins - low / bins).nullif(0)
    return (value / width - low / width).floor().clip(0, bins - 1).fill_null(0)


def with_rest(rows: Any, limit: int, *, is_whole: bool = False) -> Any:
    """Return rows whose smaller labels are one: "Other", behind the `limit` others.

    Parameters
    ----------
    rows
        An Ibis table with `label` and `weight`, which says how much a row counts.
    is_whole
        Whether "Other" is one of the `limit` labels, so that there are never more.

    Returns
    -------
    ibis.Table
        The rows with `place`: 0 for the largest label; what is missing comes after the
        known labels, and the rest last.
    """
    import ibis

    sizes = rows.group_by("label").aggregate(size=rows["weight"].sum())
    sizes = sizes.mutate(
        back=ibis.cases((sizes["label"] == OTHER, 2), (sizes["label"] == MISSING, 1))
    )
    order = [sizes["back"].fill_null(0), ibis.desc(sizes["size"]), sizes["label"]]
    placed = sizes.select(
        known=sizes["label"],
        place=ibis.row_number().over(order_by=order),
        n_labels=sizes.count().over(),
    )
    joined = rows.join(placed, rows["label"] == placed["known"])
    first = limit - (joined["n_labels"] > limit).cast("int64") if is_whole else limit
    is_shown = joined["place"] < first
    return joined.mutate(
        label=ibis.ifelse(is_shown, joined["label"], OTHER),
        place=ibis.least(joined["place"], first),
    ).drop("known", "n_labels")
