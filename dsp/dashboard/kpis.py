"""The cards of the summary: a figure, what it was before, and the queries of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from dsp.charts.base import short
from dsp.dashboard.cube.build import BuiltCube
from dsp.records import CubeMeasure, Kpi, ModelRow
from dsp.units import metric_name

FILTERED = 5
"""Cards that the filters change; figures of all data fill up to so many."""
FEWEST = 4


@dataclass(frozen=True, slots=True)
class _Windows:
    """The conditions on rows of the window that is shown first, and of the one before."""

    shown: str
    before: str | None
    label: str | None
    source: str = "clean.data"


def build_kpis(
    engine: Any,
    built: BuiltCube | None,
    *,
    best: ModelRow | None = None,
    has_run: bool = True,
) -> tuple[Kpi, ...]:
    """Return the cards of the summary in the order they are shown.

    Parameters
    ----------
    engine
        The database that holds ``clean.data`` and the tables of the run.
    built
        The cube of the page; without one only figures of all data are shown.
    best
        The best model of the run.
    has_run
        Whether the database holds the tables of a run, for figures of all data.

    Returns
    -------
    kpis
        `value` is what `evidence_sql` answers, `previous` what `previous_sql` answers,
        and `change` follows from both. A card without a value is left out.
    """
    windows = _windows(built)
    cards = list(_filtered(built, windows)) if built is not None else [_rows(windows)]
    cards = cards[:FILTERED]
    for card in _of_all(best, with_columns=built is None) if has_run else ():
        if len(cards) < FEWEST or (card.kpi_id == "model" and len(cards) <= FILTERED):
            cards.append(card)
    found: list[Kpi] = []
    for card in cards:
        answered = _answered(engine, card)
        if answered.value is not None or card.kpi_id == "rows":
            found.append(replace(answered, position=len(found) + 1))
    return tuple(found)


def _windows(built: BuiltCube | None) -> _Windows:
    if built is None:
        return _Windows("", None, None)
    cube, axis = built.cube, built.axis
    first, last = cube.first_bucket, cube.last_bucket
    shown = axis.within_sql(first, last)
    if cube.back is None:
        return _Windows(shown, None, None, built.source)
    is_cut = bool(axis.cuts) and last == cube.n_buckets - 1
    before = axis.within_sql(first - cube.back, last - cube.back, is_cut=is_cut)
    return _Windows(shown, before, cube.previous_label, built.source)


def _filtered(built: BuiltCube, windows: _Windows) -> Iterator[Kpi]:
    measures = built.measures
    main = measures[0] if measures else None
    if main is not None:
        yield _card("main", main, main.how, main.value_sql, windows)
    yield _rows(windows)
    if main is not None and main.how == "sum" and main.column_name is not None:
        label = f"Average {short(main.column_name)}"
        average = replace(main, label=label)
        yield _card(
            "mean", average, "mean", main.value_sql.replace("sum(", "avg(", 1), windows
        )
    for measure in measures[1:]:
        name = f"measure_{measure.measure}"
        yield _card(name, measure, measure.how, measure.value_sql, windows)


def _rows(windows: _Windows) -> Kpi:
    counted = CubeMeasure(
        measure=0,
        label="Rows",
        how="rows",
        format="integer",
        polarity="neutral",
        value_sql="count(*)",
    )
    return _card("rows", counted, "rows", counted.value_sql, windows)


def _card(
    kpi_id: str, measure: CubeMeasure, how: str, sql: str, windows: _Windows
) -> Kpi:
    def query(where: str) -> str:
        text = f"select {sql} as value\nfrom {windows.source}"
        return f"{text}\nwhere {where}" if where else text

    kind = "points" if how == "rate" else "relative"
    return Kpi(
        kpi_id=kpi_id,
        position=0,
        label=measure.label,
        measure=measure.measure or None,
        how=how,
        format=measure.format,
        unit=measure.unit,
        polarity=measure.polarity,
        change_kind="none" if windows.before is None else kind,
        previous_label=windows.label,
        evidence_sql=query(windows.shown),
        previous_sql=None if windows.before is None else query(windows.before),
    )


def _of_all(best: ModelRow | None, *, with_columns: bool) -> Iterator[Kpi]:
    def card(kpi_id: str, label: str, form: str, sql: str, polarity: str) -> Kpi:
        return Kpi(
            kpi_id=kpi_id,
            position=0,
            label=label,
            how="all",
            format=form,
            polarity=polarity,
            change_kind="none",
            evidence_sql=sql,
        )

    if best is not None and best.holdout is not None:
        yield card(
            "model",
            f"Model {metric_name(best.metric)}, held out",
            "metric",
            "select holdout as value from main.models where is_best limit 1",
            "up",
        )
    if with_columns:
        yield card(
            "columns",
            "Columns",
            "integer",
            "select count(*) as value from main.columns",
            "neutral",
        )
    yield card(
        "quality",
        "Data quality (of 100)",
        "score",
        "select round(100 * product(score), 6) as value from main.quality",
        "up",
    )
    yield card(
        "missing",
        "Missing values",
        "percent",
        "select sum(n_null) / nullif(sum(n_rows), 0) as value from main.columns",
        "down",
    )


def _answered(engine: Any, card: Kpi) -> Kpi:
    value = _number(engine, card.evidence_sql)
    previous = None if card.previous_sql is None else _number(engine, card.previous_sql)
    change = None
    if value is not None and previous is not None:
        if card.change_kind == "points":
            change = value - previous
        elif previous * value > 0:
            change = (value - previous) / abs(previous)
    kind = card.change_kind if change is not None else "none"
    return replace(card, value=value, previous=previous, change=change, change_kind=kind)


def _number(engine: Any, sql: str) -> float | None:
    rows = engine.rows(sql)
    value = rows[0][0] if rows else None
    number = None if value is None else float(value)
    return None if number is None or number - number != 0 else number
