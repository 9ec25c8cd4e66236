"""Numbers scaled for exact sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

UNIT = 2**62
"""Steps of the fixed-point numbers: sums of them are exact in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A numeric column, or the event of a two-valued target as 0 and 1.

    `sql` gives a finite double or null; z = (x - centre) / scale lies in [-1, 1].
    """

    name: str
    sql: str
    centre: float
    scale: float
    has_nulls: bool
    event: str | None = None

    @property
    def z(self) -> str:
        """SQL of the scaled value."""
        return f"(({self.sql}) - {self.centre!r}) / {self.scale!r}"

    def mean(self, total: int, n: int) -> float:
        """Return the mean from a fixed-point sum."""
        return self.centre + self.scale * (total / (n * UNIT)) if n else math.nan

    def variance(self, total: int, squares: int, n: int) -> float:
        """Return the sample variance from fixed-point sums."""
        if n < 2:
            return 0.0
        spread = squares * n * UNIT - total * total
        return max(0.0, self.scale**2 * (spread / (n * (n - 1) * UNIT * UNIT)))


def fixed(z: str) -> str:
    """Return SQL of a value in [-1, 1] as a fixed-point number."""
    return f"cast(round(({z}) * {float(UNIT)!r}) as bigint)"


def scaling(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Return centre and scale for values between two bounds; None if equal."""
    if low is None or high is None or not low < high:
        return None
    half = high / 2 - low / 2
    if not (half > 1e-140 and max(abs(low), abs(high)) < 1e140):
        return None
    largest = max(abs(low), abs(high))
    # Around zero 0 must stay 0 itself; far from zero, precision needs a centre.
    centre = 0.0 if half > largest / 64 else low / 2 + high / 2
    size = largest if centre == 0 else half
    return centre, math.ldexp(1.0, math.frexp(size)[1])
