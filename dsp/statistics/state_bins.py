"""Bins of leading bits: quantiles within a stated error, and exact moments.

A finite double is ``sign * (b + o / 2^45) * 2^(e - 7)``, with 128 <= b < 256 its eight
leading bits and o the other 45, both whole. A bin is a sign, e and b. It keeps the sums
of o to the powers 1 to 4 as integers, the higher ones from the halves of o so that no sum
overflows. Sums of integers do not depend on the order of rows, and the moments that
follow from them are rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from dsp.statistics.moments import Moments, float_sql, times_power

BITS = 7
"""Bits of the mantissa that choose a bin: it is 2^-7 of its values wide."""
ERROR = 2.0**-BITS
"""Relative error of a quantile that is taken from bins."""
LEAST = -1000
"""Smallest exponent: doubles below 2^-1000 share its bins, and are rounded to 2^-1052."""
REST = 52 - BITS
HALF = 23

_HIGHER = tuple((i, k - i) for k in (3, 4) for i in range(k, -1, -1))
BINS = {
    "column_name": "varchar",
    "bin": "bigint",
    "n_rows": "bigint",
    "s1": "hugeint",
    "s2": "hugeint",
    **{f"a{i}c{j}": "hugeint" for i, j in _HIGHER},
}
"""Columns of the table of bins: ``a2c1`` is the sum of a² c, o being a 2^23 + c."""


def bins_sql(numbers: str) -> str:
    """Return SQL of the bins of numbers, in the order of `BINS`.

    Parameters
    ----------
    numbers
        SQL giving column_name, number (finite, not null) and n_rows.
    """
    # log2 may be off by one beside powers of two: comparing makes the exponent exact.
    guess = "cast(floor(log2(greatest(size, 1e-300))) as integer)"
    exact = (
        f"greatest({LEAST}, guess - cast(size < pow(2e0, guess) as integer) "
        "+ cast(size >= 2e0 * pow(2e0, guess) as integer))"
    )
    scaled = f"size * pow(2e0, {BITS} - e)"
    two = float_sql(2.0**REST)
    higher = ", ".join(
        f"sum({_power('a', i)} * {_power('c', j)} * n_rows) as a{i}c{j}"
        for i, j in _HIGHER
    )
    return (
        "select column_name, bin, sum(n_rows) as n_rows, "
        "sum(cast(o as hugeint) * n_rows) as s1, "
        f"sum(cast(o as hugeint) * o * n_rows) as s2, {higher} from ("
        f"select column_name, n_rows, o, bin, cast(o >> {HALF} as hugeint) as a, "
        f"cast(o & {(1 << HALF) - 1} as hugeint) as c from ("
        "select column_name, n_rows, "
        "(case when number < 0 then -1 else 1 end) * (1 + (e - "
        f"{LEAST}) * 256 + cast(floor(x) as bigint)) as bin, "
        f"cast((x - floor(x)) * {two} as bigint) as o from ("
        f"select column_name, n_rows, number, e, {scaled} as x from ("
        f"select column_name, n_rows, number, size, {exact} as e from ("
        f"select column_name, n_rows, number, size, {guess} as guess from ("
        f"select column_name, n_rows, number, abs(number) as size from {numbers}"
        ")))))) group by 1, 2"
    )


def edges_of(key: int) -> tuple[float, float]:
    """Return the smallest and the largest number of a bin, by its key.

    Examples
    --------
    >>> import math
    >>> low, high = edges_of(1 + (6 - LEAST) * 256 + 200)
    >>> low, high == math.nextafter(100.5, 0)
    (100.0, True)
    """
    e, b = divmod(abs(key) - 1, 256)
    unit = math.ldexp(1.0, e + LEAST - BITS)
    low, high = b * unit, (b + 1 - 2.0**-REST) * unit
    return (low, high) if key > 0 else (-high, -low)


def moments_of_bins(rows: Iterable[Sequence[Any]]) -> Moments:
    """Return the moments of a column from its bins, each rounded once.

    Parameters
    ----------
    rows
        Bins, without the name of the column, in the order of `BINS`.
    """
    bins = [tuple(int(v) for v in row) for row in rows]
    if not bins:
        return Moments(0)
    least = min(divmod(abs(row[0]) - 1, 256)[0] for row in bins)
    n, powers = 0, [0, 0, 0, 0]
    for key, n_rows, s1, s2, *higher in bins:
        e, b = divmod(abs(key) - 1, 256)
        sums = (n_rows, s1, s2, _joined(3, higher[:4]), _joined(4, higher[4:]))
        start, sign = b << REST, -1 if key < 0 else 1
        n += n_rows
        for k in range(1, 5):
            total = sum(
                math.comb(k, j) * start ** (k - j) * sums[j] for j in range(k + 1)
            )
            powers[k - 1] += (sign**k * total) << (k * (e - least))
    return _moments(n, powers, least + LEAST - 52)


def moments_of_numbers(rows: Iterable[tuple[float, int]]) -> Moments:
    """Return the moments of numbers that are known with their counts.

    Parameters
    ----------
    rows
        Finite number and how often it is there.

    Examples
    --------
    >>> moments_of_numbers([(1.0, 2), (4.0, 1)]).mean
    2.0
    """
    # The denominator of a double is a power of two.
    whole = [(*number.as_integer_ratio(), int(n)) for number, n in rows]
    if not whole:
        return Moments(0)
    least = max(bottom for _, bottom, _ in whole).bit_length() - 1
    n, powers = 0, [0, 0, 0, 0]
    for top, bottom, times in whole:
        value = top << (least - bottom.bit_length() + 1)
        power = times
        n += times
        for k in range(4):
            power *= value
            powers[k] += power
    return _moments(n, powers, -least)


def _joined(k: int, sums: Sequence[int]) -> int:
    """Return the sum of (a 2^23 + c)^k from the sums of a^i c^j."""
    return sum(
        math.comb(k, i) * value << (HALF * i)
        for i, value in zip(range(k, -1, -1), sums, strict=True)
    )


def _moments(n: int, powers: Sequence[int], exponent: int) -> Moments:
    """Return moments from exact power sums in units of 2^exponent.

    The formulas of `moments_of`: sample skewness G1 and excess kurtosis G2.
    """
    p1, p2, p3, p4 = powers
    mean, total = times_power(p1, n, exponent), times_power(p1, 1, exponent)
    if n < 2:
        return Moments(n, total=total, mean=mean)
    m2 = n * p2 - p1 * p1
    m3 = n * n * p3 - 3 * n * p1 * p2 + 2 * p1**3
    m4 = n**3 * p4 - 4 * n * n * p1 * p3 + 6 * n * p1 * p1 * p2 - 3 * p1**4
    if m2 == 0:
        return Moments(n, total=total, mean=mean, sd=0.0)
    sd = _root(m2, n * (n - 1), exponent)
    skewness = kurtosis = None
    if n > 2:
        # m3 / m2^1.5 as the root of a quotient of integers: no power overflows.
        ratio = math.sqrt(m3 * m3 / m2**3) * (-1 if m3 < 0 else 1)
        skewness = math.sqrt(n * (n - 1)) / (n - 2) * ratio
    if n > 3:
        ratio = m4 / (m2 * m2)
        kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ratio - 3 * (n - 1))
    return Moments(n, total, mean, sd, skewness, kurtosis)


def _root(top: int, bottom: int, exponent: int) -> float | None:
    """Return sqrt(top / bottom) * 2^exponent."""
    # An even shift brings the quotient near to 1, whatever the size of the integers.
    shift = (top.bit_length() - bottom.bit_length()) // 2 * 2
    near = top / (bottom << shift) if shift >= 0 else (top << -shift) / bottom
    try:
        return math.ldexp(math.sqrt(near), exponent + shift // 2)
    except OverflowError:
        return None


def _power(name: str, k: int) -> str:
    return " * ".join([name] * k) if k else "1"
