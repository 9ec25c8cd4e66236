"""Sums of whole numbers that stand for the values of a column."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dsp.statistics.exact import Moved
from dsp.statistics.moments import float_sql

_WHOLE = 2**50
"""Whole numbers that a double holds with room for rounding."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A column as ``origin + d * unit`` with a whole number d of 64 bits.

    Decimals and whole numbers are meant exactly; doubles to about 2^-50 of their reach,
    more with fewer rows.

    Attributes
    ----------
    sql
        SQL of d, null where the value is not finite.
    unit, origin
        What d stands for.
    """

    sql: str
    unit: Fraction
    origin: Fraction

    @classmethod
    def of(cls, moved: Moved, n_rows: int) -> Whole:
        """Return whole numbers whose squares can be summed in 128 bits."""
        scale = moved.digits
        if moved.is_exact and scale is not None:
            reach = Fraction(2) ** moved.exponent * 10**scale
            if reach < _WHOLE and 2 * reach**2 * n_rows < 2**126:
                factor = float_sql(float(10**scale))
                sql = f"cast(round(({moved.distance}) * {factor}) as bigint)"
                return cls(sql, Fraction(1, 10**scale), moved.centre)
        bits = min(60, (125 - max(1, n_rows).bit_length()) // 2)
        sql = f"cast(round(({moved.z}) * {float_sql(float(2**bits))}) as bigint)"
        unit = Fraction(2) ** (moved.exponent - bits)
        return cls(sql, unit, moved.origin)
