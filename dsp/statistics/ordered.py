"""What quantiles and histograms need of a column: its values in order, by counting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dsp.statistics.moments import Moments, Scale, moments_of_values


class Ordered(Protocol):
    """The finite values of a column in ascending order."""

    @property
    def n(self) -> int:
        """Values."""
        ...

    def at(self, rank: int) -> float:
        """Return the value at a rank, from 0."""
        ...

    def below(self, value: float) -> int:
        """Return how many values are smaller."""
        ...

    def mad(self) -> float | None:
        """Return the median of the distances from the median."""
        ...

    def moments(self) -> Moments:
        """Return the moments."""
        ...


@dataclass(frozen=True, slots=True)
class Values:
    """Distinct finite values and how often each occurs.

    Attributes
    ----------
    x, numbers
        Arrays of doubles, ascending, and of int64.
    up_to
        Values at or before each place.
    """

    x: Any
    numbers: Any
    up_to: Any

    @classmethod
    def of(cls, x: Any, numbers: Any) -> Values:
        """Sort values and count up to each."""
        import numpy as np

        # Which zero stands for both depends on the order of the rows.
        x = x + 0.0
        order = np.argsort(x, kind="stable")
        return cls(x[order], numbers[order], np.cumsum(numbers[order]))

    @property
    def n(self) -> int:
        """Values."""
        return int(self.up_to[-1]) if len(self.up_to) else 0

    def at(self, rank: int) -> float:
        """Return the value at a rank, from 0."""
        import numpy as np

        return float(self.x[np.searchsorted(self.up_to, rank, side="right")])

    def below(self, value: float) -> int:
        """Return how many values are smaller."""
        import numpy as np

        place = int(np.searchsorted(self.x, value, side="left"))
        return int(self.up_to[place - 1]) if place else 0

    def mad(self) -> float | None:
        """Return the median of the distances from the median."""
        import numpy as np

        middle = quantile(self, 0.5)
        if middle is None:
            return None
        with np.errstate(over="ignore"):
            distances = np.abs(self.x - middle)
        return finite(quantile(Values.of(distances, self.numbers), 0.5))

    def moments(self) -> Moments:
        """Return the moments, exact."""
        if not self.n:
            return Moments(0)
        low, high = float(self.x[0]), float(self.x[-1])
        middle = quantile(self, 0.5) or 0.0
        scale = Scale.of(low, high, min(high, max(low, middle)))
        return moments_of_values(self.x, self.numbers, scale)


def ranks_of(n: int, fraction: float) -> tuple[int, int, float]:
    """Return the ranks (from 0) that a quantile lies between, and how far along."""
    place = (n - 1) * fraction
    first = math.floor(place)
    return first, min(first + 1, n - 1), place - first


def quantile(values: Ordered, fraction: float) -> float | None:
    """Return a quantile (continuous definition), or None without values.

    References
    ----------
    DuckDB's ``quantile_cont``, to the last bit; `numpy.quantile`, method "linear".
    """
    if not values.n:
        return None
    first, second, share = ranks_of(values.n, fraction)
    if share == 0:
        return values.at(first)
    return values.at(first) * (1 - share) + values.at(second) * share


def quantiles(values: Ordered, fractions: Sequence[float]) -> list[float]:
    """Return quantiles of a column; none without values."""
    found = (quantile(values, fraction) for fraction in fractions)
    return [value for value in found if value is not None]


def finite(value: float | None) -> float | None:
    """Return a number, or None where it is not finite."""
    return value if value is not None and math.isfinite(value) else None
