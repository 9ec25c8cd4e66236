"""Moments of columns: exact from counted values, and from the cells of a fine cut.

Of values that are counted, x becomes z = (x - centre) / 2^e in [-1, 1]; z, z², z³ and z⁴
times 2^62 are rounded to integers and summed as integers, so that no order of rows can
matter. What is left is integer arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.statistics.scans import known_by_sum

ONE = 1 << 62
"""The integer that stands for 1."""
_TINY = 1e-100
"""Numbers below this are enlarged before they are squared."""
_LARGEST = 1_000
"""Powers of two by which a number is multiplied at once, at most."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a column is brought into [-1, 1]: ``z = x * 2^-exponent - shift``.

    Attributes
    ----------
    exponent
        Power of two of the unit.
    shift
        The centre in that unit.
    """

    exponent: int
    shift: float

    @classmethod
    def of(cls, low: float, high: float, centre: float) -> Scale:
        """Return the scale for values from `low` to `high` around `centre`."""
        reach = max(high - centre, centre - low)
        exponent = math.frexp(reach)[1] if reach > 0 else 0
        if math.isinf(reach):
            exponent = math.frexp(max(high / 2 - centre / 2, centre / 2 - low / 2))[1] + 1
        return cls(exponent, math.ldexp(centre, -exponent))

    def sql(self, number: str) -> str:
        """Return SQL of z for SQL of a double."""
        # In two steps where one factor would be beyond a double.
        first = max(-_LARGEST, self.exponent)
        factors = [math.ldexp(1.0, -e) for e in (first, self.exponent - first) if e]
        scaled = " * ".join((f"({number})", *map(float_sql, factors)))
        return f"{scaled} - {float_sql(self.shift)}"


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of the finite values of a column; None where undefined.

    Attributes
    ----------
    n
        Values.
    total, mean, sd
        Sum, mean and sample standard deviation (n - 1).
    skewness, kurtosis
        Sample skewness G1 (three values or more) and sample excess kurtosis G2 (four).
    """

    n: int
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None


def moments_of_values(x: Any, numbers: Any, scale: Scale) -> Moments:
    """Return the moments of values that occur some number of times each.

    Parameters
    ----------
    x, numbers
        Arrays of finite doubles and of int64.
    scale
        Brings the values into [-1, 1].

    References
    ----------
    Agrees with `scipy.stats.skew` and `scipy.stats.kurtosis` with ``bias=False``.

    Examples
    --------
    >>> import numpy as np
    >>> x, n = np.array([1.0, 2.0, 6.0]), np.array([1, 2, 1])
    >>> moments_of_values(x, n, Scale.of(1.0, 6.0, 2.0)).mean
    2.75
    """
    import numpy as np

    z = np.ldexp(x, -scale.exponent) - scale.shift
    sums, power = [], z
    for _ in range(4):
        whole = np.rint(power * float(ONE)).astype(np.int64)
        sums.append(known_by_sum(whole, numbers))
        power = power * z
    return moments_of(int(numbers.sum()), sums, scale)


def moments_of(n: int, sums: Sequence[int], scale: Scale) -> Moments:
    """Return the moments from fixed-point sums.

    Parameters
    ----------
    n
        Values summed.
    sums
        Sums of z to the powers 1 to 4, in units of 2^-62.
    scale
        What made z from x.

    Examples
    --------
    >>> scale = Scale(exponent=3, shift=0.0)
    >>> x = (1, 2, 3, 6)
    >>> sums = [sum(round((v / 8) ** k * ONE) for v in x) for k in (1, 2, 3, 4)]
    >>> moments_of(4, sums, scale).mean
    3.0
    """
    if n == 0:
        return Moments(0)
    a1, a2, a3, a4 = sums
    shift, power = scale.shift.as_integer_ratio()
    # mean = (a1 / (n 2^62) + shift) 2^exponent, in integers until the last step
    top, bottom = a1 * power + shift * n * ONE, n * ONE * power
    mean = times_power(top, bottom, scale.exponent)
    total = times_power(top * n, bottom, scale.exponent)
    if n < 2:
        return Moments(n, total=total, mean=mean)
    m2 = n * a2 * ONE - a1 * a1
    m3 = a3 * n * n * ONE * ONE - 3 * a1 * a2 * n * ONE + 2 * a1**3
    m4 = (
        a4 * n**3 * ONE**3
        - 4 * a1 * a3 * n * n * ONE * ONE
        + 6 * a1 * a1 * a2 * n * ONE
        - 3 * a1**4
    )
    if m2 <= 0:
        return Moments(n, total=total, mean=mean, sd=0.0)
    # m_k / (n 2^62)^k is the k-th central moment of z.
    b2 = m2 / (n * n * ONE * ONE)
    ratio3 = m3 / (n**3 * ONE**3) / b2**1.5 if b2 > 0 else None
    ratio4 = m4 / (m2 * m2) if b2 > 0 else None
    sd = ldexp(math.sqrt(m2 / (n * (n - 1) * ONE * ONE)), scale.exponent)
    return Moments(n, total, mean, sd, skewness(n, ratio3), kurtosis(n, ratio4))


def skewness(n: int, ratio: float | None) -> float | None:
    """Return G1 of three values or more from m₃ / m₂^1.5."""
    if n < 3 or ratio is None:
        return None
    return math.sqrt(n * (n - 1)) / (n - 2) * ratio


def kurtosis(n: int, ratio: float | None) -> float | None:
    """Return G2 of four values or more from m₄ / m₂²."""
    if n < 4 or ratio is None:
        return None
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ratio - 3 * (n - 1))


def times_power(top: int, bottom: int, exponent: int) -> float | None:
    """Return top / bottom * 2^exponent rounded once, or None when out of range."""
    if exponent >= 0:
        top <<= exponent
    else:
        bottom <<= -exponent
    try:
        return top / bottom
    except OverflowError:
        return None


def ldexp(value: float, exponent: int) -> float | None:
    """Return value * 2^exponent, or None when out of range."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return None


def enlarged(reach: float) -> float:
    """Return the power of ten that brings tiny numbers to about 1, at most 1e300.

    Squares of numbers below 1e-150 are beyond a double.

    Parameters
    ----------
    reach
        Size of the largest of the numbers.

    Examples
    --------
    >>> enlarged(2e-200), enlarged(5e-324), enlarged(0.5)
    (1e+200, 1e+300, 1.0)
    """
    if not 0 < reach < _TINY:
        return 1.0
    return float(f"1e{min(300, -math.floor(math.log10(reach)))}")


def float_sql(value: float) -> str:
    """Return a double as a SQL literal that DuckDB does not read as DECIMAL."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"
