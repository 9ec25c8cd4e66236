from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dsp.engine import DuckEngine, StoredTable
from dsp.engine.store import Store, plain
from dsp.errors import DspError
from dsp.forecasting import ForecastEngine
from dsp.forecasting.base import Histories
from dsp.forecasting.clocks import Question
from dsp.forecasting.engine import Wish
from dsp.forecasting.outcome import Forecast
from dsp.records import ForecastSeries
from dsp.registry import plugins

if TYPE_CHECKING:
    import pyarrow as pa

METHODS = sorted(set(plugins("forecasting")) - {"combined"})


@pytest.mark.parametrize("name", METHODS)
def test_every_method_answers_for_every_series_or_not_at_all(name: str) -> None:
    rng = np.random.default_rng(0)
    values = 1 + rng.random((80, 12))
    zeros = np.zeros(12, dtype=int)
    lengths = np.full(12, 80)
    shown = Histories(values, lengths, (7,), zeros, "day")
    found = plugins("forecasting")[name].forecast(shown, 4)
    assert found.values.shape == (4, 12)
    assert np.isfinite(found.values).all()
    again = plugins("forecasting")[name].forecast(shown, 4)
    assert np.array_equal(found.values, again.values)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_follows_the_unit_of_the_values(name: str) -> None:
    rng = np.random.default_rng(1)
    values = 1 + rng.random((80, 10))
    zeros = np.zeros(10, dtype=int)
    method = plugins("forecasting")[name]
    one, half = (
        method.forecast(
            Histories(values * k, np.full(10, 80), (7,), zeros, "day"), 3
        ).values
        for k in (1.0, 0.5)
    )
    assert half == pytest.approx(one / 2, rel=0.02)


def answer(table: StoredTable, question: Question, wish: Wish) -> Forecast | DspError:
    try:
        return ForecastEngine(table.engine).forecast(table, question, wish)
    except DspError as error:
        return error


def test_nasty_tables_give_forecasts_or_one_clear_line(
    engine: DuckEngine, nasty: tuple[str, pa.Table]
) -> None:
    _, data = nasty
    Store(engine).create()
    engine.put(data, "data", schema="clean")
    table = StoredTable(engine, "data", "clean")
    names = data.column_names
    wish = Wish(horizon=3, methods=("theta",))
    for time in names[:6]:
        for target in names[:6]:
            found = answer(table, Question(time, target), wish)
            if isinstance(found, DspError):
                assert found.message
                assert found.hint
                continue
            Store(engine).insert(found.records)
            assert all(isinstance(row, ForecastSeries) for row in found.series)
            for record in found.records:
                for value in plain(record).values():
                    assert not isinstance(value, float) or math.isfinite(value)
