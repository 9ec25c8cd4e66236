"""Rational numbers as doubles, rounded once."""

from __future__ import annotations

import math
from fractions import Fraction


def as_float(value: Fraction) -> float:
    """Return the nearest double; infinite beyond the range of a double."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def square_root(value: Fraction) -> float:
    """Return the square root as a double; 0 for what is not positive.

    Examples
    --------
    >>> square_root(Fraction(1, 100))
    0.1
    """
    if value <= 0:
        return 0.0
    # Scaled to a whole number of more than 200 bits, so that its root has 100.
    missing = 200 - value.numerator.bit_length() + value.denominator.bit_length()
    shift = 2 * max(0, (missing + 1) // 2)
    whole = math.isqrt((value.numerator << shift) // value.denominator)
    return as_float(Fraction(whole, 1 << (shift // 2)))
