"""Cycles that a series may follow: by the calendar, and by its own autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dsp.inference.series import centred, scaled
from dsp.statistics.series.grids import DAY, HOUR, WEEK, Grid, time_text

YEAR = 31_557_600_000_000
"""Microseconds of 365.25 days."""
WEEKDAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_LENGTHS = (("hour", HOUR), ("day", DAY), ("week", WEEK), ("year", YEAR))
_BUSINESS = (("week", 5), ("year", 261))
CLEARLY = 0.1
"""How much more an unnamed cycle must link values than one of the calendar."""
NEAR = 0.01
"""How far a cycle may be from a whole number of periods."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle of so many periods.

    Attributes
    ----------
    name
        ``hour``, ``day``, ``week``, ``year``, or ``cycle`` where no calendar names it.
    length
        Periods in it.
    link
        Autocorrelation at its length, after a moving average of that length is taken off.
    bound
        What 95 of 100 of them stay within where there is no cycle.
    """

    name: str
    length: int
    link: float
    bound: float

    @property
    def is_clear(self) -> bool:
        """Whether the link is more than chance."""
        return self.link > self.bound


def calendar_cycles(grid: Grid) -> list[tuple[str, int]]:
    """Return names and lengths of the cycles of the calendar in periods of a grid.

    Examples
    --------
    >>> calendar_cycles(Grid("fixed", DAY))
    [('week', 7), ('year', 365)]
    >>> calendar_cycles(Grid("months", 3))
    [('year', 4)]
    """
    if grid.kind == "business":
        return list(_BUSINESS)
    if grid.kind == "months":
        whole = grid.size < 12 and 12 % grid.size == 0
        return [("year", 12 // grid.size)] if whole else []
    found = []
    for name, length in _LENGTHS:
        ratio = length / grid.size
        if ratio >= 2 and abs(ratio - round(ratio)) <= NEAR * ratio:
            found.append((name, round(ratio)))
    return found


def best_cycle(x: Any, grid: Grid, n_cycles: int = 2) -> Cycle | None:
    """Return the cycle that a series follows most closely, or None.

    Among cycles of the calendar the one that links values most; another length, with the
    highest peak of the autocorrelation, when it links them clearly more. Where none is
    more than chance it is the shortest. At least `n_cycles` of them must be there.

    Parameters
    ----------
    x
        Values of the series without gaps.
    """
    limit = len(x) // n_cycles
    listed = [(name, length) for name, length in calendar_cycles(grid) if length <= limit]
    found = [Cycle(name, length, *link(x, length)) for name, length in listed]
    clear = [c for c in found if c.is_clear]
    best = max(clear, key=lambda c: (c.link, -c.length), default=None)
    best = best or min(found, key=lambda c: c.length, default=None)
    own = _peak(x, len(x) // 3)
    if own is not None and own not in [length for _, length in listed]:
        cycle = Cycle("cycle", own, *link(x, own))
        known = best.link if best is not None and best.is_clear else 0.0
        if cycle.is_clear and cycle.link > known + CLEARLY:
            return cycle
    return best


def link(x: Any, length: int) -> tuple[float, float]:
    """Return the autocorrelation at a lag of what a moving average leaves, and a bound.

    References
    ----------
    The bound is Bartlett's, with the autocorrelations of shorter lags (to half of it).
    """
    y = scaled(x)
    if y is None or len(y) < 2 * length:
        return 0.0, math.inf
    rest = centred(y - _moving(y, length))
    power = float(rest @ rest)
    if power <= 1e-20:
        return 0.0, math.inf
    lags = range(1, min(length // 2, 40) + 1)
    near = math.fsum((float(rest[k:] @ rest[:-k]) / power) ** 2 for k in lags)
    found = float(rest[length:] @ rest[:-length]) / power
    return found, 1.96 * math.sqrt((1 + 2 * near) / len(y))


def _moving(y: Any, length: int) -> Any:
    """Return centred moving averages; beyond the ends the series is mirrored."""
    import numpy as np

    width = length + (length % 2 == 0)
    reach = width // 2
    padded = np.concatenate([y[:reach][::-1], y, y[-reach:][::-1]])
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    whole = sums[width:] - sums[:-width]
    if length % 2 == 0:
        whole = whole - (padded[: len(y)] + padded[width - 1 :]) / 2
    return whole / length


def _peak(x: Any, limit: int) -> int | None:
    """Return the lag of the highest peak of the autocorrelation, a line taken off."""
    import numpy as np

    n = len(x)
    y = scaled(x)
    if y is None or limit < 4:
        return None
    t = centred(np.arange(n))
    y = y - float(t @ y) / float(t @ t) * t
    power = np.abs(np.fft.rfft(y, 1 << (2 * n - 1).bit_length())) ** 2
    acf = np.fft.irfft(power)[: limit + 2]
    if acf[0] <= 0:
        return None
    acf = acf / acf[0]
    inner = acf[1:-1]
    is_peak = (inner > acf[:-2]) & (inner >= acf[2:]) & (inner > 3.92 / math.sqrt(n))
    is_peak[0] = False
    lags = np.flatnonzero(is_peak) + 1
    return int(lags[inner[lags - 1].argmax()]) if len(lags) else None


def label(cycle: Cycle, grid: Grid, start: int, place: int) -> str:
    """Return what a place of a cycle is called: a weekday, a month, an hour.

    Parameters
    ----------
    start
        Start of a period at that place, in microseconds since 1970.
    place
        Its number in the cycle, from 0.

    Examples
    --------
    >>> label(Cycle("week", 7, 0.5, 0.1), Grid("fixed", DAY), 0, 0)
    'Thursday'
    """
    day, _, clock = time_text(start).partition(" ")
    weekday = WEEKDAYS[(start // DAY - 4) % 7]
    number, at = int(day[-5:-3]), clock[:5] or "00:00"
    month = MONTHS[number - 1]
    if cycle.name == "year" and grid.kind == "months":
        return month if grid.size != 3 else f"quarter {(number + 2) // 3}"
    if cycle.name == "year":
        named = f"{int(day[-2:])} {month}"
        return f"week of {named}" if grid.size == WEEK else named
    if cycle.name == "week":
        is_daily = grid.kind == "business" or grid.size % DAY == 0
        return weekday if is_daily else f"{weekday} {at}"
    if cycle.name == "day":
        return at
    if cycle.name == "hour":
        return f"minute {int(at[-2:])}"
    return f"{place + 1} of {cycle.length}"
