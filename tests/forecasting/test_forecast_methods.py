"""Methods for many series at once, against statsmodels and by hand."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from dsp.forecasting import differences, orders, smoothing, theta
from dsp.forecasting.arima import Arima
from dsp.forecasting.base import Histories
from dsp.forecasting.boosted import Boosted
from dsp.forecasting.ets import Ets, aicc_of, forms_of
from dsp.forecasting.fitting import least_squares
from dsp.forecasting.naive import Naive
from dsp.forecasting.seasonal_naive import SeasonalNaive
from dsp.forecasting.seasons import shows, strength, without_seasons
from dsp.forecasting.smoothing import Form, Weights
from dsp.forecasting.theta import Theta

SEASON = 12


def seasonal(n: int = 120, n_series: int = 3, seed: int = 4) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    t = np.arange(n)[:, None]
    shape = np.sin(2 * np.pi * t / SEASON + np.arange(n_series))
    walk = np.cumsum(rng.normal(0, 0.02, (n, n_series)), axis=0)
    noise = rng.normal(0, 0.05, (n, n_series))
    return 1 + 0.004 * t + 0.2 * shape + walk + noise


def histories(values: np.ndarray[Any, Any], *periods: float) -> Histories:
    lengths = np.full(values.shape[1], len(values))
    return Histories(values, lengths, periods, np.zeros_like(lengths))


def theta_for(form: Form, n_series: int) -> tuple[np.ndarray[Any, Any], Any]:
    weights = Weights(*(np.full(n_series, x) for x in (0.3, 0.05, 0.1, 0.93)))
    place = np.arange(form.period)[:, None] + np.zeros(n_series)
    wave = 0.2 * np.sin(2 * np.pi * place / max(form.period, 2))
    season = {"N": None, "A": wave - wave.mean(), "M": 1 + wave - wave.mean()}
    states = (np.full(n_series, 0.9), np.full(n_series, 0.004), season[form.season])
    return smoothing.theta_of(form, weights, states), states


def by_the_book(
    form: Form, values: Any, states: Any, horizon: int
) -> tuple[float, list[float]]:
    """Return log-likelihood and forecasts by the equations of table 2.3, one by one."""
    alpha, beta, gamma, phi = 0.3, 0.05, 0.1, 0.93 if form.trend == "D" else 1.0
    level, slope = float(states[0][0]), float(states[1][0])
    slope = 0.0 if form.trend == "N" else slope
    season = list(states[2][:, 0])
    total, logs = 0.0, 0.0
    for t, value in enumerate(values):
        base, factor = level + phi * slope, season[t % form.period]
        relative = (value - base * factor) / (base * factor)
        level = base * (1 + alpha * relative)
        if form.trend != "N":
            slope = phi * slope + beta * base * relative
        season[t % form.period] = factor * (1 + gamma * relative)
        total, logs = total + relative**2, logs + np.log(base * factor)
    n, ahead = len(values), []
    for h in range(1, horizon + 1):
        reach = sum(phi**k for k in range(1, h + 1))
        ahead.append((level + reach * slope) * season[(n + h - 1) % form.period])
    return -n / 2 * (np.log(2 * np.pi * total / n) + 1) - logs, ahead


@pytest.mark.parametrize("form", forms_of(SEASON)[-3:], ids=lambda f: f.name)
def test_seasons_that_multiply_follow_the_book(form: Form) -> None:
    values = seasonal(n_series=1)
    found, states = theta_for(form, 1)
    errors = smoothing.errors_of(
        form, found[:, None, :], values, np.ones_like(values, dtype=bool)
    )
    expected, ahead = by_the_book(form, values[:, 0], states, 15)
    n, cost = len(values), float((errors**2).sum())
    assert -n / 2 * (np.log(2 * np.pi * cost / n) + 1) == pytest.approx(expected)
    ours = smoothing.projected(form, found, values, np.array([n]), 15)[:, 0]
    assert ours == pytest.approx(ahead, rel=1e-9)


@pytest.mark.parametrize("form", forms_of(SEASON)[:-3], ids=lambda f: f.name)
def test_errors_and_likelihood_are_those_of_statsmodels(form: Form) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    values = seasonal(n_series=2)
    found, (level, slope, season) = theta_for(form, 2)
    errors = smoothing.errors_of(
        form, found[:, None, :], values, np.ones_like(values, dtype=bool)
    )
    words = {"N": None, "A": "add", "M": "mul", "D": "add"}
    model = ETSModel(
        values[:, 0],
        error=words[form.error],
        trend=words[form.trend],
        damped_trend=form.trend == "D",
        seasonal=words[form.season],
        seasonal_periods=SEASON if form.season != "N" else None,
    )
    parameters = {
        "smoothing_level": 0.3,
        "smoothing_trend": 0.05,
        "smoothing_seasonal": 0.1,
        "damping_trend": 0.93,
        "initial_level": level[0],
        "initial_trend": slope[0],
    }
    if season is not None:
        # statsmodels keeps the latest place of the season first.
        for i in range(SEASON):
            parameters[f"initial_seasonal.{i}"] = season[SEASON - 1 - i, 0]
    vector = [parameters[name] for name in model.param_names]
    fitted = model.smooth(vector)
    n, cost = len(values), float((errors[:, 0, 0] ** 2).sum())
    log_likelihood = -n / 2 * (np.log(2 * np.pi * cost / n) + 1)
    assert log_likelihood == pytest.approx(fitted.llf, rel=1e-9)
    ours = smoothing.projected(form, found, values, np.full(2, n), 15)[:, 0]
    assert ours == pytest.approx(fitted.forecast(15), rel=1e-9)


def test_the_chosen_member_is_as_likely_as_statsmodels_fit() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    values = seasonal(n_series=4)
    found = Ets().forecast(histories(values, SEASON), 12)
    form = Form("A", "A", "A", SEASON)
    cost = found.warm["AAA"][1]
    for s in range(4):
        model = ETSModel(
            values[:, s], trend="add", seasonal="add", seasonal_periods=SEASON
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit(disp=False)
        square = np.array([(fitted.resid**2).sum()])
        theirs = aicc_of(square, np.array([len(values)]), form.n_parameters)
        assert cost[s] <= theirs[0] + 1


def test_a_series_is_fitted_alike_alone_and_among_others() -> None:
    values = seasonal(n_series=3)
    together = Ets().forecast(histories(values, SEASON), 6).values
    alone = Ets().forecast(histories(values[:, [1]], SEASON), 6).values
    assert together[:, [1]] == pytest.approx(alone, rel=1e-9)


def test_shorter_series_end_where_they_end() -> None:
    values = seasonal(n_series=2)
    cut = Histories(values, np.array([120, 90]), (SEASON,), np.zeros(2, dtype=int))
    cut = cut.until(np.zeros(2, dtype=int))
    alone = histories(values[:90, [1]], SEASON)
    for method in (Naive(), SeasonalNaive(), Theta(), Ets(), Arima()):
        both = method.forecast(cut, 14).values[:, 1]
        one = method.forecast(alone, 14).values[:, 0]
        assert both == pytest.approx(one, rel=1e-6), method.name


def test_theta_with_a_line_of_all_values_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(0, 0.5, 80))
    values = 50 + 0.3 * np.arange(80) + walk + rng.normal(0, 1, 80)
    model = ThetaModel(values, deseasonalize=False, period=1)
    fitted = model.fit()
    alpha, slope = fitted.params["alpha"], fitted.params["b0"]
    lines = theta.running_lines(values[:, None])
    assert lines[1][-1, 0] == pytest.approx(slope, rel=1e-9)
    # Static theta: the level by simple smoothing, the line by all values.
    level = fitted.params.get("initial_level", values[0])
    for value in values:
        level += alpha * (value - level)
    ahead = np.arange(1, 7)
    drift = 0.5 * slope * (ahead - 1 + 1 / alpha - (1 - alpha) ** len(values) / alpha)
    assert (level + drift) == pytest.approx(fitted.forecast(6, theta=2), rel=2e-3)
    # The dynamic model, whose lines move on, stays close to it.
    start = theta.theta_of(alpha, 2.0, values[:1, None])
    dynamic = theta.projected(start, histories(values[:, None]), 6)[:, 0]
    assert dynamic == pytest.approx(fitted.forecast(6, theta=2), rel=0.01)


def test_a_first_forecast_of_theta_is_its_next_fit() -> None:
    values = seasonal(n_series=2)
    found = theta.theta_of(0.4, 2.5, values[:1])
    fits = theta.fitted(found[:, None, :], values, theta.running_lines(values))
    ahead = theta.projected(found, histories(values[:-1]), 1)
    assert ahead[0] == pytest.approx(fits[-1, 0], rel=1e-12)


@pytest.mark.parametrize(
    "order",
    [
        orders.Order(2, 1, has_mean=True),
        orders.Order(1, 1, 1, 1, period=4),
        orders.Order(0, 2, 0, 1, period=4),
    ],
)
def test_errors_of_arma_are_those_of_statsmodels(order: orders.Order) -> None:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, (400, 1))
    found = rng.normal(0, 0.4, (order.n_parameters, 1))
    by_value, by_error, mean = orders.polynomials(order, found)
    ours = orders.errors_of(
        order, found[:, None, :], values, np.ones_like(values, dtype=bool)
    )[:, 0, 0]
    model = SARIMAX(
        values[:, 0] - mean[0],
        order=(max(by_value, default=0), 0, max(by_error, default=0)),
    )
    parameters = [
        *(float(np.ravel(by_value.get(k, 0.0))[0]) for k in range(1, model.k_ar + 1)),
        *(float(np.ravel(by_error.get(k, 0.0))[0]) for k in range(1, model.k_ma + 1)),
        1.0,
    ]
    theirs = model.filter(parameters).forecasts_error[0]
    assert ours[150:] == pytest.approx(theirs[150:], abs=1e-3)


def test_kpss_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.stattools import kpss

    rng = np.random.default_rng(8)
    values = np.cumsum(rng.normal(0, 1, (150, 2)), axis=0)
    found = differences.kpss(histories(values))
    lags = int(3 * np.sqrt(150) / 13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [kpss(values[:, s], nlags=lags)[0] for s in range(2)]
    assert found == pytest.approx(theirs, rel=1e-9)


def test_decomposition_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.seasonal import seasonal_decompose

    values = seasonal(n=96, n_series=1)
    for is_product, name in ((False, "additive"), (True, "multiplicative")):
        parts = without_seasons(
            histories(values, SEASON),
            (SEASON,),
            SEASON,
            wanted=np.array([True]),
            is_product=np.array([is_product]),
        )
        theirs = seasonal_decompose(values[:, 0], model=name, period=SEASON).seasonal
        assert parts.coming[:, 0] == pytest.approx(theirs[:SEASON], rel=1e-9)


def test_strength_is_high_with_a_season_and_low_without() -> None:
    rng = np.random.default_rng(2)
    both = np.column_stack([seasonal(n_series=1)[:, 0], rng.normal(0, 1, 120)])
    found = strength(histories(both, SEASON), SEASON)
    assert found[0] > 0.8
    assert found[1] < 0.3


@pytest.mark.parametrize("years", [2, 4])
def test_a_long_season_shows_where_its_cycles_are_alike(years: int) -> None:
    rng = np.random.default_rng(9)
    n = round(365.25 * years) + 5
    wave = np.sin(2 * np.pi * np.arange(n) / 365.25)
    walk = np.cumsum(rng.normal(0, 1, n))
    both = np.column_stack([3 * wave + rng.normal(0, 1, n), walk])
    assert shows(histories(both), 365.25).tolist() == [True, False]


def test_least_squares_finds_the_line_of_lstsq() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 1, (60, 2)), rng.normal(0, 1, (60, 4))

    def residuals(found: Any, rows: Any) -> Any:
        return y[:, None, rows] - np.einsum("tp,pgs->tgs", x, found)

    found, cost = least_squares(residuals, np.zeros((2, 4)), rounds=20, tolerance=1e-12)
    expected, rest, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert found == pytest.approx(expected, abs=1e-4)
    assert cost == pytest.approx(rest, rel=1e-6)


def test_two_differences_are_taken_back() -> None:
    t = np.arange(60.0)[:, None]
    found = Arima().forecast(histories(3 + t**2 / 50), 3).values[:, 0]
    assert found == pytest.approx(3 + np.arange(60.0, 63) ** 2 / 50, rel=0.01)


def test_a_seasonal_naive_forecast_is_the_last_season() -> None:
    values = np.arange(10.0)[:, None]
    found = SeasonalNaive().forecast(histories(values, 4), 6).values[:, 0]
    assert found.tolist() == [6, 7, 8, 9, 6, 7]
    assert Naive().forecast(histories(values), 2).values[:, 0].tolist() == [9, 9]


def test_boosted_lags_go_on_with_a_trend() -> None:
    t = np.arange(120.0)[:, None]
    values = 0.1 * t * np.arange(1, 9) + np.sin(2 * np.pi * t / SEASON)
    scaled = values / np.abs(values).mean(axis=0)
    found = Boosted().forecast(histories(scaled[:108], SEASON), 12).values
    assert np.abs(found - scaled[108:]).mean() < 0.1


def test_boosted_lags_need_examples() -> None:
    assert np.isnan(Boosted().forecast(histories(seasonal(40, 1), 12), 3).values).all()


@pytest.mark.parametrize("periods", [(), (4,), (24, 168), (7, 365.25), (52.18,)])
@pytest.mark.parametrize("n", [2, 3, 5, 9, 30, 800])
def test_every_method_answers_short_and_long_series(
    n: int, periods: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(n)
    kinds = [
        rng.normal(0, 1, n),
        np.cumsum(rng.normal(0, 1, n)) - 5,
        (rng.random(n) > 0.8).astype(float),
        1 + np.arange(n) ** 2 / n**2,
        np.where(np.arange(n) == n - 1, 1.0, 0.0),
    ]
    shown = histories(np.column_stack(kinds), *periods)
    for method in (Naive(), SeasonalNaive(), Theta(), Ets(), Arima()):
        found = method.forecast(shown, 5).values
        assert found.shape == (5, 5)
        assert np.isfinite(found).all(), method.name
