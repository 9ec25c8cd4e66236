"""The figures of the summary, each with the query that gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dsp.charts.base import short
from dsp.charts.facts import NUMBERS, event_of, is_additive
from dsp.engine.duckdb_engine import literal
from dsp.records import ColumnProfile, Figure, ModelRow, TopValue
from dsp.units import metric_name

if TYPE_CHECKING:
    from dsp.engine import Store

SHOWN = 6
"""Figures that become cards of the summary; later ones are used in sentences."""


class _Ask(NamedTuple):
    """A figure before its query has run."""

    figure_id: str
    label: str
    format: str
    sql: str
    polarity: str = "neutral"


def build_figures(store: Store, *, target: str | None) -> tuple[Figure, ...]:
    """Return the figures of the summary in the order they are shown.

    Parameters
    ----------
    store
        The tables of a run after its analysis.
    target
        Target column, if the run has one.

    Returns
    -------
    figures
        The value is what `evidence_sql` answers on the result database. Positions 1 to
        6 are cards; figures from 101 on are used in sentences. A card whose value is
        unknown is left out.
    """
    columns = {c.column_name: c for c in store.read(ColumnProfile)}
    best = next((m for m in store.read(ModelRow) if m.is_best), None)
    profile = columns.get(target) if target is not None else None
    # The most frequent value names the card of a target that has classes.
    top = next(
        (
            v.value
            for v in store.read(TopValue)
            if v.column_name == target and v.rank == 1
        ),
        "",
    )
    cards = [
        _answered(store, ask, position)
        for position, ask in enumerate(_cards(profile, best, top), start=1)
    ]
    known = [f for f in cards if f.value is not None or f.figure_id == "rows"][:SHOWN]
    others = [
        _answered(store, ask, position)
        for position, ask in enumerate(_others(), start=101)
    ]
    return (*known, *others)


def _cards(
    target: ColumnProfile | None, best: ModelRow | None, top: str | None
) -> Iterator[_Ask]:
    if target is not None:
        yield from _target(target, top)
    yield _Ask("rows", "Rows", "integer", "select count(*) as value from clean.data")
    yield _Ask(
        "quality",
        "Data quality (of 100)",
        "score",
        "select round(100 * product(score), 6) as value from main.quality",
        "up",
    )
    yield _Ask(
        "missing",
        "Missing values",
        "percent",
        "select sum(n_null) / nullif(sum(n_rows), 0) as value from main.columns",
        "down",
    )
    if best is not None and best.holdout is not None:
        yield _Ask(
            "model",
            f"Model {metric_name(best.metric)}, held out",
            "metric",
            "select holdout as value from main.models where is_best limit 1",
            "up",
        )
    yield _Ask(
        "columns", "Columns", "integer", "select count(*) as value from main.columns"
    )


def _target(target: ColumnProfile, top: str | None) -> Iterator[_Ask]:
    name, where = target.column_name, f"where column_name = {literal(target.column_name)}"
    event = event_of(target)
    if event is not None:
        sql, label = event
        yield _Ask(
            "target_rate", label, "percent", f"select {sql} as value\nfrom clean.data"
        )
    elif target.family in NUMBERS:
        if is_additive(target):
            yield _Ask(
                "target_total",
                f"Total {name}",
                "amount",
                f"select total as value from main.columns {where}",
            )
        yield _Ask(
            "target_mean",
            f"Average {name}",
            "amount",
            f"select mean as value from main.columns {where}",
        )
    else:
        yield _Ask(
            "target_top",
            f"Most common {short(name)}: {short(top)}" if top else f"Most common {name}",
            "percent",
            f"select fraction as value from main.top_values {where} and rank = 1",
        )


def _others() -> Iterator[_Ask]:
    counts = {
        "insights": "select count(*) as value from main.insights "
        "where asserted and explained_by is null",
        "tests": "select coalesce(max(n_tests), 0) as value from main.insights",
        "checks": "select count(*) as value from main.checks "
        "where outcome <> 'not_evaluated'",
        "checks_passed": "select count(*) as value from main.checks "
        "where outcome = 'passed'",
        "checks_failed": "select count(*) as value from main.checks "
        "where outcome = 'failed' and severity <> 'info'",
        "checks_noted": "select count(*) as value from main.checks "
        "where outcome = 'failed' and severity = 'info'",
        "columns_missing": "select count(*) as value from main.missing "
        "where n_missing > 0",
    }
    for figure_id, sql in counts.items():
        label = figure_id.replace("_", " ").capitalize()
        yield _Ask(figure_id, label, "integer", sql)


def _answered(store: Store, ask: _Ask, position: int) -> Figure:
    rows = store.engine.rows(ask.sql)
    value = rows[0][0] if rows else None
    number = None if value is None else float(value)
    if number is not None and number - number != 0:
        number = None
    return Figure(
        figure_id=ask.figure_id,
        position=position,
        label=ask.label,
        value=number,
        format=ask.format,
        polarity=ask.polarity,
        evidence_sql=ask.sql,
    )
