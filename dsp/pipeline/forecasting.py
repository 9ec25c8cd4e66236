"""`forecast`: reads a source and says how its series go on, with intervals."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import CancelledError, ColumnNotFoundError, DspError
from dsp.events import Tick, no_tick
from dsp.pipeline.profiling import database, keep, refuse_own_source
from dsp.pipeline.run_rows import finished_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsp.engine import DuckEngine, StoredTable
    from dsp.exports.forecasts import ForecastReport
    from dsp.forecasting.clocks import Question
    from dsp.forecasting.engine import Wish
    from dsp.forecasting.outcome import Forecast
    from dsp.records import ColumnProfile
    from dsp.sources import Loaded, Located

RUN_METHODS = ("theta", "ets", "arima", "combined")
"""Methods inside a run: those that a single series is quick with."""
RUN_SECONDS = 5.0
RUN_PERIODS, RUN_MISSING = 24, 0.2
"""Periods at least, and missing ones at most (share), of a series worth a forecast."""


def forecast(
    source: Any,
    *,
    time: str,
    target: str,
    by: str | Sequence[str] = (),
    horizon: int = 12,
    level: float = 0.9,
    seasons: Sequence[float] | None = None,
    frequency: str | None = None,
    aggregate: str | None = None,
    timezone: str | None = None,
    methods: str | Sequence[str] = (),
    time_limit: float | None = None,
    output: str | Path | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> ForecastReport:
    """Forecast the series of a source, each by the method that its past speaks for.

    Rows are taken together by period; missing periods are filled in and counted. Every
    method is tried from earlier origins, where it sees nothing later; intervals come
    from the errors it made there.

    Parameters
    ----------
    source
        Path, glob, folder, ``database.db::table``, or a table in memory.
    time, target
        Column of dates, times or years; column of numbers to forecast.
    by
        Column or columns whose values tell the series apart; one series when empty.
    horizon
        Steps ahead.
    level
        Nominal coverage of the intervals, 0.5 to below 1.
    seasons
        Lengths of seasons in steps; found when None, none when empty.
    frequency
        Step, such as ``hour``, ``business day`` or ``month``; found when None.
    aggregate
        How rows of a period are taken together: ``sum``, ``mean`` or ``last``; when None
        the sum of amounts, the mean of what is negative or measured (prices, rates).
    timezone
        Zone whose dates count for steps of a day and longer, where times have a zone.
        Hours are always those of UTC, so none is lost or doubled in a year.
    methods
        Names of methods; all when empty.
    time_limit
        Seconds after which no further method is begun.
    output
        DuckDB file that receives the result tables; replaced when it exists.
    memory_limit
        Memory for the whole process, such as ``4GB``; 70 % of what is there when None.
    threads
        Threads; all cores when None.
    format, options
        As for `DataReader`.
    tick
        Told after every method at every origin; what it raises ends the work.

    Returns
    -------
    ForecastReport
        Points, errors and one row for every series. Nothing in it is NaN.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in the source.
    SettingError
        A setting cannot be used, or the time column holds no times.
    TargetError
        The target holds no numbers.
    DspError
        The source cannot be read, has no rows, or the output cannot be written.

    Examples
    --------
    >>> import dsp
    >>> rows = {"year": list(range(1950, 2000)), "cars": [100 + i for i in range(50)]}
    >>> found = dsp.forecast(rows, time="year", target="cars", horizon=2)
    >>> [round(point.value) for point in found.of()]
    [150, 151]
    """
    from dsp.forecasting import ForecastEngine
    from dsp.forecasting.clocks import Question
    from dsp.forecasting.engine import Wish
    from dsp.sources import DataReader

    by = (by,) if isinstance(by, str) else tuple(by)
    wish = Wish(
        horizon=horizon,
        level=level,
        seasons=None if seasons is None else tuple(seasons),
        methods=(methods,) if isinstance(methods, str) else tuple(methods),
        time_limit=time_limit,
    )
    question = Question(time, target, by, frequency, aggregate, timezone)
    started, began = datetime.now(UTC), clock.perf_counter()
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    target_file = None if output is None else Path(output)
    refuse_own_source(target_file, located)
    with database(target_file, memory_limit=memory_limit, threads=threads) as engine:
        loaded = reader.load(located, engine, materialize="never", tick=tick)
        table = _table(engine, loaded, (time, target, *by), located.name)
        read = clock.perf_counter()
        found = ForecastEngine(engine).forecast(table, question, wish, tick=tick)
        ended = clock.perf_counter()
        report = _report(
            (located, loaded),
            question,
            wish,
            found,
            started=started,
            elapsed_ms={
                "load": (read - began) * 1000,
                "forecast": (ended - read) * 1000,
            },
        )
        if target_file is not None:
            _keep(engine, located, loaded, report)
    return report


def run_forecast(
    table: StoredTable,
    columns: Iterable[ColumnProfile],
    *,
    target: str | None,
    time: str | None,
    tick: Tick = no_tick,
) -> tuple[object, ...]:
    """Return the records of the series that all rows of a run make, in a few seconds.

    Nothing where the target is no number of many values, there is no column of dates or
    times, or the series is short or full of gaps.
    """
    from dsp.forecasting import ForecastEngine
    from dsp.forecasting.clocks import Question
    from dsp.forecasting.engine import Wish

    by_name = {column.column_name: column for column in columns}
    about, when = by_name.get(target or ""), by_name.get(time or "")
    if about is None or when is None or when.family not in ("date", "timestamp"):
        return ()
    if about.family not in ("integer", "decimal", "float") or about.n_distinct < 3:
        return ()
    wish = Wish(methods=RUN_METHODS, time_limit=RUN_SECONDS)
    question = Question(when.column_name, about.column_name)
    try:
        found = ForecastEngine(table.engine).forecast(table, question, wish, tick=tick)
    except CancelledError:
        raise
    except DspError:
        return ()
    row = found.series[0]
    if row.n_periods < RUN_PERIODS or row.n_missing > RUN_MISSING * row.n_periods:
        return ()
    return found.records


def _report(
    source: tuple[Located, Loaded],
    question: Question,
    wish: Wish,
    found: Forecast,
    **when: Any,
) -> ForecastReport:
    from dsp.exports.forecasts import ForecastReport

    return ForecastReport(
        source=source[0].source,
        n_rows=source[1].n_rows,
        n_rejected=source[1].n_rejected,
        forecast_at=when["started"],
        time=question.time,
        target=question.target,
        by=question.by,
        horizon=wish.horizon,
        level=wish.level,
        series=found.series,
        points=found.points,
        scores=found.scores,
        left_out=found.left_out,
        notes=found.notes,
        elapsed_ms=when["elapsed_ms"],
    )


def _table(
    engine: DuckEngine, loaded: Loaded, named: Sequence[str], where: str
) -> StoredTable:
    """Return the data as the view that all queries name."""
    from dsp.engine import StoredTable

    if not loaded.columns:
        raise DspError(f"{where} holds no columns", hint="give a file with a table in it")
    for column in named:
        if column not in loaded.columns:
            raise ColumnNotFoundError.of(column, loaded.columns, where=where)
    engine.create("data", "from raw.data", schema="clean", kind="view")
    return StoredTable(engine, "data", "clean")


def _keep(
    engine: DuckEngine, located: Located, loaded: Loaded, report: ForecastReport
) -> None:
    """Write all that was found into the output."""
    run = finished_run(
        located,
        loaded,
        config={
            "command": "forecast",
            "by": list(report.by),
            "horizon": report.horizon,
            "level": report.level,
        },
        target=report.target,
        time=report.time,
        started=report.forecast_at,
        elapsed_ms=sum(report.elapsed_ms.values()),
    )
    keep(engine, [run, *report.points, *report.scores, *report.series])
