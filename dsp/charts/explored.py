"""The queries of the explore section: cells of the cube, in the first window."""

from __future__ import annotations

from dsp.charts.base import MAX_ROWS, Explored
from dsp.records import CubeDimension, CubeMeasure

ROWS = "cast(sum(n_rows) as bigint)"


def figure_sql(measure: CubeMeasure | None) -> str:
    """Return the expression on cells that gives a measure; the rows when None."""
    if measure is None:
        return ROWS
    i = measure.measure
    if measure.how == "sum":
        return f"case when sum(n{i}) > 0 then sum(s{i}) end"
    return f"sum(s{i}) / nullif(sum(n{i}), 0)"


def window_sql(explored: Explored) -> str:
    """Return the condition on cells of the window that is shown first."""
    cube = explored.cube
    if (cube.first_bucket, cube.last_bucket) == (0, cube.n_buckets - 1):
        return "not is_cut"
    return (
        f"not is_cut\n        and bucket between {cube.first_bucket} "
        f"and {cube.last_bucket}"
    )


def before_sql(explored: Explored) -> str | None:
    """Return the condition on cells of the period that the window is compared with."""
    cube = explored.cube
    if cube.back is None:
        return None
    first, last = cube.first_bucket - cube.back, cube.last_bucket - cube.back
    text = f"bucket between {first} and {last}"
    if explored.buckets[cube.last_bucket].is_partial:
        # The last period is not complete: so much of the earlier one, and no more.
        return f"{text}\n        and is_cut = (bucket = {last})"
    return f"{text}\n        and not is_cut"


def trend_sql(explored: Explored, *, has_notes: bool) -> str:
    """Return SQL of ts, value, previous, is_partial, note, note_end by bucket."""
    cube, measure = explored.cube, _main(explored)
    figure = figure_sql(measure)
    is_sum = measure is None or measure.how == "sum"
    value = "shown.value"
    if is_sum:
        # No rows add up to nothing; rows without a value are unknown.
        value = "case when shown.bucket is null then 0 else shown.value end"
    before = before_sql(explored) or "false"
    note = (
        "    min(i.title) as note,\n    timezone('UTC', max(least(\n"
        "        cast(i.time_end as timestamptz), last.ends_at))) as note_end"
    )
    joined = (
        "left join main.insights i\n    on i.asserted\n"
        "    and i.explained_by is null\n    and i.kind in ('anomaly', 'point_anomaly')\n"
        "    and i.time_end is not null\n"
        "    and cast(i.time_start as timestamptz) >= b.starts_at\n"
        "    and cast(i.time_start as timestamptz) < b.ends_at\n"
    )
    if not has_notes:
        note, joined = "    null as note,\n    null as note_end", ""
    return (
        f"with shown as (\n    select bucket, {figure} as value\n"
        f"    from main.cube_cells\n    where {window_sql(explored)}\n"
        "    group by bucket\n),\nbefore as (\n"
        f"    select bucket + {cube.back or 0} as bucket, {figure} as value\n"
        f"    from main.cube_cells\n    where {before}\n    group by bucket\n),\n"
        "last as (\n    select max(ends_at) as ends_at\n    from main.cube_buckets\n)\n"
        f"select timezone('UTC', b.starts_at) as ts,\n    any_value({value}) as value,\n"
        "    any_value(before.value) as previous,\n"
        f"    any_value(b.is_partial) as is_partial,\n{note}\n"
        "from main.cube_buckets b\ncross join last\n"
        "left join shown using (bucket)\nleft join before using (bucket)\n"
        f"{joined}where b.bucket between {cube.first_bucket} and {cube.last_bucket}\n"
        f"group by b.bucket, b.starts_at\norder by b.bucket\nlimit {MAX_ROWS}"
    )


def strip_sql(explored: Explored) -> str:
    """Return SQL of the whole axis: ts (or low, high) and value by bucket."""
    if explored.cube.axis == "number":
        figure, keys = ROWS, "b.low,\n    b.high"
    else:
        figure = figure_sql(_main(explored))
        keys = "timezone('UTC', b.starts_at) as ts"
    return (
        f"with found as (\n    select bucket, {figure} as value\n"
        "    from main.cube_cells\n    where not is_cut\n    group by bucket\n)\n"
        f"select {keys},\n    coalesce(found.value, 0) as value\n"
        "from main.cube_buckets b\nleft join found using (bucket)\n"
        f"order by b.bucket\nlimit {MAX_ROWS}"
    )


def bars_sql(explored: Explored, dimension: CubeDimension) -> str:
    """Return SQL of label, value, n_rows, share and previous by value of a dimension."""
    measure = None if dimension.is_target else _main(explored)
    figure, code = figure_sql(measure), f"d{dimension.dimension}"
    share = "null"
    if measure is None or measure.how == "sum":
        share = "shown.value / nullif(sum(shown.value) over (), 0)"
    return (
        f"with shown as (\n    select {code} as code, {figure} as value,\n"
        f"        {ROWS} as n_rows\n    from main.cube_cells\n"
        f"    where {window_sql(explored)}\n    group by 1\n),\nbefore as (\n"
        f"    select {code} as code, {figure} as value\n    from main.cube_cells\n"
        f"    where {before_sql(explored) or 'false'}\n    group by 1\n)\n"
        "select v.value as label,\n    shown.value,\n    shown.n_rows,\n"
        f"    {share} as share,\n    before.value as previous\n"
        "from main.cube_values v\njoin shown using (code)\n"
        f"left join before using (code)\nwhere v.dimension = {dimension.dimension}\n"
        f"order by v.code\nlimit {MAX_ROWS}"
    )


def _main(explored: Explored) -> CubeMeasure | None:
    return explored.measures[0] if explored.measures else None
