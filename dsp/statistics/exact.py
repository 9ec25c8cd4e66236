"""Numbers of a column moved towards zero before they become doubles.

A decimal or whole number near 10^12 keeps a digit or two behind the point as a double,
and its distance from a value nearby keeps all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dsp.statistics.base import Column
from dsp.statistics.moments import float_sql

_BIGINT = 2**62
_SQUARED = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A column as ``centre + z * 2^exponent``, with z from -1 to 1.

    Attributes
    ----------
    column
        The column.
    centre
        A value that the type of the column holds exactly.
    exponent
        Power of two of the unit.
    is_exact
        Whether the centre is taken off before the value becomes a double.
    """

    column: Column
    centre: Fraction
    exponent: int
    is_exact: bool

    @classmethod
    def of(cls, column: Column, low: object, high: object, centre: float) -> Moved:
        """Return the column moved by about `centre`.

        Parameters
        ----------
        low, high
            Least and greatest finite value, as the engine returns them; of dates and
            booleans as doubles.
        centre
            About where the values lie; 0 leaves them where they are.
        """
        least, most = Fraction(str(low)), Fraction(str(high))
        scale = _scale(column)
        is_exact = scale is not None and max(abs(least), abs(most)) < _limit(column)
        at = Fraction(centre)
        if scale is not None:
            at = Fraction(round(at * 10**scale), 10**scale)
        if centre:
            at = min(most, max(least, at))
        return cls(column, at, _exponent(max(most - at, at - least)), is_exact)

    @property
    def digits(self) -> int | None:
        """Digits behind the point of the type; None for what is not exact."""
        return _scale(self.column)

    @property
    def origin(self) -> Fraction:
        """The value whose z is 0, rounded as `z` rounds it."""
        if self.is_exact or not self.centre:
            return self.centre
        unit = Fraction(2) ** self.exponent
        return Fraction(float(self.centre / unit)) * unit

    @property
    def distance(self) -> str:
        """SQL of the value less the centre as a double; null where it is not finite."""
        column, centre = self.column, self.centre
        if not centre:
            return column.number
        if not self.is_exact:
            return f"{column.number} - {float_sql(float(centre))}"
        if column.family == "decimal":
            text = format(_decimal(centre), "f")
            return f"cast({column.sql} - cast('{text}' as {column.data_type}) as double)"
        kind = "bigint" if abs(centre) < _BIGINT and _fits(column) else "hugeint"
        return f"cast(cast({column.sql} as {kind}) - {int(centre)} as double)"

    @property
    def z(self) -> str:
        """SQL of the value less the centre, in units of 2^exponent."""
        unit = math.ldexp(1.0, -self.exponent)
        if self.is_exact or not self.centre:
            return f"({self.distance}) * {float_sql(unit)}"
        # Scaled first: the distance of two doubles may be beyond a double.
        centre = float(self.centre * Fraction(unit))
        return f"({self.column.number}) * {float_sql(unit)} - {float_sql(centre)}"

    @property
    def shown(self) -> str:
        """SQL of the distance, or of z where its square would leave a double's range."""
        return self.distance if abs(self.exponent) < _SQUARED else self.z

    @property
    def text(self) -> str:
        """SQL of the value as the shortest text that means it; null where not finite."""
        column = self.column
        if column.family in ("integer", "decimal"):
            return f"cast({column.sql} as varchar)"
        if column.data_type == "FLOAT":
            return (
                f"case when isfinite({column.sql}) then cast({column.sql} as varchar) end"
            )
        return f"cast({column.number} as varchar)"


def _exponent(reach: Fraction) -> int:
    """Return the power of two at or just above a size."""
    if reach <= 0:
        return 0
    bits = reach.numerator.bit_length() - reach.denominator.bit_length()
    return max(-1000, bits + (reach > Fraction(2) ** bits))


def _scale(column: Column) -> int | None:
    """Return the digits behind the point of an exact type, or None for another."""
    if column.family == "integer":
        return None if "HUGE" in column.data_type else 0
    if column.family != "decimal" or "(" not in column.data_type:
        return None
    return int(column.data_type.rstrip(")").split(",")[1])


def _limit(column: Column) -> Fraction:
    """Return below which size values and their differences fit the type."""
    if column.family == "decimal":
        return Fraction(10**37, 10 ** (_scale(column) or 0) * 2)
    return Fraction(2**100)


def _fits(column: Column) -> bool:
    """Return whether differences of values fit 64 bits."""
    return column.data_type not in ("BIGINT", "UBIGINT")


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
