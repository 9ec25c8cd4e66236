"""Charts that somebody asks for: names, encodings and types, checked before a query."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from dsp.charts.base import MAX_ROWS, MISSING, Look, short
from dsp.charts.scatter import cells_sql
from dsp.charts.theme import LIGHT, config
from dsp.engine import engine_for
from dsp.engine.duckdb_engine import quote
from dsp.engine.store import to_json
from dsp.errors import ColumnNotFoundError, DspError, nearest
from dsp.records import ChartRow
from dsp.registry import plugins

ALIASES = {
    "bar_chart": "bar",
    "box_plot": "box",
    "boxplot": "box",
    "bullet": "gauge",
    "distribution": "histogram",
    "figure": "kpi",
    "forecast_band": "forecast",
    "heat_map": "heatmap",
    "number": "kpi",
    "timeseries": "time_series",
}
"""Other names of kinds; `line` is told apart by its x."""
EXTRA = {
    "bar": ("n_rows",),
    "forecast": ("forecast",),
    "gauge": ("low", "goal"),
    "histogram": ("label",),
    "kpi": ("baseline", "goal"),
    "relation": ("n_rows",),
    "scatter": ("x2", "y2", "n_rows"),
    "time_series": ("label",),
    "trend": ("expected",),
}
"""Columns that a kind draws when a query has them."""
OPTIONS = frozenset({"how", "grain", "polarity", "title"})
"""Encodings that are words, not columns."""
TEXTS = frozenset({"label", "label_b"})
GAPS = frozenset({"forecast", "heatmap", "series_by", "time_series", "trend"})
"""Kinds of which a row without a value is a gap."""
LOOKS = frozenset(f.name for f in fields(Look)) - {"columns", "tokens", "series"}
NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"),
    *("UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN"),
)
TIMES = ("DATE", "TIMESTAMP")
WIDTH = 640
"""Pixels of a chart that has no page to fill."""


def asked_chart(kind: str, table: Any, encodings: Mapping[str, Any]) -> Any:
    """Return the Altair chart of an Ibis table, aggregated by its engine."""
    import altair as alt

    schema = table.schema()
    families = {name: _ibis_family(dtype) for name, dtype in schema.items()}
    name, encodings = resolved(kind, encodings, families)
    plugin = plugins("charts")[name]
    _check_encodings(kind, plugin, encodings, families)
    used = _columns(plugin, encodings)
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
    families = {name: _sql_family(of) for name, of in types.items()}
    looks = {key: value for key, value in given.items() if key in LOOKS}
    encodings = {key: value for key, value in given.items() if key not in LOOKS}
    name, encodings = resolved(kind, encodings, families)
    plugin = plugins("charts")[name]
    found = _mapped(kind, plugin, encodings, families)
    data_sql, columns = _bounded(engine, plugin, sql, found)
    look = replace(_default_look(found), columns=columns, **looks)
    spec = plugin.draw(alt.NamedData(name=about["chart_id"]), look).to_dict(
        validate=False
    )
    spec.pop("config", None)
    return ChartRow(kind=name, spec=to_json(spec), data_sql=data_sql, **about)


def resolved(
    kind: str, encodings: Mapping[str, Any], families: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """Return the plug-in that a name means, and its encodings.

    Raises
    ------
    DspError
        There is no such kind of chart.
    """
    given = dict(encodings)
    name = ALIASES.get(kind, kind)
    if name == "line":
        if families.get(given.get("x", "")) == "time":
            given["ts"] = given.pop("x")
        if "ts" in given:
            name = "time_series"
        else:
            name = "lines" if "label" in given else "relation"
    kinds = plugins("charts")
    if name not in kinds:
        known = sorted({*kinds, *ALIASES, "line"})
        close = nearest(kind, known, n=1)
        guess = f'did you mean "{close[0]}"? ' if close else ""
        raise DspError(
            f'no kind of chart "{kind}"', hint=f"{guess}one of {', '.join(kinds)}, line"
        )
    return name, given


def _check_encodings(
    kind: str, plugin: Any, encodings: Mapping[str, Any], families: Mapping[str, str]
) -> None:
    """Refuse what the kind does not know, what it lacks, and columns of a wrong type."""
    parameters = _parameters(plugin)
    for key in encodings:
        if key not in parameters:
            close = nearest(key, parameters, n=1)
            guess = f'did you mean "{close[0]}"? ' if close else ""
            raise DspError(
                f'chart {kind} has no encoding "{key}"',
                hint=f"{guess}encodings: {', '.join(parameters)}",
            )
    needed = [k for k, p in parameters.items() if p.default is inspect.Parameter.empty]
    missing = [key for key in needed if key not in encodings]
    if missing:
        raise _lacking(kind, plugin, missing, families)
    for key, column in _columns(plugin, encodings).items():
        if column not in families:
            raise ColumnNotFoundError.of(column, families, where=f"the data of {kind}")
        how = encodings.get("how", "")
        _check_type(kind, plugin, key, column, families, is_free=how == "count")


def _check_type(
    kind: str,
    plugin: Any,
    key: str,
    column: str,
    families: Mapping[str, str],
    *,
    is_free: bool = False,
) -> None:
    wanted = _wanted(plugin, key)
    family = families[column]
    fits = family == wanted or (wanted == "number" and family == "boolean")
    if wanted == "text" or fits or is_free:
        return
    there = [name for name, of in families.items() if of == wanted]
    listed = ", ".join(there[:12]) or "none"
    raise DspError(
        f'chart {kind} needs a {wanted} as {key}, and column "{column}" is {family}',
        hint=f"columns with a {wanted}: {listed}",
    )


def _wanted(plugin: Any, key: str) -> str:
    """Return what a field holds: number, time, or text, which anything can be."""
    if key == "ts":
        return "time"
    is_class = plugin.name == "confusion" and key in ("actual", "predicted")
    return "text" if key in TEXTS or is_class else "number"


def _lacking(
    kind: str, plugin: Any, missing: list[str], families: Mapping[str, str]
) -> DspError:
    columns = list(families)
    named = ", ".join(missing)
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    wanted = _wanted(plugin, missing[0])
    fitting = [name for name, of in families.items() if of == wanted] or columns
    mine = [*nearest(missing[0], columns, n=1), *fitting, "COLUMN"][0]
    return DspError(
        f"chart {kind} needs {named}; columns: {shown or 'none'}",
        hint=f'{missing[0]}="{mine}"',
        missing=missing,
        columns=columns,
    )


def _parameters(plugin: Any) -> dict[str, inspect.Parameter]:
    found = inspect.signature(plugin.aggregate).parameters
    return {key: p for key, p in found.items() if key not in ("table", "self")}


def _columns(plugin: Any, encodings: Mapping[str, Any]) -> dict[str, str]:
    """Return the encodings that name columns."""
    parameters = _parameters(plugin)
    return {
        key: str(value)
        for key, value in encodings.items()
        if value is not None
        and key not in OPTIONS
        and str(parameters[key].annotation) in ("str", "str | None")
    }


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


def _mapped(
    kind: str, plugin: Any, encodings: Mapping[str, Any], families: Mapping[str, str]
) -> dict[str, str]:
    """Return the columns of a query by the fields that are drawn."""
    fields_ = [*sorted(plugin.shape), *EXTRA.get(plugin.name, ())]
    for key, column in encodings.items():
        if key not in fields_:
            close = nearest(key, [*fields_, *LOOKS], n=1)
            guess = f'did you mean "{close[0]}"? ' if close else ""
            raise DspError(
                f'chart {kind} has no encoding "{key}"',
                hint=f"{guess}encodings: {', '.join(fields_)}",
            )
        if column not in families:
            raise ColumnNotFoundError.of(
                column, families, where=f"the query of chart {kind}"
            )
    found = {
        key: str(encodings.get(key, key))
        for key in fields_
        if encodings.get(key, key) in families
    }
    missing = [key for key in sorted(plugin.shape) if key not in found]
    if missing:
        raise _lacking(kind, plugin, missing, families)
    for key, column in found.items():
        _check_type(kind, plugin, key, column, families)
    return found


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
        wanted, name = _wanted(plugin, key), quote(column)
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


def _ibis_family(dtype: Any) -> str:
    if dtype.is_boolean():
        return "boolean"
    if dtype.is_numeric():
        return "number"
    if dtype.is_date() or dtype.is_timestamp():
        return "time"
    return "text" if dtype.is_string() else str(dtype).partition("<")[0]


def _sql_family(of: str) -> str:
    if of == "BOOLEAN":
        return "boolean"
    if of.endswith("]"):
        return "list"
    if of.startswith(TIMES):
        return "time"
    bare = of.partition("(")[0]
    if bare in NUMBERS:
        return "number"
    return "text" if bare in ("VARCHAR", "ENUM", "UUID") else bare.lower()


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
