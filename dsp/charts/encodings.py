"""Names of charts and of what they draw: what is meant, and what is wrong with it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dsp.charts.base import Look
from dsp.errors import ColumnNotFoundError, DspError, nearest
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
LOOKS = frozenset(f.name for f in fields(Look)) - {"columns", "tokens", "series"}
WORDS = {
    "format": ("amount", "integer", "percent"),
    "polarity": ("neutral", "up", "down"),
}
"""What a look may say, where that is a word."""
NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"),
    *("UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN"),
)
TIMES = ("DATE", "TIMESTAMP")


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


def check_encodings(
    kind: str, plugin: Any, encodings: Mapping[str, Any], families: Mapping[str, str]
) -> None:
    """Refuse what the kind does not know, what it lacks, and columns of a wrong type."""
    parameters = _parameters(plugin)
    for key in encodings:
        if key not in parameters:
            raise _unknown(kind, key, list(parameters), [])
    needed = [k for k, p in parameters.items() if p.default is inspect.Parameter.empty]
    missing = [key for key in needed if encodings.get(key) is None]
    if missing:
        raise _lacking(kind, plugin, missing, families)
    for key, given in encodings.items():
        wanted = str(parameters[key].annotation).partition(" ")[0]
        if wanted in ("int", "float") and given is not None:
            _check_number(kind, key, given, wanted)
    for key, column in columns_of(plugin, encodings).items():
        if column not in families:
            raise ColumnNotFoundError.of(column, families, where=f"the data of {kind}")
        how = encodings.get("how", "")
        _check_type(kind, plugin, key, column, families, is_free=how == "count")


def _check_number(kind: str, key: str, number: Any, wanted: str) -> None:
    """Refuse what is no finite number where one is given, not a column."""
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    if wanted == "int":
        is_number = isinstance(number, int) and is_number and number >= 1
    if not is_number or not math.isfinite(number):
        what = "a whole number from 1 on" if wanted == "int" else "a finite number"
        raise DspError(f"{key} of chart {kind} is {number!r}", hint=f"{key} is {what}")


def mapped(
    kind: str, plugin: Any, encodings: Mapping[str, Any], families: Mapping[str, str]
) -> dict[str, str]:
    """Return the columns of a query by the fields that are drawn."""
    fields_ = [*sorted(plugin.shape), *EXTRA.get(plugin.name, ())]
    for key, column in encodings.items():
        if key not in fields_:
            raise _unknown(kind, key, fields_, sorted(LOOKS))
        if column not in families:
            raise ColumnNotFoundError.of(
                str(column), families, where=f"the query of chart {kind}"
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


def check_look(kind: str, looks: Mapping[str, Any]) -> None:
    """Refuse a way to look that no chart has."""
    for key, value in looks.items():
        words = WORDS.get(key)
        if words is not None and value not in words:
            raise DspError(
                f"{key} of chart {kind} is {value!r}", hint=f"one of {', '.join(words)}"
            )
    if "height" in looks:
        _check_number(kind, "height", looks["height"], "int")


def _check_type(
    kind: str,
    plugin: Any,
    key: str,
    column: str,
    families: Mapping[str, str],
    *,
    is_free: bool = False,
) -> None:
    wanted = wanted_by(plugin, key)
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


def wanted_by(plugin: Any, key: str) -> str:
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
    wanted = wanted_by(plugin, missing[0])
    fitting = [name for name, of in families.items() if of == wanted] or columns
    mine = [*nearest(missing[0], columns, n=1), *fitting, "COLUMN"][0]
    return DspError(
        f"chart {kind} needs {named}; columns: {shown or 'none'}",
        hint=f'{missing[0]}="{mine}"',
        missing=missing,
        columns=columns,
    )


def _unknown(kind: str, key: str, known: list[str], also: list[str]) -> DspError:
    close = nearest(key, [*known, *also], n=1)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return DspError(
        f'chart {kind} has no encoding "{key}"',
        hint=f"{guess}encodings: {', '.join(known)}",
    )


def _parameters(plugin: Any) -> dict[str, inspect.Parameter]:
    found = inspect.signature(plugin.aggregate).parameters
    return {key: p for key, p in found.items() if key not in ("table", "self")}


def columns_of(plugin: Any, encodings: Mapping[str, Any]) -> dict[str, str]:
    """Return the encodings that name columns."""
    parameters = _parameters(plugin)
    return {
        key: str(value)
        for key, value in encodings.items()
        if value is not None
        and key not in OPTIONS
        and str(parameters[key].annotation) in ("str", "str | None")
    }


def ibis_family(dtype: Any) -> str:
    """Return what a column of an Ibis table holds, in a word."""
    if dtype.is_boolean():
        return "boolean"
    if dtype.is_numeric():
        return "number"
    if dtype.is_date() or dtype.is_timestamp():
        return "time"
    return "text" if dtype.is_string() else str(dtype).partition("<")[0]


def sql_family(of: str) -> str:
    """Return what a column of a query holds, in a word."""
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
