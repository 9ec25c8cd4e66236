"""What methods share: histories of many series side by side, and what a method is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

Floats = Any
"""An array of doubles."""
Counts = Any
"""An array of whole numbers."""

BLOCK = 2_000_000
"""Doubles of one array inside a recursion; more of them leave the cache."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Series of one frequency side by side, each from its first value on.

    Attributes
    ----------
    values
        Array [time, series] of finite doubles; 0 beyond the end of a series.
    lengths
        Values of each series.
    periods
        Lengths of its seasons in steps, shortest first; none when it has no season.
    starts
        Number of the calendar period of each first value.
    frequency
        Name of the step, such as ``month``.
    """

    values: Floats
    lengths: Counts
    periods: tuple[float, ...] = ()
    starts: Counts = None
    frequency: str = "step"

    @property
    def n_series(self) -> int:
        """Number of series."""
        return int(self.values.shape[1])

    @property
    def season(self) -> int:
        """Steps of the season that simple methods use: the longest whole one, or 1."""
        whole = [int(p) for p in self.periods if p == int(p)]
        return whole[-1] if whole else round(self.periods[0]) if self.periods else 1

    @property
    def live(self) -> Any:
        """Array [time, series]: whether there is a value."""
        import numpy as np

        return np.arange(len(self.values))[:, None] < self.lengths[None, :]

    def until(self, back: Counts) -> Histories:
        """Return the histories as they were some steps ago (a number for each series)."""
        import numpy as np

        lengths = np.maximum(self.lengths - back, 0)
        top = int(lengths.max(initial=0))
        live = np.arange(top)[:, None] < lengths[None, :]
        values = np.where(live, self.values[:top], 0.0)
        return replace(self, values=values, lengths=lengths)

    def rows(self, index: Counts) -> Histories:
        """Return some of the series."""
        import numpy as np

        lengths = self.lengths[index]
        top = int(lengths.max(initial=0))
        return replace(
            self,
            values=np.ascontiguousarray(self.values[:top, index]),
            lengths=lengths,
            starts=None if self.starts is None else self.starts[index],
        )

    def tail(self, index: Counts, count: int) -> Floats:
        """Return the last `count` values of some series as [count, series], oldest first.

        Before its start a series repeats its first value.
        """
        import numpy as np

        at = self.lengths[index][None, :] + np.arange(-count, 0)[:, None]
        return self.values[np.maximum(at, 0), index[None, :]]


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What a method says: an array [horizon, series], NaN where it has no answer.

    Attributes
    ----------
    values
        The forecasts.
    warm
        What lets the method start near its answer for later histories of the series.
    notes
        What was chosen for each series, such as ``MAdM``; empty when there is no choice.
    """

    values: Floats
    warm: Any = None
    notes: tuple[str, ...] = ()


class Method(Protocol):
    """A method: a plug-in of this room.

    Attributes
    ----------
    is_global
        Whether it learns from all series together: then each origin is asked by itself,
        for what one series has seen must not help another one before its time.
    """

    name: str
    label: str
    is_baseline: bool
    is_global: bool

    def forecast(
        self, histories: Histories, horizon: int, *, warm: Any = None
    ) -> Forecasts:
        """Return forecasts of all series, from their histories alone.

        Parameters
        ----------
        horizon
            Steps ahead.
        warm
            From an earlier call with earlier histories of the same series, or None.
        """
        ...


Residuals = Callable[[Floats, Counts], Floats]
"""Maps parameters [parameter, variant, series] to errors [time, variant, series]."""


def blocks(n_series: int, size: int) -> Iterator[Counts]:
    """Yield the series in blocks, `size` doubles each, that fit in the cache."""
    import numpy as np

    step = max(1, min(n_series, BLOCK // max(size, 1)))
    for first in range(0, n_series, step):
        yield np.arange(first, min(first + step, n_series))
