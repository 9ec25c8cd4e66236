"""Readable SQL that gives the figures of a finding, in the shapes charts draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.engine.duckdb_engine import literal, quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

BINS = 20


def shown(scene: Scene, name: str) -> str:
    """Return SQL of a number, short where the plain column will do."""
    sql = scene.value_sql(name)
    plain = scene.columns[name].family in ("integer", "decimal")
    return quote(name) if plain and scene.numbers[name].event is None else sql


def text(name: str) -> str:
    """Return SQL of a column as text."""
    return f"cast({quote(name)} as varchar)"


def bucket_sql(bucket: str, column: str) -> str:
    """Return SQL of the date on which the period of a row starts."""
    if bucket == "day":
        return f"cast({quote(column)} as date)"
    return f"cast(date_trunc('{bucket}', {quote(column)}) as date)"


def mean_bars(scene: Scene, dimension: str, number: str) -> str:
    """Mean of a number per value: label, value, n_rows."""
    value = shown(scene, number)
    return (
        f"select {text(dimension)} as label,\n    avg({value}) as value,\n"
        f"    count({value}) as n_rows\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null\ngroup by 1\n"
        f"having count({value}) > 0\norder by 2 desc, 1"
    )


def outlier_bars(scene: Scene, dimension: str, number: str, segment: str) -> str:
    """Mean per value, and the mean of all other rows than the segment's as baseline."""
    value = shown(scene, number)
    return (
        f"select {text(dimension)} as label,\n    avg({value}) as value,\n"
        f"    count({value}) as n_rows,\n    (\n        select avg({value})\n"
        f"        from {scene.source}\n        where {text(dimension)} <> "
        f"{literal(segment)}\n    ) as baseline\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null\ngroup by 1\n"
        f"having count({value}) > 0\norder by 2 desc, 1"
    )


def share_bars(scene: Scene, dimension: str, of: str, wanted: str) -> str:
    """Share of rows whose column `of` has a value, per value of a dimension."""
    return (
        f"select {text(dimension)} as label,\n"
        f"    avg(cast({text(of)} = {literal(wanted)} as integer)) as value,\n"
        f"    count(*) as n_rows\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null and {quote(of)} is not null\n"
        "group by 1\norder by 2 desc, 1"
    )


def missing_bars(scene: Scene, dimension: str, of: str) -> str:
    """Share of rows without a value in `of`, per value of a dimension."""
    return (
        f"select {text(dimension)} as label,\n"
        f"    avg(cast({quote(of)} is null as integer)) as value,\n"
        f"    count(*) as n_rows\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null\ngroup by 1\n"
        "order by 2 desc, 1"
    )


def total_shares(scene: Scene, dimension: str, number: str) -> str:
    """Share of the total of a number per value: label, value, n_rows."""
    value = shown(scene, number)
    return (
        f"select {text(dimension)} as label,\n"
        f"    sum({value}) / sum(sum({value})) over () as value,\n"
        f"    count({value}) as n_rows\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null\ngroup by 1\n"
        "order by 2 desc, 1"
    )


def relation(
    scene: Scene, x: str, y: str, *, average: str | None = None, level: bool = False
) -> str:
    """Mean of y in 20 bins of equal rank range of x: x, value, n_rows.

    A level is a dimension whose values are numbers; the slope of it is added.
    """
    mean = average or "avg(y)"
    of = f"try_cast({text(y)} as double)" if level else scene.value_sql(y)
    slope = ""
    if level:
        slope = (
            ",\n    (\n        select regr_slope(y, x)\n        from rows_with_both\n"
            "    ) as slope"
        )
    return (
        f"with rows_with_both as (\n    select {scene.value_sql(x)} as x,\n"
        f"        {of} as y\n    from {scene.source}\n),\nbinned as (\n"
        "    select x,\n        y,\n"
        f"        least(floor({BINS} * percent_rank() over (order by x)), {BINS - 1}) "
        "as bin\n    from rows_with_both\n    where x is not null and y is not null\n)\n"
        f"select avg(x) as x,\n    {mean} as value,\n    count(*) as n_rows{slope}\n"
        "from binned\ngroup by bin\norder by bin"
    )


def line_series(scene: Scene, column: str, bucket: str, number: str | None) -> str:
    """Values by bucket with the straight line through them: ts, value, expected."""
    return (
        f"with points as (\n{_points(scene, column, bucket, number)}\n)\n"
        "select ts,\n    value,\n"
        "    regr_intercept(value, ts - first_ts) over ()\n"
        "    + regr_slope(value, ts - first_ts) over () * (ts - first_ts) as expected\n"
        "from (select ts, value, min(ts) over () as first_ts from points)\norder by ts"
    )


def step_series(
    scene: Scene, column: str, bucket: str, number: str | None, at: str
) -> str:
    """Values by bucket with their means before and from a date."""
    return (
        f"with points as (\n{_points(scene, column, bucket, number)}\n)\n"
        "select ts,\n    value,\n"
        f"    avg(value) over (partition by ts >= date {literal(at)}) as expected\n"
        "from points\norder by ts"
    )


def usual_series(scene: Scene, column: str, bucket: str, number: str | None) -> str:
    """Values by bucket with the median of 15 neighbours as what was expected."""
    return (
        f"with points as (\n{_points(scene, column, bucket, number)}\n)\n"
        "select ts,\n    value,\n"
        "    median(value) over (\n        order by ts\n"
        "        rows between 7 preceding and 7 following\n    ) as expected\n"
        "from points\norder by ts"
    )


def cycle_bars(scene: Scene, column: str, number: str | None, cycle: str) -> str:
    """Mean by weekday or calendar month: label, value, n_rows, in calendar order."""
    name, place = ("dayname", "isodow") if cycle == "weekly" else ("monthname", "month")
    when = quote(column)
    if number is None:
        value = f"count(*) / count(distinct cast({when} as date))"
        count = "count(*)"
    else:
        value = f"avg({shown(scene, number)})"
        count = f"count({shown(scene, number)})"
    return (
        f"select {name}({when}) as label,\n    {value} as value,\n"
        f"    {count} as n_rows\nfrom {scene.source}\nwhere isfinite({when})\n"
        f"group by 1, {place}({when})\norder by {place}({when})"
    )


def _points(scene: Scene, column: str, bucket: str, number: str | None) -> str:
    value = "count(*)" if number is None else f"avg({shown(scene, number)})"
    having = "" if number is None else f"\n    having count({shown(scene, number)}) > 0"
    return (
        f"    select {bucket_sql(bucket, column)} as ts,\n"
        f"        cast({value} as double) as value\n    from {scene.source}\n"
        f"    where isfinite({quote(column)})\n    group by 1{having}"
    )
