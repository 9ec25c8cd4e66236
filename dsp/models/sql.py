"""Fitted models as SQL whose figures are those of scikit-learn."""

from __future__ import annotations

import math

LARGEST = 1e100
"""Numbers beyond this count as missing: a double cannot hold their square."""


def number(value: float) -> str:
    """Return a double as SQL: the shortest text that reads back the same, never decimal.

    Without an exponent DuckDB reads a DECIMAL, whose digits end somewhere.

    Examples
    --------
    >>> number(0.1), number(-3.0), number(1e-30), number(float("inf"))
    ('0.1e0', '-3.0e0', '1e-30', "'infinity'::double")
    """
    value = float(value)
    if math.isinf(value):
        return "'infinity'::double" if value > 0 else "'-infinity'::double"
    text = repr(value)
    return text if "e" in text else f"{text}e0"
