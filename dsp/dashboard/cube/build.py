"""Counts a cube in the engine, within limits of cells and bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsp.dashboard.cube.axis import Axis, coarser, time_axis
from dsp.dashboard.cube.base import CubePlan, Dimension
from dsp.dashboard.cube.merging import merged
from dsp.engine.duckdb_engine import literal
from dsp.records import MEASURES, Cube, CubeBucket, CubeDimension, CubeMeasure, CubeValue

MAX_CELLS = 50_000
MAX_BYTES = 1_300_000
"""Size of the cells on the page, as text."""
MAX_FINE = 2_000_000
"""Groups that one query may make before it is tried with fewer."""
FEW_BUCKETS = 24
"""Buckets below which longer periods would say too little."""
OTHER = ("Other", "All others", "The rest")
MISSING = ("(missing)", "(no value)", "(null)")
REST = "\x01rest"
"""What all but the most frequent values are called before they have codes."""


@dataclass(frozen=True, slots=True)
class BuiltCube:
    """A cube as records and one Arrow table of cells."""

    cube: Cube
    axis: Axis
    buckets: tuple[CubeBucket, ...]
    dimensions: tuple[CubeDimension, ...]
    values: tuple[CubeValue, ...]
    measures: tuple[CubeMeasure, ...]
    cells: Any
    source: str = "clean.data"

    @property
    def records(self) -> list[object]:
        """Everything but the cells."""
        return [self.cube, *self.buckets, *self.dimensions, *self.values, *self.measures]


def build_cube(engine: Any, plan: CubePlan, *, min_cell: int = 1) -> BuiltCube:
    """Return the cells of a plan, with less detail where there would be too many.

    The fifth dimension goes first, then the periods become longer, then there are fewer
    dimensions, then fewer values of each; `Cube.notes` says what was done.

    Parameters
    ----------
    engine
        The database that holds the plan's source.
    plan
        What to count.
    min_cell
        Cells of fewer rows are merged into "Other" of their period, periods into longer
        ones.
    """
    if min_cell > 1:
        plan = _long_enough(engine, plan, min_cell)
    for tried in _plans(plan):
        if _most(engine, tried) > MAX_FINE:
            continue
        # One scan counts everything by the values as they are; codes come after it.
        engine.execute(
            f"create or replace temp table cube_fine as\n{_fine_sql(engine, tried)}"
        )
        places = range(len(tried.dimensions))
        values = [_values(engine, tried, place) for place in places]
        cells = engine.sql(f"{_coded_sql(tried, values, 'cube_fine')}\norder by all")
        engine.execute("drop table cube_fine")
        n_cells = cells.num_rows
        if n_cells <= MAX_CELLS and n_cells * _width(tried) <= MAX_BYTES:
            break
    sql = cells_sql(tried, values)
    notes = list(tried.notes)
    if min_cell > 1:
        cells, lost = merged(cells, values, min_cell=min_cell)
        notes += lost
    return _built(replace(tried, notes=tuple(notes)), values, cells, sql, min_cell)


def cells_sql(plan: CubePlan, values: list[list[CubeValue]]) -> str:
    """Return the query of the cells: bucket, is_cut, d1 …, n_rows, s1, n1 …."""
    inner = _grouped_sql(plan, [d.value_sql for d in plan.dimensions])
    indented = inner.replace("\n", "\n    ")
    return (
        f"with fine as materialized (\n    {indented}\n)\n"
        f"{_coded_sql(plan, values, 'fine')}"
    )


def _fine_sql(engine: Any, plan: CubePlan) -> str:
    """Return the grouped query, with all but the most frequent values as one."""
    texts = []
    for dimension in plan.dimensions:
        text = dimension.value_sql
        if dimension.n_values > plan.max_values:
            found = engine.rows(
                f"select v from (\n    select {text} as v, count(*) as n\n"
                f"    from {plan.source}\n    group by 1\n)\nwhere v is not null\n"
                f"order by n desc, v\nlimit {plan.max_values}"
            )
            listed = ", ".join(literal(v) for (v,) in found)
            text = (
                f"case when ({text}) in ({listed}) then ({text})\n"
                f"        when ({text}) is not null then {literal(REST)} end"
            )
        texts.append(text)
    return _grouped_sql(plan, texts)


def _grouped_sql(plan: CubePlan, texts: Sequence[str]) -> str:
    """Return the query that groups the source by bucket and the text of values."""
    sums = [
        f"{part} as {letter}{i}"
        for i, pair in enumerate(plan.sums, start=1)
        for letter, part in zip("sn", pair, strict=True)
    ]
    columns = [
        f"{plan.axis.bucket_sql()} as bucket",
        f"{plan.axis.part_sql()} as part",
        *(f"{text} as v{i}" for i, text in enumerate(texts, start=1)),
        "count(*) as n_rows",
        *sums,
    ]
    return "select " + ",\n    ".join(columns) + f"\nfrom {plan.source}\ngroup by all"


def _coded_sql(plan: CubePlan, values: list[list[CubeValue]], fine: str) -> str:
    """Return the query that gives groups their codes, and parts of buckets their own."""
    coded = [f"{_code(f'v{i}', known)} as d{i}" for i, known in enumerate(values, 1)]
    figures = ["cast(sum(n_rows) as bigint) as n_rows"]
    for i in range(1, len(plan.sums) + 1):
        figures.append(f"cast(sum(s{i}) as double) as s{i}")
        figures.append(f"cast(sum(n{i}) as bigint) as n{i}")
    bucket = "cast(coalesce(bucket, -1) as bigint) as bucket"
    outer = ",\n    ".join([bucket, "is_cut", *coded, *figures])
    whole = f"select *, false as is_cut\n    from {fine}"
    if plan.axis.cuts:
        whole += (
            f"\n    union all by name\n    select *, true as is_cut\n    from {fine}\n"
            "    where part"
        )
    return f"select {outer}\nfrom (\n    {whole}\n)\ngroup by all"


def _plans(plan: CubePlan) -> Iterator[CubePlan]:
    """Yield the plan, then plans with less and less detail."""
    yield plan
    if len(plan.dimensions) > 4:
        # Weeks say more than a fifth dimension.
        plan = _fewer(plan)
        yield plan
    while (longer := _longer(plan)) is not None:
        plan = longer
        yield plan
    while len(plan.dimensions) > 2:
        plan = _fewer(plan)
        yield plan
    plan = replace(
        plan, max_values=6, notes=(*plan.notes, "at most 6 values of a filter are shown")
    )
    yield plan
    while plan.dimensions:
        plan = replace(plan, dimensions=plan.dimensions[:-1])
        yield plan


def _long_enough(engine: Any, plan: CubePlan, min_cell: int) -> CubePlan:
    """Return a plan whose periods hold so many rows each, or one without periods."""
    while plan.axis.kind == "time" and plan.axis.grain is not None:
        counts = engine.rows(
            f"select count(*)\nfrom {plan.source}\nwhere {plan.axis.bucket_sql()} is not "
            f"null\ngroup by {plan.axis.bucket_sql()}"
        )
        if min((n for (n,) in counts), default=0) >= min_cell:
            break
        grain, axis = coarser(plan.axis.grain), plan.axis
        first, last = axis.first, axis.last
        if grain is None or axis.column is None or first is None or last is None:
            note = "no filter by time: too few rows in a year"
            return replace(plan, axis=Axis("none"), notes=(*plan.notes, note))
        made = time_axis(axis.column, first, last, n_distinct=0, grain=grain)
        plan = replace(plan, axis=made)
    return plan


def _fewer(plan: CubePlan) -> CubePlan:
    note = f"no filter by {plan.dimensions[-1].label}, to keep the page small"
    return replace(plan, dimensions=plan.dimensions[:-1], notes=(*plan.notes, note))


def _longer(plan: CubePlan) -> CubePlan | None:
    axis = plan.axis
    grain = coarser(axis.grain) if axis.grain is not None else None
    if grain is None or axis.column is None:
        return None
    if axis.first is None or axis.last is None:
        return None
    made = time_axis(axis.column, axis.first, axis.last, n_distinct=0, grain=grain)
    if len(made.buckets) < FEW_BUCKETS:
        return None
    note = f"periods of one {grain}, to keep the page small"
    kept = [n for n in plan.notes if not n.startswith("periods of one")]
    return replace(plan, axis=made, notes=(*kept, note))


def _most(engine: Any, plan: CubePlan) -> int:
    """Return how many groups a query could make at most."""
    n_rows = int(engine.rows(f"select count(*) from {plan.source}")[0][0])
    groups = max(1, len(plan.axis.buckets))
    for dimension in plan.dimensions:
        groups *= min(dimension.n_values, plan.max_values + 1) + 1
    return min(n_rows, groups)


def _width(plan: CubePlan) -> float:
    """Return the bytes that a cell takes on the page: base64 of its codes and sums."""
    return (4 + len(plan.dimensions) + 5 * len(plan.measures)) * 4 / 3


def _values(engine: Any, plan: CubePlan, place: int) -> list[CubeValue]:
    """Return the values of a dimension with their codes, in the order they are shown.

    The order is that of the first measure in the window that is shown first.
    """
    dimension = plan.dimensions[place]
    first, last = plan.axis.window
    total = "sum(n_rows)"
    if plan.measures and not dimension.is_target:
        is_sum = plan.measures[0].how == "sum"
        total = "sum(s1)" if is_sum else "sum(s1) / nullif(sum(n1), 0)"
    n = len(plan.axis.buckets)
    within = (
        f"bucket between {first} and {last}" if (first, last) != (0, n - 1) else "true"
    )
    rows = engine.rows(
        f"with shown as (\n    select v{place + 1} as v, {total} as total\n"
        f"    from cube_fine\n    where {within}\n    group by 1\n)\n"
        f"select fine.v{place + 1},\n    cast(sum(fine.n_rows) as bigint),\n"
        "    any_value(shown.total)\nfrom cube_fine fine\n"
        f"left join shown on shown.v is not distinct from fine.v{place + 1}\n"
        "group by 1\norder by 3 desc nulls last, 1"
    )
    counts = {v: int(n) for v, n, _ in rows}
    rest = counts.pop(REST, 0)
    names = [v for v, *_ in rows if v is not None and v != REST]
    return _coded(dimension, place + 1, names, counts, rest=rest, most=plan.max_values)


def _coded(
    dimension: Dimension,
    place: int,
    names: list[str],
    counts: dict[str | None, int],
    *,
    rest: int,
    most: int,
) -> list[CubeValue]:
    kept = names
    if len(names) > most or (rest and len(names) == most):
        chosen = set(sorted(names, key=lambda v: (-counts[v], v))[: most - 1])
        kept = [v for v in names if v in chosen]
    if dimension.ordered == ("number",):
        kept = sorted(kept, key=float)
    elif dimension.ordered:
        kept = [v for v in dimension.ordered if v in kept]
    rest += sum(counts[v] for v in names if v not in set(kept))
    found = [(v, "value", counts[v]) for v in kept]
    if rest:
        found.append((_unused(OTHER, kept), "other", rest))
    if counts.get(None):
        found.append((_unused(MISSING, kept), "missing", counts[None]))
    return [
        CubeValue(dimension=place, code=i, value=v, kind=kind, n_rows=n)
        for i, (v, kind, n) in enumerate(found)
    ]


def _unused(words: Sequence[str], kept: list[str]) -> str:
    """Return what to call a group that no real value is called."""
    return next((word for word in words if word not in kept), words[0])


def _code(name: str, values: list[CubeValue]) -> str:
    """Return the expression that turns a value into its code."""
    other = next((v.code for v in values if v.kind == "other"), 0)
    missing = next((v.code for v in values if v.kind == "missing"), other)
    tests = "\n        ".join(
        f"when {name} = {literal(v.value)} then {v.code}"
        for v in values
        if v.kind == "value"
    )
    return (
        f"cast(case when {name} is null then {missing}\n        {tests}\n"
        f"        else {other} end as bigint)"
    )


def _built(
    plan: CubePlan, values: list[list[CubeValue]], cells: Any, sql: str, min_cell: int
) -> BuiltCube:
    first, last = plan.axis.window
    back = plan.axis.back(first, last)
    n_rows = sum(v.n_rows for v in values[0]) if values else 0
    cube = Cube(
        cube_id="explore",
        axis=plan.axis.kind,
        axis_column=plan.axis.column,
        grain=plan.axis.grain,
        shift=plan.axis.shift,
        n_buckets=max(1, len(plan.axis.buckets)),
        first_bucket=max(first, 0),
        last_bucket=max(last, 0),
        back=None if back is None else back[0],
        previous_label=None if back is None else back[1],
        first_at=plan.axis.first,
        last_at=plan.axis.last,
        n_cells=cells.num_rows,
        n_rows=n_rows,
        min_cell=min_cell,
        notes=plan.notes,
        evidence_sql=sql,
    )
    dimensions = tuple(
        CubeDimension(
            dimension=i,
            column_name=d.column,
            label=d.label,
            is_target=d.is_target,
            n_values=len(known),
            value_sql=d.value_sql,
        )
        for i, (d, known) in enumerate(zip(plan.dimensions, values, strict=True), 1)
    )
    return BuiltCube(
        cube=cube,
        axis=plan.axis,
        buckets=plan.axis.buckets,
        dimensions=dimensions,
        values=tuple(v for known in values for v in known),
        measures=plan.measures[:MEASURES],
        cells=cells,
        source=plan.source,
    )
