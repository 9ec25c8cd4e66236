"""Forecasts series of a table: history, methods, rolling origins, choice, intervals."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from dsp.engine import DuckEngine, engine_for
from dsp.errors import SettingError
from dsp.events import Tick, no_tick
from dsp.forecasting import backtest
from dsp.forecasting.base import Floats, Histories
from dsp.forecasting.choice import Choice, choose
from dsp.forecasting.clocks import Question
from dsp.forecasting.conformal import intervals, spread_of_steps
from dsp.forecasting.filling import filled, seasons_of
from dsp.forecasting.history import History, read_history
from dsp.forecasting.outcome import (
    Forecast,
    Part,
    own_errors,
    points_of,
    scores_of,
)
from dsp.forecasting.summaries import row_of, summary_of
from dsp.numbers import counted
from dsp.records import ForecastPoint, ForecastScore, ForecastSeries
from dsp.registry import plugins

if TYPE_CHECKING:
    from dsp.engine import StoredTable

ORDER = ("naive", "seasonal_naive", "theta", "ets", "arima", "boosted")
"""Methods, simplest and quickest first; others come after."""
FAVOURITE = "combined"
MAX_HORIZON = 1_000
FLAT = 1e-3
"""Series that move by less than this share of their mean are measured from it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to forecast.

    Attributes
    ----------
    horizon
        Steps ahead.
    level
        Nominal coverage of intervals (0-1).
    seasons
        Lengths of seasons in steps; found when None, none when empty.
    methods
        Names of methods; all when empty.
    time_limit
        Seconds after which no further method is begun; no limit when None.
    """

    horizon: int = 12
    level: float = 0.9
    seasons: tuple[float, ...] | None = None
    methods: tuple[str, ...] = ()
    time_limit: float | None = None


class ForecastEngine:
    """Forecasts the series of a table.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.

    Examples
    --------
    >>> from dsp.engine import DuckEngine, StoredTable
    >>> engine = DuckEngine()
    >>> engine.execute(
    ...     "create table t as select date '2020-01-01' + i::integer as day, "
    ...     "5 + i % 7 as sold from range(120) as r(i)"
    ... )
    >>> found = ForecastEngine(engine).forecast(
    ...     StoredTable(engine, "t"), Question("day", "sold"), Wish(horizon=3)
    ... )
    >>> [round(point.value, 2) for point in found.points if point.is_chosen]
    [6.0, 7.0, 8.0]
    """

    def __init__(self, engine: DuckEngine | None = None) -> None:
        self.engine = engine

    def forecast(
        self,
        table: StoredTable,
        question: Question,
        wish: Wish | None = None,
        *,
        tick: Tick = no_tick,
    ) -> Forecast:
        """Return forecasts of every series with intervals, scores and a choice.

        Parameters
        ----------
        table
            Rows with a time and a number.
        question
            Columns, step and how rows of a period are taken together.
        wish
            Horizon, level, seasons, methods and time.
        tick
            Told after every method at every origin.

        Returns
        -------
        Forecast
            A series that cannot be forecast has a reason, and no points.

        Raises
        ------
        ColumnNotFoundError
            A named column is not in the table.
        SettingError
            A setting cannot be used.
        TargetError
            The target holds no numbers.
        DspError
            No row has a time.
        """
        from dsp.engine.arrays import one_blas_thread

        asked = wish or Wish()
        _check(asked)
        began = clock.monotonic()
        deadline = None if asked.time_limit is None else began + asked.time_limit
        stored = replace(table, engine=self.engine or engine_for(table))
        history = read_history(stored, question)
        tick(
            0,
            None,
            unit="series",
            message=counted(len(history.names), "series", "series"),
        )
        with one_blas_thread():
            return _forecast(history, question, asked, deadline=deadline, tick=tick)


def methods_of(names: Sequence[str] = ()) -> tuple[list[Any], Any]:
    """Return methods, simplest first, and the combination where it is wanted.

    The baselines are always among them; a combination asked for alone has all its parts.

    Raises
    ------
    SettingError
        There is no method of a name.
    """
    found = plugins("forecasting")
    for name in names:
        if name not in found:
            raise SettingError(
                f'no method of forecasting is called "{name}"',
                hint=f"one of {', '.join(found)}",
            )
    ranked = sorted(found, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))
    wanted = [n for n in ranked if not names or n in names or found[n].is_baseline]
    if FAVOURITE in names and sum(n in wanted for n in found[FAVOURITE].parts) < 2:
        wanted += [n for n in found[FAVOURITE].parts if n not in wanted]
    combination = found[FAVOURITE] if FAVOURITE in wanted else None
    return [found[n] for n in ranked if n in wanted and n != FAVOURITE], combination


def _check(wish: Wish) -> None:
    if not 1 <= wish.horizon <= MAX_HORIZON:
        raise SettingError(
            f"a horizon of {wish.horizon} steps cannot be forecast",
            hint=f"from 1 to {MAX_HORIZON:,}",
        )
    if not 0.5 <= wish.level < 1:
        raise SettingError(
            f"intervals cannot have a level of {wish.level:g}",
            hint="from 0.5 to below 1, such as 0.9",
        )
    for season in wish.seasons or ():
        if not 2 <= season <= 10_000:
            raise SettingError(
                f"a season of {season:g} steps cannot be used", hint="2 steps or more"
            )


def _forecast(
    history: History,
    question: Question,
    wish: Wish,
    *,
    deadline: float | None,
    tick: Tick,
) -> Forecast:
    import numpy as np

    known = np.isfinite(history.values)
    n_known = known.sum(axis=0)
    low = np.where(known, history.values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, history.values, -np.inf).max(axis=0, initial=-np.inf)
    is_flat = (n_known >= 1) & (high == low)
    moving = np.flatnonzero((n_known >= 2) & ~is_flat)
    methods, combination = methods_of(wish.methods)
    points: dict[str, list[ForecastPoint]] = {}
    scores: list[ForecastScore] = []
    left_out: list[str] = []
    summaries: dict[int, ForecastSeries] = {}
    seasons: tuple[float, ...] = ()
    if len(moving):
        part, seasons, left_out = _tested(
            history, moving, wish, (methods, combination), (deadline, tick)
        )
        for point in points_of(history, part, level=wish.level):
            points.setdefault(point.series, []).append(point)
        scores = list(scores_of(history, part))
        for i, row in enumerate(part.rows):
            summaries[row] = summary_of(history, question, part, (i, row), seasons)
    for row in np.flatnonzero(is_flat).tolist():
        part = _constant(history, row, wish.horizon)
        points[history.names[row]] = list(points_of(history, part, level=wish.level))
        summaries[row] = summary_of(history, question, part, (0, row), ())
    for row in range(len(history.names)):
        if row not in summaries:
            summaries[row] = row_of(history, question, row, reason="no finite value")
    return Forecast(
        points=tuple(p for name in history.names for p in points.get(name, ())),
        scores=tuple(scores),
        series=tuple(summaries[row] for row in range(len(history.names))),
        left_out=tuple(left_out),
        notes=history.notes,
    )


def _tested(
    history: History,
    rows: Any,
    wish: Wish,
    methods: tuple[list[Any], Any],
    limits: tuple[float | None, Tick],
) -> tuple[Part, tuple[float, ...], list[str]]:
    """Forecast series that move, from several origins and from the end."""
    import numpy as np

    histories, factor, offset, seasons = _panel(history, rows, wish)
    deadline, tick = limits
    test = backtest.run(
        histories,
        methods[0],
        wish.horizon,
        known=np.isfinite(history.values[:, rows]),
        deadline=deadline,
        tick=tick,
    )
    if methods[1] is not None:
        backtest.combine(test, methods[1])
    order = (*(m.name for m in methods[0]), FAVOURITE)
    choice = choose(test, order, favourite=FAVOURITE)
    errors = own_errors(test, choice)
    scale = backtest.scale_of(histories)
    scale = np.where(np.isfinite(scale), scale, 1.0)
    found = intervals(errors, scale, test.backs, level=wish.level)
    half = found.half
    unknown = ~np.isfinite(half).all(axis=0)
    if unknown.any():
        z = NormalDist().inv_cdf((1 + wish.level) / 2)
        guess = z * spread_of_steps(
            histories.values, histories.lengths, histories.season, wish.horizon
        )
        half = np.where(unknown, guess, half)
    part = Part(rows, test, choice, factor, offset, half, found.coverage, found.n)
    return part, seasons, test.left_out


def _panel(
    history: History, rows: Any, wish: Wish
) -> tuple[Histories, Floats, Floats, tuple[float, ...]]:
    """Return series of about the same size without gaps, and their seasons."""
    import numpy as np

    values, lengths = history.values[:, rows], history.lengths[rows]
    known = np.isfinite(values)
    count = known.sum(axis=0)
    # Halves: the sum of doubles near their limit is no double.
    mean = 2 * (np.where(known, values / 2, 0.0) / count).sum(axis=0)
    spread = np.where(known, np.abs(values / 2 - mean / 2), 0.0).max(axis=0) * 2
    offset = np.where(spread < FLAT * np.abs(mean), mean, 0.0)
    size = np.where(known, np.abs(values / 2 - offset / 2), 0.0) / count
    factor = 2 * size.sum(axis=0)
    factor = np.where(factor > 0, factor, 1.0)
    scaled = np.where(known, values / factor - offset / factor, np.nan)
    step = history.frequency
    rough = Histories(filled(scaled, lengths, 1), lengths, (), history.starts[rows])
    seasons = (
        seasons_of(rough, step.seasons) if wish.seasons is None else tuple(wish.seasons)
    )
    seasons = tuple(sorted(set(seasons)))
    whole = [round(p) for p in seasons]
    complete = filled(scaled, lengths, max(whole, default=1))
    panel = Histories(complete, lengths, seasons, history.starts[rows], step.name)
    return panel, factor, offset, seasons


def _constant(history: History, row: int, horizon: int) -> Part:
    """Return a series that never moves, as one that does."""
    import numpy as np

    value = float(np.nanmax(history.values[:, row]))
    flat = np.full((horizon, 1), value)
    n = int(history.lengths[row])
    test = backtest.Backtest((), np.empty((0, horizon, 1)), np.empty((0, 1)))
    test.past["naive"], test.ahead["naive"] = np.empty((0, horizon, 1)), flat
    choice = Choice(("naive",), ("naive",), np.full((1, 1), np.nan))
    one, unknown = np.ones(1), np.full(1, np.nan)
    half = np.full((horizon, 1), np.nan if n == 1 else 0.0)
    return Part([row], test, choice, one, np.zeros(1), half, unknown, np.zeros(1))
