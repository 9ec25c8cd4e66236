"""When a search gives up one thing after another, by the clock or by a count of fits."""

from __future__ import annotations

import time
from dataclasses import dataclass

SEARCH_SHARE = 0.62
"""Share of the time limit after which no further setting is tried; the final fits and
the explanation take the rest."""

GRACE_SECONDS = 2.0
"""How long past its time limit a search may go on before it is killed."""

GRACE_SHARE = 0.05
TIME_UP = "the time was up"


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop trying settings, when to stop at all, and when it is over.

    Moments of `time.monotonic`, the clock that all processes of a machine share.

    Attributes
    ----------
    search
        No fit of a further setting starts after this.
    end
        Nothing that is not needed for an answer starts after this.
    wall
        The process of the search is killed.
    fits
        Fits of settings at most; with it the search takes the same way on every machine
        that is fast enough.
    """

    started: float
    search: float
    end: float
    wall: float
    fits: int | None = None

    @classmethod
    def of(
        cls, seconds: float, *, started: float | None = None, fits: int | None = None
    ) -> Limits:
        """Return the moments of a search of so many seconds, from now when not given."""
        since = time.monotonic() if started is None else started
        end = since + seconds
        grace = max(GRACE_SECONDS, GRACE_SHARE * seconds)
        return cls(since, since + seconds * SEARCH_SHARE, end, end + grace, fits)

    @property
    def seconds(self) -> float:
        """The time limit."""
        return self.end - self.started

    @property
    def is_counted(self) -> bool:
        """Whether fits are counted instead of seconds."""
        return self.fits is not None


def is_past(moment: float) -> bool:
    """Return whether a moment of `time.monotonic` is over."""
    return time.monotonic() > moment
