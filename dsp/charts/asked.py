"""Charts that somebody asks for: names, encodings and types, checked before a query."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dsp.charts.base import MAX_ROWS, MISSING, Look, short
from dsp.charts.encodings import (
    LOOKS,
    check_encodings,
    check_look,
    columns_of,
    ibis_family,
    mapped,
    resolved,
    sql_family,
    wanted_by,
)
from dsp.charts.scatter import cells_sql
from dsp.charts.theme import LIGHT, config
from dsp.engine import engine_for
from dsp.engine.duckdb_engine import quote
from dsp.engine.store import to_json
from dsp.errors import DspError
from dsp.records import ChartRow
from dsp.registry import plugins

GAPS = frozenset({"forecast", "heatmap", "series_by", "time_series", "trend"})
"""Kinds of which a row without a value is a gap."""
WIDTH = 640
"""Pixels of a chart that has no page to fill."""


def asked_chart(kind: str, table: Any, encodings: Mapping[str, Any]) -> Any:
    """Return the Altair chart of an Ibis table, aggregated by its engine."""
    import altair as alt

    schema = table.schema()
    families = {name: ibis_family(dtype) for name, dtype in schema.items()}
    name, encodings = resolved(kind, encodings, families)
    plugin = plugins("charts")[name]
    check_encodings(kind, plugin, encodings, families)
    used = columns_of(plugin, encodings)
    expr, look = plugin.aggregate(_finite(table, used.values()), **encodings)
    rows = engine_for(table).fetch(expr).to_pylist()
    if name == "bar":
        # The sort is stable: only what is missing moves, to the end.
        rows.sort(key=lambda row: row["label"] == MISSING)
    shown = [_plain(row) for row in rows]
    if name not in GAPS:
        shown = [
            row
            for row in shown
            if all(row.get(key, 0) is not None for key in plugin.shape)
        ]
    drawn = plugin.draw(alt.InlineData(values=shown), look)
    look_of_page = {**config("light"), "background": LIGHT["surface"]}
    return drawn.properties(width=WIDTH, config=look_of_page)


def asked_row(
    engine: Any,
    kind: str,
    query: Any,
    about: Mapping[str, Any],
    given: Mapping[str, Any],
) -> ChartRow:
    """Return the chart of a query that already gives the columns of a kind.

    Parameters
    ----------
    about
        Fields of the `ChartRow`: chart_id, title, description, section, position.
    given
        Encodings, and fields of `Look`.
    """
    import altair as alt

    sql = _sql(query)
    if engine is None and not isinstance(query, str):
        engine = engine_for(query)
    if engine is None:
        raise DspError(
            f'chart "{about["chart_id"]}" is a query, and there is no database to ask',
            hint="ChartBuilder(engine).row(...), or pass an Ibis table",
        )
    types = dict(engine.described(f"(\n{sql}\n)"))
    families = {name: sql_family(of) for name, of in types.items()}
    looks = {key: value for key, value in given.items() if key in LOOKS}
    encodings = {key: value for key, value in given.items() if key not in LOOKS}
    check_look(kind, looks)
    name, encodings = resolved(kind, encodings, families)
    plugin = plugins("charts")[name]
    found = mapped(kind, plugin, encodings, families)
    data_sql, columns = _bounded(engine, plugin, sql, found)
    look = replace(_default_look(found), columns=columns, **looks)
    spec = plugin.draw(alt.NamedData(name=about["chart_id"]), look).to_dict(
        validate=False
    )
    spec.pop("config", None)
    return ChartRow(kind=name, spec=to_json(spec), data_sql=data_sql, **about)


def _finite(table: Any, columns: Iterable[str]) -> Any:
    """Return a table whose numbers in these columns are finite or missing."""
    import ibis

    changed = {
        name: ibis.cases(
            (table[name].isnan() | table[name].isinf(), None), else_=table[name]
        )
        for name in dict.fromkeys(columns)
        if table[name].type().is_floating()
    }
    return table.mutate(**changed) if changed else table


def _bounded(
    engine: Any, plugin: Any, sql: str, found: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Return a query of as many rows as a chart draws, and its columns."""
    named = _selection(plugin, sql, found)
    n_rows = engine.rows(f"select count(*)\nfrom (\n{named}\n)")[0][0]
    if n_rows <= MAX_ROWS:
        return f"{named}\nlimit {MAX_ROWS}", tuple(found)
    if set(found) == {"x", "y"} and plugin.name == "scatter":
        return cells_sql(engine, named), ("x", "x2", "y", "y2", "n_rows")
    raise DspError(
        f"the query of chart {plugin.name} has {n_rows:,} rows; "
        f"a chart draws at most {MAX_ROWS:,}",
        hint="group in the query, or end it with a limit",
    )


def _selection(plugin: Any, sql: str, found: Mapping[str, str]) -> str:
    """Return the query under the names that are drawn, without what cannot be drawn."""
    needed: list[str] = []
    shown: list[str] = []
    for key, column in found.items():
        wanted, name = wanted_by(plugin, key), quote(column)
        if wanted == "number":
            number = f"cast({name} as double)"
            text = f"case when isfinite({number}) then {number} end"
        elif wanted == "time":
            text = f"case when isfinite({name}) then cast({name} as timestamp) end"
        else:
            text = f"coalesce(nullif(cast({name} as varchar), 'nan'), '(missing)')"
        shown.append(f"{text} as {key}")
        is_gap = plugin.name in GAPS and wanted == "number"
        if key in plugin.shape and wanted != "text" and not is_gap:
            needed.append(f"{key} is not null")
    where = "\nwhere " + "\n    and ".join(needed) if needed else ""
    listed = ",\n    ".join(shown)
    return (
        f"with asked as (\n{sql}\n),\nnamed as (\n"
        f"    select {listed}\n    from asked\n)\nselect *\nfrom named{where}"
    )


def _default_look(found: Mapping[str, str]) -> Look:
    """Return a look that calls the axes what the query calls its columns."""
    value = found.get("value") or found.get("y") or "Value"
    bins = ("low",) if {"low", "high", "value"} == set(found) - {"label"} else ()
    sides = (*bins, "label", "ts", "x")
    label = next((found[side] for side in sides if side in found), "")
    return Look(
        short(value), short(label) if label else "", height=240, columns=tuple(found)
    )


def _sql(query: Any) -> str:
    if isinstance(query, str):
        return query.strip().rstrip(";").rstrip()
    return str(engine_for(query).compile(query)).strip()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose times are text that every time zone reads alike."""
    return {key: _readable(value) for key, value in row.items()}


def _readable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not hasattr(value, "isoformat"):
        return value
    text = value.isoformat()
    has_clock = hasattr(value, "tzinfo")
    return f"{text}Z" if has_clock and value.tzinfo is None else text
