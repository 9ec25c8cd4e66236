"""Reads what charts may show from the stored results of a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsp.charts.base import Facts, Measure, short
from dsp.engine.duckdb_engine import quote
from dsp.records import (
    Association,
    ColumnProfile,
    Importance,
    Insight,
    ModelRow,
    PersonalData,
    RunRow,
)

if TYPE_CHECKING:
    from dsp.engine import Store

NUMBERS = ("integer", "decimal", "float")
PER_ROW = re.compile(
    r"price|rate|rating|ratio|score|age|temp|percent|pct|share|discount|mean|avg|index"
    r"|level|year|length|width|height|depth|grade|rank|lat|lon|speed|density"
    r"|delay|duration|days|hours|minutes|seconds|latency|weight|distance",
    re.IGNORECASE,
)
"""Names of numbers that are not added up: a total of prices says nothing."""


def read_facts(store: Store) -> Facts:
    """Return what the tables of a run say that charts need."""
    columns = tuple(store.read(ColumnProfile))
    runs = store.read(RunRow)
    named = runs[0].target if runs else None
    timed = runs[0].time_column if runs else None
    target = next((c for c in columns if c.role == "target"), None) or next(
        (c for c in columns if c.column_name == named), None
    )
    time = next((c for c in columns if c.role == "time"), None) or next(
        (c for c in columns if c.column_name == timed), None
    )
    if time is not None and time.family not in ("date", "timestamp"):
        time = None
    strength = _strengths(store)
    leaks = {
        name
        for insight in store.read(Insight)
        if insight.kind == "leakage" and insight.asserted
        for name in insight.columns
    }
    dimensions = sorted(
        (
            c
            for c in columns
            if c.role == "dimension" and c is not target and c.column_name not in leaks
        ),
        key=lambda c: (-strength.get(c.column_name, -1.0), c.position),
    )
    return Facts(
        columns=columns,
        target=target,
        time=time,
        measure=measure_of(target),
        dimensions=tuple(dimensions),
        strength=strength,
        left_out=frozenset(leaks | {p.column_name for p in store.read(PersonalData)}),
        models=tuple(store.read(ModelRow)),
        importances=tuple(store.read(Importance)),
        engine=store.engine,
    )


def measure_of(target: ColumnProfile | None) -> Measure:
    """Return the figure that stands for the target: total, mean, rate or rows."""
    if target is not None and target.n_distinct > 1:
        name, shown = quote(target.column_name), short(target.column_name)
        event = event_of(target)
        if event is not None:
            sql, title = event
            return Measure(
                sql, title, "percent", is_additive=False, column=target.column_name
            )
        if target.family in NUMBERS:
            if is_additive(target):
                sql, title = f"sum({name})", f"Total {shown}"
            else:
                sql, title = f"avg({name})", f"Average {shown}"
            return Measure(
                sql, title, "amount", title.startswith("Total"), target.column_name
            )
    return Measure("count(*)", "Rows", "integer", is_additive=True)


def event_of(target: ColumnProfile) -> tuple[str, str] | None:
    """Return the SQL and the name of the share that a target of two values stands for.

    The event is true, or the larger of two numbers; None for other targets.
    """
    found = predicate_of(target)
    if found is None:
        return None
    counted = f"nullif(count({quote(target.column_name)}), 0)"
    return f"count(*) filter (where {found[0]}) / {counted}", found[1]


def predicate_of(target: ColumnProfile) -> tuple[str, str] | None:
    """Return the condition that a target of two values stands for, and its share's name.

    The event is true, or the larger of two numbers; None for other targets.
    """
    name, shown = quote(target.column_name), short(target.column_name)
    if target.family == "boolean":
        return name, f"Share with {shown}"
    if target.family in NUMBERS and target.n_distinct == 2:
        high = target.max_number
        if high is not None and high == round(high, 6):
            return f"{name} = {high!r}", f"Share of {shown} = {high:g}"
    return None


def is_additive(column: ColumnProfile) -> bool:
    """Return whether a total of a number means something."""
    is_positive = column.min_number is not None and column.min_number >= 0
    return (
        is_positive
        and column.n_distinct > 2
        and PER_ROW.search(column.column_name) is None
    )


def _strengths(store: Store) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in store.read(Association):
        if not row.is_target or row.strength is None:
            continue
        for name in (row.column_a, row.column_b):
            found[name] = max(found.get(name, 0.0), row.strength)
    return found
