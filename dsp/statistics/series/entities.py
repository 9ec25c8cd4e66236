"""Which column tells apart the rows that share a time: the entity of panel data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dsp.statistics.base import Column

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import ColumnProfile
    from dsp.statistics.series.times import Times

MOST_ROWS = 2_000_000
"""Rows of tables that entities are looked for in."""
MOST_TRIED = 3
_ROLES = ("dimension", "identifier", "text", "target")
_FAMILIES = ("text", "integer", "boolean", "other")


class Entity(NamedTuple):
    """A column within whose values no time occurs twice.

    `regularity` is the share of steps between neighbouring times of a value that are
    exactly the step of the column of times; None where that has none.
    """

    column: str
    regularity: float | None


def find_entity(
    engine: DuckEngine,
    rows: str,
    times: Times,
    profiles: Sequence[ColumnProfile],
) -> Entity | None:
    """Return the column of fewest values that tells apart rows of the same time.

    Tried are the three columns without nulls that have the fewest values, but at least
    as many as a time has rows and at most half as many as there are rows.
    """
    most = times.most_rows
    if most is None or most < 2 or times.n_dated > MOST_ROWS:
        return None
    fitting = [
        p
        for p in profiles
        if p.column_name != times.column
        and p.role in _ROLES
        and p.family in _FAMILIES
        and p.n_null == 0
        and most <= p.n_distinct <= times.n_dated / 2
    ]
    fitting.sort(key=lambda p: (p.n_distinct, p.position))
    for profile in fitting[:MOST_TRIED]:
        entity = Column(profile.column_name, profile.data_type, profile.position).sql
        (counted,) = engine.rows(
            f"select count(*) from (select distinct {times.sql}, {entity} {rows})"
        )
        if counted[0] == times.n_dated:
            return Entity(profile.column_name, _regularity(engine, rows, times, entity))
    return None


def _regularity(engine: DuckEngine, rows: str, times: Times, entity: str) -> float | None:
    if times.step is None:
        return None
    (counted,) = engine.rows(
        f"select count_if({times.step.fits_sql('since', 'moment')}), count(since)\n"
        f"from (select {times.sql} as moment, lag({times.sql}) over "
        f"(partition by {entity} order by {times.sql}) as since "
        f"{rows})"
    )
    return counted[0] / counted[1] if counted[1] else None
