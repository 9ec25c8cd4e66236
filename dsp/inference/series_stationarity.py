"""Whether a series keeps its level: unit root and stationarity tests, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.inference.series import centred, scaled

MIN_VALUES = 20
"""Fewer values are not tested."""

# MacKinnon (1994), as in statsmodels.tsa.adfvalues (BSD licence): below the first figure
# p is 0, above the second 1, up to the third the short polynomial holds.
_TAU = {
    False: (
        (-18.83, 2.74, -1.61),
        (2.1659, 1.4412, 3.8269e-2),
        (1.7339, 9.3202e-1, -1.2745e-1, -1.0368e-2),
    ),
    True: (
        (-16.18, 0.7, -2.89),
        (3.2512, 1.6047, 4.9588e-2),
        (2.5261, 6.1654e-1, -3.7956e-1, -6.0285e-2),
    ),
}
# Kwiatkowski, Phillips, Schmidt and Shin (1992), table 1.
_KPSS = {False: (0.347, 0.463, 0.574, 0.739), True: (0.119, 0.146, 0.176, 0.216)}
_KPSS_P = (0.10, 0.05, 0.025, 0.01)


@dataclass(frozen=True, slots=True)
class LagTest:
    """The outcome of a test that allows for some lags."""

    statistic: float
    p_value: float
    lags: int


@dataclass(frozen=True, slots=True)
class Stationarity:
    """Both tests around a level and around a line, and what they say together.

    Attributes
    ----------
    adf, kpss
        Around a level.
    adf_trend, kpss_trend
        Around a line.
    verdict
        ``stationary``, ``trend-stationary``, ``unit root`` or ``inconclusive``.
    """

    adf: LagTest
    kpss: LagTest
    adf_trend: LagTest
    kpss_trend: LagTest
    verdict: str


def adf(values: Any, *, trend: bool = False) -> LagTest | None:
    """Test whether a series has a unit root (augmented Dickey and Fuller).

    The number of lags has the least AIC among 0 to 12 (n / 100)^(1/4). A small p value
    says there is no unit root.

    Parameters
    ----------
    values
        Finite numbers, one a period, in order and without gaps (20 or more).
    trend
        Around a line in place of a level.

    Returns
    -------
    LagTest or None
        None for too few values, equal values, or ones that the past explains in full.

    References
    ----------
    `statsmodels.tsa.stattools.adfuller` with its defaults; p by MacKinnon (1994).
    """
    x = scaled(values) if len(values) >= MIN_VALUES else None
    if x is None:
        return None
    n_fixed = 2 if trend else 1
    most = math.ceil(12 * (len(x) / 100) ** 0.25)
    most = min(len(x) // 2 - n_fixed - 1, most)
    best = _best_lags(x, most, trend=trend)
    t = None if best is None else _level_t(x, best, trend=trend)
    if t is None or best is None:
        return None
    return LagTest(t, _mackinnon_p(t, trend=trend), best)


def kpss(values: Any, *, trend: bool = False) -> LagTest | None:
    """Test whether a series is stationary around a level, or a line (`trend`).

    A small p value says it is not. p is read between the points of the table and is 0.01
    or 0.1 beyond its ends; lags by Hobijn, Franses and Ooms (1998).

    Parameters
    ----------
    values
        Finite numbers, one a period, in order and without gaps (20 or more).

    References
    ----------
    `statsmodels.tsa.stattools.kpss` with its defaults.
    """
    import numpy as np

    x = scaled(values) if len(values) >= MIN_VALUES else None
    if x is None:
        return None
    n = len(x)
    if trend:
        t = centred(np.arange(n))
        x = x - float(t @ x) / float(t @ t) * t
    power = float(x @ x)
    if power <= n * 1e-26:
        return None
    products = [float(x[k:] @ x[: n - k]) for k in range(1, int(n ** (2 / 9)) + 1)]
    level = power / n + math.fsum(p / (n / 2) for p in products)
    slope = math.fsum(k * p / (n / 2) for k, p in enumerate(products, 1))
    if level == 0:
        return None
    ratio = slope / level
    lags = min(n - 1, int(1.1447 * (ratio * ratio) ** (1 / 3) * n ** (1 / 3)))
    weighted = [
        2 * float(x[k:] @ x[: n - k]) * (1 - k / (lags + 1)) for k in range(1, lags + 1)
    ]
    variance = (power + math.fsum(weighted)) / n
    if variance <= 0:
        return None
    statistic = float((np.cumsum(x) ** 2).sum()) / n**2 / variance
    p = float(np.interp(statistic, _KPSS[trend], _KPSS_P))
    return LagTest(statistic, p, lags)


def stationarity(values: Any) -> Stationarity | None:
    """Return both tests around a level and around a line with a verdict, or None.

    ``stationary`` and ``trend-stationary`` need the first test to reject a unit root and
    the second not to reject stationarity, at 5 %; ``unit root`` the opposite around the
    level, where the line does not explain it.
    """
    level, line = adf(values), adf(values, trend=True)
    flat, straight = kpss(values), kpss(values, trend=True)
    if level is None or line is None or flat is None or straight is None:
        return None
    if level.p_value < 0.05 <= flat.p_value:
        verdict = "stationary"
    elif line.p_value < 0.05 <= straight.p_value:
        verdict = "trend-stationary"
    elif level.p_value >= 0.05 and line.p_value >= 0.05 and flat.p_value < 0.05:
        verdict = "unit root"
    else:
        verdict = "inconclusive"
    return Stationarity(level, flat, line, straight, verdict)


def _regression(x: Any, lags: int, *, trend: bool) -> tuple[Any, list[Any]]:
    """Return differences, and what explains them: fixed terms, level, earlier ones."""
    import numpy as np

    steps = np.diff(x)
    n = len(steps) - lags
    columns = [np.ones(n)]
    if trend:
        columns.append(centred(np.arange(n)) / n)
    columns.append(x[-n - 1 : -1])
    columns += [steps[lags - k : len(steps) - k] for k in range(1, lags + 1)]
    return steps[lags:], columns


def _best_lags(x: Any, most: int, *, trend: bool) -> int | None:
    """Return the lags of the least AIC: nested regressions share one factorization."""
    y, columns = _regression(x, most, trend=trend)
    n, first = len(y), len(columns) - most
    left, best, chosen = y, math.inf, None
    for i, column in enumerate(_orthonormal(columns), 1):
        left = left - column * float(column @ left)
        if i < first:
            continue
        rest = float(left @ left)
        if rest <= 1e-26 * float(y @ y):
            return None
        criterion = n * math.log(rest / n) + 2 * i
        if criterion < best:
            best, chosen = criterion, i - first
    return chosen


def _level_t(x: Any, lags: int, *, trend: bool) -> float | None:
    """Return the t value of the level: as last column it is what the others leave."""
    y, columns = _regression(x, lags, trend=trend)
    level = columns.pop(2 if trend else 1)
    rest, weight, n_columns = y, 0.0, 0
    for column in _orthonormal([*columns, level]):
        weight = float(column @ rest)
        rest = rest - column * weight
        n_columns += 1
    df, power = len(y) - n_columns, float(rest @ rest)
    if df < 1 or n_columns <= len(columns) or power <= 1e-26 * float(y @ y):
        return None
    return weight / math.sqrt(power / df)


def _orthonormal(columns: Sequence[Any]) -> Iterator[Any]:
    """Yield columns made orthonormal to the ones before; ends at one that they explain.

    LAPACK would do it on all cores, which wait for each other longer than they work.
    """
    import numpy as np

    basis = np.empty((len(columns), len(columns[0])))
    for i, column in enumerate(columns):
        rest, before = column, basis[:i]
        for _ in range(2):
            weights = np.einsum("kn,n->k", before, rest)
            rest = rest - np.einsum("k,kn->n", weights, before)
        size = math.sqrt(float(rest @ rest))
        if size <= 1e-10 * math.sqrt(float(column @ column)):
            return
        basis[i] = rest / size
        yield basis[i]


def _mackinnon_p(t: float, *, trend: bool) -> float:
    (low, high, turn), short, long = _TAU[trend]
    if t > high:
        return 1.0
    if t < low:
        return 0.0
    z = sum(c * t**i for i, c in enumerate(short if t <= turn else long))
    return math.erfc(-z / math.sqrt(2)) / 2
