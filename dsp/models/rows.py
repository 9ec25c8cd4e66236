"""Fetches the rows of a search: target, features and entity of a seeded sample."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import quote
from dsp.models.coding import fetch_sql, number_sql
from dsp.models.features import CATEGORY, DATE, TEXT, Feature
from dsp.models.task import MAX_CLASSES, NUMERIC, ORDINAL, Task, decide

MAX_ROWS = 500_000
"""Rows that a search uses at most; a seeded sample of a larger table."""

MIN_ROWS = 2_000
CLASS_ROWS = 10
"""Rows of every class that a sample keeps, so that folds and hold-out meet each."""

CELLS_PER_SECOND = 60_000
COSTS = {CATEGORY: 2, TEXT: 30, DATE: 6}
"""How many cells of a number a cell of these kinds counts for."""


def sample_size(features: Sequence[Feature], seconds: float) -> int:
    """Return how many rows a search of so many seconds takes; no clock is asked."""
    cells = sum(COSTS.get(feature.kind, 1) for feature in features)
    affordable = int(seconds * CELLS_PER_SECOND / max(1, cells))
    return min(MAX_ROWS, max(MIN_ROWS, affordable))


def target_sql(name: str, kind: Any) -> str:
    """Return SQL for a target's value, null where it cannot be used."""
    return number_sql(name) if kind.is_numeric() else quote(name)


def task_of(
    engine: DuckEngine,
    table: Any,
    target: str,
    *,
    is_level: bool = False,
    wanted: str | None = None,
    quantile: float = 0.5,
) -> tuple[Task, int]:
    """Return what a target asks for, and its rows with a value."""
    kind = table.schema()[target]
    usable = kind.is_numeric() or kind.is_boolean() or kind.is_string()
    if not usable:
        return Task("", reason=f"{target} holds {kind}, which cannot be predicted"), 0
    source, name = engine.compile(table), quote(target)
    value = target_sql(target, kind)
    counted = engine.rows(
        f"select count({value}), count(distinct {value}) from ({source}) as source"
    )
    n_rows, n_distinct = counted[0]
    counts = engine.rows(
        f"select {name}::varchar as value, count(*) as n from ({source}) as source "
        f"where {value} is not null group by all order by n desc, value "
        f"limit {MAX_CLASSES + 1}"
    )
    task = decide(
        target,
        counts,
        n_rows=n_rows,
        n_distinct=n_distinct,
        is_number=kind.is_numeric(),
        is_level=is_level,
        wanted=wanted,
        quantile=quantile,
    )
    return task, int(n_rows)


def fetch(
    engine: DuckEngine,
    table: Any,
    target: str,
    *,
    task: Task,
    features: Sequence[Feature],
    time: str | None,
    group: str | None,
    n_rows: int,
    seed: int,
) -> Any:
    """Return target, features and entity of a sample of rows, as `code` takes them.

    Rows without a target are left out. The sample is drawn by a hash of the number of
    the row and the seed; of every class it keeps ten rows where there are as many. Rows
    come in the order of time, or else of the table.
    """
    import pyarrow as pa

    schema = table.schema()
    value = target_sql(target, schema[target])
    number = _free_name("row_number", schema)
    later = _free_name("is_later", schema)
    is_classed = bool(task.classes)
    rank = "0"
    if is_classed:
        each = f"partition by {value} order by hash({number}, $seed::bigint)"
        rank = f"row_number() over ({each}, {number}) > {CLASS_ROWS}"
    wanted = [f"{quote(target)}::varchar as y" if is_classed else f"{value} as y"]
    entity = "null::bigint"
    if group is not None:
        ordered = f"order by {quote(group)}::varchar"
        entity = (
            f"case when {quote(group)} is not null "
            f"then dense_rank() over ({ordered}) - 1 end"
        )
    wanted.append(f"{entity} as entity")
    wanted += [f"{fetch_sql(feature)} as f{i}" for i, feature in enumerate(features)]
    order = f"chosen.{number}"
    if time:
        order = f"chosen.{quote(time)} nulls first, {order}"
    text = (
        f"with numbered as (select *, row_number() over () as {number} "
        f"from ({engine.compile(table)}) as source), "
        f"known as (select *, {rank} as {later} from numbered "
        f"where {value} is not null), "
        f"chosen as (from known order by {later}, "
        f"hash({number}, $seed::bigint), {number} limit {n_rows}) "
        f"select {number} as row_number, {', '.join(wanted)} from chosen "
        f"order by {order}"
    )
    data = engine.sql(text, {"seed": seed})
    if not is_classed:
        return data
    codes = {label: place for place, label in enumerate(task.classes)}
    kind = pa.float64() if task.kind == ORDINAL else pa.int64()
    y = pa.array([codes[label] for label in data.column("y").to_pylist()], kind)
    return data.set_column(data.schema.get_field_index("y"), "y", y)


def _free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, with underscores behind it until no column is called so."""
    names = {column.lower() for column in taken}
    while name in names:
        name += "_"
    return name


def n_classes(task: Task) -> int:
    """Return how many probabilities an output has; none for numbers."""
    return 0 if task.kind in NUMERIC else len(task.classes)
