"""What the tests share: groups by their moments, outcomes of tests, sizes of effects."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Interval = tuple[float, float]

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of values by its size, mean and sample variance (n - 1)."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Test:
    """The outcome of a test.

    Attributes
    ----------
    name
        Name of the test.
    statistic, p_value
        Its statistic and p value.
    df, df_residual
        Degrees of freedom; the second ones of an F test.
    """

    name: str
    statistic: float
    p_value: float
    df: float | None = None
    df_residual: float | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """The size of an effect with its 95 % interval.

    Attributes
    ----------
    name
        Name of the measure.
    value
        The estimate.
    low, high
        Ends of the interval; None where it is not defined.
    method
        How the interval is made.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    method: str = ""


def in_range(function: Callable[P, R | None]) -> Callable[P, R | None]:
    """Make a function return None where a figure on the way leaves a double's range."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except (OverflowError, ValueError, ZeroDivisionError):
            return None

    return guarded


def outcome(
    name: str,
    statistic: float,
    p_value: float,
    df: float | None = None,
    df_residual: float | None = None,
) -> Test | None:
    """Return the outcome of a test, or None where a figure left the range of a double."""
    if not (math.isfinite(statistic) and math.isfinite(p_value)):
        return None
    return Test(name, statistic, min(1.0, max(0.0, p_value)), df, df_residual)


def effect(
    name: str, value: float, interval: Interval | None = None, method: str = ""
) -> Effect | None:
    """Return the size of an effect, or None where it left the range of a double."""
    if not math.isfinite(value):
        return None
    if interval is None or not all(map(math.isfinite, interval)):
        return Effect(name, value)
    return Effect(name, value, *interval, method)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a monotone function changes sign between two points.

    Good to the last bits of a double; the nearer end where the sign does not change.

    References
    ----------
    Chandrupatla 1997, Advances in Engineering Software 28: `scipy.optimize.elementwise`.

    Examples
    --------
    >>> round(root(lambda x: x * x - 2, 0.0, 2.0), 12)
    1.414213562373
    """
    a, b = high, low
    f_a, f_b = function(a), function(b)
    if (f_a > 0) == (f_b > 0):
        return a if abs(f_a) < abs(f_b) else b
    share = 0.5
    for _ in range(200):
        x = a + share * (b - a)
        f_x = function(x)
        if (f_x > 0) == (f_a > 0):
            c, f_c = a, f_a
        else:
            c, f_c, b, f_b = b, f_b, a, f_a
        a, f_a = x, f_x
        best, f_best = (a, f_a) if abs(f_a) < abs(f_b) else (b, f_b)
        least = 1e-15 * max(abs(best), 1e-300) / max(abs(b - a), 1e-300)
        if f_best == 0 or least > 0.5:
            return best
        share = 0.5
        xi, phi = (a - b) / (c - b), (f_a - f_b) / (f_c - f_b)
        # Inverse quadratic interpolation where it stays inside, else halving.
        if phi * phi < xi and (1 - phi) ** 2 < 1 - xi:
            share = f_a / (f_b - f_a) * f_c / (f_b - f_c)
            share += (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (f_c - f_b)
        share = min(1 - least, max(least, share))
    return best
