"""What a cube counts: its axis, its dimensions and its measures, chosen or asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dsp.charts.base import Facts, short
from dsp.charts.facts import NUMBERS, is_additive, predicate_of
from dsp.dashboard.cube.axis import Axis, number_axis, time_axis
from dsp.dashboard.cube.base import MAX_VALUES, CubeOptions, CubePlan, Dimension
from dsp.dashboard.cube.derived import ranges, times_of
from dsp.engine.duckdb_engine import quote
from dsp.errors import SettingError, nearest
from dsp.records import DIMENSIONS, ColumnProfile, CubeMeasure

MAX_LEVELS = 2_000
ENOUGH = 3
"""Dimensions of the data beside which none is derived from times or numbers."""
SIMILAR = 0.999
GOOD_DOWN = re.compile(
    r"cost|delay|error|churn|days|defect|complaint|wait|loss|missing|late|fraud|refund"
    r"|cancel|default|death|crime|downtime|latency",
    re.IGNORECASE,
)
GOOD_UP = re.compile(
    r"revenue|sales|profit|income|margin|orders|rating|satisfaction|conversion|survived"
    r"|turnover|tip",
    re.IGNORECASE,
)
SUMMED = re.compile(
    r"revenue|sales|amount|units|quantity|qty|cost|profit|orders|count|visits|clicks"
    r"|turnover|volume|tax|fee|paid",
    re.IGNORECASE,
)
"""Names of numbers beside the target whose total is shown; of others the mean is."""


def plan_cube(engine: Any, facts: Facts, options: CubeOptions) -> CubePlan | None:
    """Return what the page of a run is filtered by, or None where nothing can be.

    Parameters
    ----------
    engine
        The database that holds ``clean.data``.
    facts
        What is known of the run.
    options
        What was asked for.

    Raises
    ------
    SettingError
        A column that was asked for as a card or by its unit does not exist.
    """
    if not facts.columns or not facts.columns[0].n_rows:
        return None
    polarity = _asked(facts, options)
    axis = _axis(engine, facts)
    dimensions = tuple(_dimensions(engine, facts, options, cut=axis.column))
    measures, sums = _measures(facts, options, polarity)
    if axis.kind == "none" and not dimensions:
        return None
    return CubePlan(axis, dimensions, measures, sums)


def _asked(facts: Facts, options: CubeOptions) -> dict[str, str]:
    """Return the polarity of every card that was asked for, by column."""
    names = [c.column_name for c in facts.columns]
    found: dict[str, str] = {}
    for text in options.kpis:
        name, _, way = text.rpartition(":")
        if way not in ("up", "down", "neutral") or name not in names:
            name, way = text, ""
        found[name] = way
    for name in (*found, *options.units):
        if name not in names:
            close = nearest(name, names, n=1)
            raise SettingError(
                f'no column "{name}" for a card or a unit',
                hint=f'did you mean "{close[0]}"?' if close else "dsp show RUN columns",
                name=name,
            )
    return found


def _axis(engine: Any, facts: Facts) -> Axis:
    if facts.time is not None and facts.time.n_distinct >= 2:
        name = quote(facts.time.column_name)
        when = f"cast({name} as timestamp)"
        first, last = engine.rows(
            f"select epoch_us(min({when})), epoch_us(max({when}))\nfrom clean.data\n"
            f"where isfinite({name})"
        )[0]
        if first is not None and -6e16 < first < last < 2.5e17:
            start, end = (datetime.fromtimestamp(x / 1e6, tz=UTC) for x in (first, last))
            return time_axis(
                facts.time.column_name,
                start,
                end,
                n_distinct=facts.time.n_distinct,
                grain=None,
            )
    if facts.target is not None:
        shown = facts.target if _is_wide(facts.target) else None
    else:
        shown = next((c for c in _numbers(facts) if _is_wide(c)), None)
    if shown is None:
        return Axis("none")
    ends = (shown.min_number, shown.max_number, shown.q01, shown.q99)
    if any(x is None or not math.isfinite(x) for x in ends):
        return Axis("none")
    return number_axis(shown.column_name, *(float(x or 0) for x in ends))


def _is_wide(column: ColumnProfile) -> bool:
    return column.family in NUMBERS and column.n_distinct > MAX_VALUES


def _numbers(facts: Facts) -> list[ColumnProfile]:
    """Return the numbers that can be cards, most associated with the target first."""
    found = [
        c
        for c in facts.columns
        if c.role == "measure"
        and c.n_distinct > 1
        and c.column_name not in facts.left_out
    ]
    strength = facts.strength
    return sorted(found, key=lambda c: (-strength.get(c.column_name, 0.0), c.position))


def _dimensions(
    engine: Any, facts: Facts, options: CubeOptions, *, cut: str | None
) -> Iterator[Dimension]:
    found: list[Dimension] = []
    target = facts.target
    is_shown = target is not None and not (options.redact and target.family == "text")
    if target is not None and is_shown and not _is_wide(target) and target.n_distinct > 1:
        found.append(replace(_of(target), is_target=True))
    pairs = _same(engine)
    groups = [c for c in facts.dimensions if 2 <= c.n_distinct <= MAX_LEVELS]
    counts = [
        c for c in _numbers(facts) if c.family == "integer" and c.n_distinct <= MAX_VALUES
    ]
    if target is not None:
        groups.sort(key=lambda c: -round(facts.strength.get(c.column_name, 0.0), 1))
    groups.sort(key=lambda c: c.n_null > 0.5 * c.n_rows)
    for column in (*groups, *counts):
        if len(found) >= (DIMENSIONS if column in groups else ENOUGH):
            break
        name = column.column_name
        is_hidden = options.redact and column.family == "text"
        if name in facts.left_out or is_hidden or _is_wide(column):
            continue
        if not any(frozenset((name, d.column)) in pairs for d in found):
            found.append(_of(column))
    if facts.time is not None:
        found += times_of(facts.time)[: max(0, ENOUGH - len(found))]
    wide = [c for c in _numbers(facts) if _is_wide(c) and c.column_name != cut]
    for column in wide[: max(0, ENOUGH - len(found))]:
        found += ranges(column)
    yield from found[:DIMENSIONS]


def _of(column: ColumnProfile) -> Dimension:
    name = quote(column.column_name)
    ordered: tuple[str, ...] = ()
    if column.family == "boolean":
        ordered = ("true", "false")
    elif column.family in NUMBERS:
        ordered = ("number",)
    return Dimension(
        column=column.column_name,
        label=short(column.column_name),
        value_sql=f"cast({name} as varchar)",
        n_values=column.n_distinct,
        ordered=ordered,
    )


def _same(engine: Any) -> frozenset[frozenset[str]]:
    """Return the pairs of columns that say the same thing in other words."""
    rows = engine.rows(
        "select column_a, column_b from main.associations\n"
        f"where measure = 'cramers_v' and value >= {SIMILAR}"
    )
    return frozenset(frozenset(pair) for pair in rows)


def _measures(
    facts: Facts, options: CubeOptions, polarity: dict[str, str]
) -> tuple[tuple[CubeMeasure, ...], tuple[tuple[str, str], ...]]:
    """Return the measures, and the SQL of the sum and the count of each."""
    chosen: list[ColumnProfile] = []
    target = facts.target
    if target is not None and target.n_distinct > 1:
        chosen.append(target)
    asked = [c for c in facts.columns if c.column_name in polarity]
    others = [c for c in _numbers(facts) if c.column_name not in polarity]
    for column in (*asked, *others):
        if column is not target and len(chosen) < 4:
            chosen.append(column)
    measures: list[CubeMeasure] = []
    sums: list[tuple[str, str]] = []
    for column in chosen:
        made = measure_of(
            column,
            len(measures) + 1,
            unit=options.units.get(column.column_name),
            polarity=polarity.get(column.column_name, ""),
            is_total=is_additive(column)
            if column is target
            else SUMMED.search(column.column_name) is not None and is_additive(column),
        )
        if made is not None:
            measures.append(made[0])
            sums.append(made[1])
    return tuple(measures), tuple(sums)


def measure_of(
    column: ColumnProfile, place: int, *, unit: str | None, polarity: str, is_total: bool
) -> tuple[CubeMeasure, tuple[str, str]] | None:
    """Return a measure with the SQL of its sum and count; None for a column of words."""
    name, shown = quote(column.column_name), short(column.column_name)
    event = predicate_of(column)
    if event is not None:
        predicate, label = event
        parts = f"count(*) filter (where {predicate})", f"count({name})"
        how, form = "rate", "percent"
    elif column.family in NUMBERS:
        usable = (
            f"isfinite({name})" if column.family == "float" else f"{name} is not null"
        )
        parts = exact_sum(column), f"count(*) filter (where {usable})"
        how, form = ("sum" if is_total else "mean"), "amount"
        label = _titled("Total" if is_total else "Average", shown)
    else:
        return None
    plain = f"{'sum' if how == 'sum' else 'avg'}({summed(column)})"
    if column.n_infinite and how != "rate":
        plain += f" filter (where isfinite({name}))"
    if how == "rate":
        plain = f"{parts[0]} / nullif({parts[1]}, 0)"
    measure = CubeMeasure(
        measure=place,
        column_name=column.column_name,
        label=label,
        how=how,
        format=form,
        unit=unit,
        polarity=polarity or _polarity(column.column_name),
        value_sql=plain,
    )
    return measure, parts


def _titled(word: str, name: str) -> str:
    """Return the title of a figure, without saying its word twice."""
    return (
        name.capitalize() if name.lower().startswith(word.lower()) else f"{word} {name}"
    )


def summed(column: ColumnProfile) -> str:
    """Return what is added up: decimals as doubles where their total has no room."""
    name = quote(column.column_name)
    size = max(abs(column.min_number or 0.0), abs(column.max_number or 0.0))
    is_wide = column.family == "decimal" and size * max(column.n_rows, 1) >= 1e17
    return f"cast({name} as double)" if is_wide else name


def exact_sum(column: ColumnProfile) -> str:
    """Return the SQL of a sum that is the same for any order of the rows.

    Numbers with a fraction are rounded to 15 digits of the largest one and summed as
    decimals: sums of doubles differ in their last digits with the number of threads.
    """
    name = quote(column.column_name)
    if column.family != "float":
        return f"sum({summed(column)})"
    finite = f"case when isfinite({name}) then {name} end"
    size = max(abs(column.min_number or 0.0), abs(column.max_number or 0.0))
    if not math.isfinite(size) or size >= 1e14:
        return f"sum({finite})"
    digits = max(0, math.floor(math.log10(size)) + 1) if size else 1
    return f"sum(cast({finite} as decimal(18, {15 - digits})))"


def _polarity(name: str) -> str:
    if GOOD_DOWN.search(name):
        return "down"
    return "up" if GOOD_UP.search(name) else "neutral"
