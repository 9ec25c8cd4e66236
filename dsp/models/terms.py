"""Terms: one number made from one position of the matrix, computed and as SQL.

Both agree. What a term holds is fitted to the rows of a fold by `dsp.models.views`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dsp.models.sql import LARGEST, number


def _filled(X: Any, position: int, fill: float) -> Any:
    import numpy as np

    x = X[:, position]
    return np.where(np.isnan(x), fill, x)


@dataclass(frozen=True, slots=True)
class Copy:
    """The value as it is; NaN where it is missing. A code of a category as well."""

    kind: ClassVar = "copy"
    position: int

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        return X[:, self.position]

    def sql(self) -> str:
        """Return the term as SQL over ``x0``, ``x1`` …."""
        return f"x{self.position}"


@dataclass(frozen=True, slots=True)
class Filled:
    """The value, or a fixed one where it is missing."""

    kind: ClassVar = "filled"
    position: int
    fill: float

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        return _filled(X, self.position, self.fill)

    def sql(self) -> str:
        """Return the term as SQL over ``x0``, ``x1`` …."""
        return f"coalesce(x{self.position}, {number(self.fill)})"


@dataclass(frozen=True, slots=True)
class Missing:
    """One where the value is missing, else zero."""

    kind: ClassVar = "missing"
    position: int

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        import numpy as np

        return np.isnan(X[:, self.position]).astype("float64")

    def sql(self) -> str:
        """Return the term as SQL over ``x0``, ``x1`` …."""
        return f"(x{self.position} is null)::int::double"


@dataclass(frozen=True, slots=True)
class Scaled:
    """The value within the bounds of the fold, less its mean, by its spread."""

    kind: ClassVar = "scaled"
    position: int
    fill: float
    low: float
    high: float
    mean: float
    sd: float

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        import numpy as np

        filled = _filled(X, self.position, self.fill)
        return (np.clip(filled, self.low, self.high) - self.mean) / self.sd

    def sql(self, factor: float = 1.0) -> str:
        """Return the term times a factor as SQL over ``v0``, ``v1`` ….

        Those are values before the largest count as missing. One CASE, whose first test
        nearly all rows pass: LEAST and GREATEST take thrice as long.
        """
        v, slope = f"v{self.position}", factor / self.sd
        low, high = number(self.low), number(self.high)
        filled = min(max(self.fill, self.low), self.high)
        below, above, fill = (
            number((value - self.mean) * slope) for value in (self.low, self.high, filled)
        )
        return (
            f"case when {v} between {low} and {high} "
            f"then ({v} - {number(self.mean)}) * {number(slope)} "
            f"when abs({v}) < {LARGEST!r} "
            f"then case when {v} > {high} then {above} else {below} end "
            f"else {fill} end"
        )


@dataclass(frozen=True, slots=True)
class Hinge:
    """How far the value, within its bounds, is above a knot, by its spread."""

    kind: ClassVar = "hinge"
    position: int
    fill: float
    high: float
    knot: float
    sd: float

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        import numpy as np

        filled = _filled(X, self.position, self.fill)
        return np.maximum(np.minimum(filled, self.high) - self.knot, 0.0) / self.sd

    def sql(self, factor: float = 1.0) -> str:
        """Return the term times a factor as SQL over ``x0``, ``x1`` …."""
        x, slope = f"x{self.position}", factor / self.sd
        high, fill = (
            number(max(value - self.knot, 0.0) * slope)
            for value in (self.high, min(self.fill, self.high))
        )
        return (
            f"case when {x} > {number(self.high)} then {high} "
            f"when {x} > {number(self.knot)} "
            f"then ({x} - {number(self.knot)}) * {number(slope)} "
            f"when {x} is null then {fill} else 0e0 end"
        )


@dataclass(frozen=True, slots=True)
class Level:
    """One for rows of one level, else zero."""

    kind: ClassVar = "level"
    position: int
    code: int

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        return (X[:, self.position] == self.code).astype("float64")

    def sql(self) -> str:
        """Return the term as SQL over ``x0``, ``x1`` …."""
        return f"coalesce((x{self.position} = {self.code})::int::double, 0e0)"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A number for every level: by code, then for other levels, then where missing."""

    kind: ClassVar = "encoded"
    position: int
    values: tuple[float, ...]

    def column(self, X: Any) -> Any:
        """Return the term of every row."""
        import numpy as np

        x = X[:, self.position]
        place = np.where(np.isnan(x), len(self.values) - 1, x).astype("int64")
        return np.asarray(self.values)[place]

    def sql(self) -> str:
        """Return the term as SQL over ``x0``, ``x1`` …."""
        listed = ", ".join(number(value) for value in self.values)
        place = f"coalesce(x{self.position} + 1, {len(self.values)})::int"
        return f"list_extract([{listed}]::double[], {place})"


Term = Copy | Filled | Missing | Scaled | Hinge | Level | Encoded
