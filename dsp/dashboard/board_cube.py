"""The cube of a board: what its filters name, checked against their source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsp.charts.base import short
from dsp.dashboard.board import BoardError, BoardFilters, BoardMeasure
from dsp.dashboard.cube.axis import Axis, time_axis
from dsp.dashboard.cube.base import CubePlan, Dimension
from dsp.engine.duckdb_engine import quote
from dsp.errors import nearest
from dsp.records import CubeMeasure

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

NUMERIC = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL",
)  # fmt: skip
WORDS = {"sum": "Total", "mean": "Average", "rate": "Share of"}


def board_plan(engine: DuckEngine, filters: BoardFilters) -> CubePlan:
    """Return the plan of the cube that a board is filtered with.

    Raises
    ------
    BoardError
        A column does not exist, or nothing is left to filter by.
    """
    source = _source(filters.source)
    types = dict(engine.described(f"(select * from {source})"))
    names = [filters.time] if filters.time else []
    names += [*filters.dimensions, *(m.column for m in filters.measures)]
    for name in names:
        if name not in types:
            close = nearest(name, types, n=1)
            known = f"one of {', '.join(types)}"
            raise BoardError(
                f'filters: no column "{name}" in {filters.source[:60]}',
                hint=f'did you mean "{close[0]}"?' if close else known,
            )
    if not filters.time and not filters.dimensions:
        raise BoardError(
            "filters: nothing to filter by", hint="name a time or some dimensions"
        )
    for asked in filters.measures:
        _check(asked, types[asked.column])
    named = list(dict.fromkeys(filters.dimensions))
    pairs = [_measure(m, i) for i, m in enumerate(filters.measures, start=1)]
    return CubePlan(
        axis=_axis(engine, source, filters),
        dimensions=tuple(_dimension(engine, source, n) for n in named),
        measures=tuple(m for m, _ in pairs),
        sums=tuple(s for _, s in pairs),
        source=source,
    )


def _check(asked: BoardMeasure, data_type: str) -> None:
    """Refuse a measure that its column cannot give."""
    is_number = data_type.startswith(NUMERIC)
    wanted = "true or false" if asked.how == "rate" else "a number"
    if (asked.how == "rate") != (data_type == "BOOLEAN") or not (
        is_number or data_type == "BOOLEAN"
    ):
        raise BoardError(
            f'filters: "{asked.column}" is {data_type}, and {asked.how} needs {wanted}',
            hint="choose how = sum or mean for numbers, rate for true and false",
        )


def _source(text: str) -> str:
    words = text.strip().rstrip(";").rstrip()
    is_query = words.split(None, 1)[0].lower() in ("select", "with", "from")
    return f"(\n{words}\n)" if is_query else words


def _axis(engine: DuckEngine, source: str, filters: BoardFilters) -> Axis:
    if filters.time is None:
        return Axis("none")
    name = quote(filters.time)
    when = f"cast({name} as timestamp)"
    first, last, n = engine.rows(
        f"select epoch_us(min({when})), epoch_us(max({when})), count(distinct {name})\n"
        f"from {source}\nwhere isfinite({name})"
    )[0]
    if first is None:
        return Axis("none")
    start, end = (datetime.fromtimestamp(x / 1e6, tz=UTC) for x in (first, last))
    return time_axis(filters.time, start, end, n_distinct=n, grain=filters.grain)


def _dimension(engine: DuckEngine, source: str, column: str) -> Dimension:
    name = quote(column)
    n = engine.rows(f"select count(distinct {name}) from {source}")[0][0]
    return Dimension(column, short(column), f"cast({name} as varchar)", max(1, int(n)))


def _measure(asked: BoardMeasure, place: int) -> tuple[CubeMeasure, tuple[str, str]]:
    name = quote(asked.column)
    number = f"cast({name} as double)"
    total = f"sum({number}) filter (where isfinite({number}))"
    count = f"count({name}) filter (where isfinite({number}))"
    value = total if asked.how == "sum" else f"{total} / nullif({count}, 0)"
    measure = CubeMeasure(
        measure=place,
        column_name=asked.column,
        label=asked.title or f"{WORDS[asked.how]} {short(asked.column)}",
        how=asked.how,
        format="percent" if asked.how == "rate" else asked.format,
        unit=asked.unit,
        polarity=asked.polarity,
        value_sql=value,
    )
    return measure, (total, count)
