"""The moments at which a search gives up one thing after another."""

from __future__ import annotations

import time
from dataclasses import dataclass

SEARCH_SHARE = 0.6
"""Share of the time limit after which no further candidate is tried; importances of the
best one take the rest."""

GRACE_SECONDS = 2.0
"""How long past its time limit a search may go on before it is killed."""

TIME_UP = "the time was up"


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop trying candidates, when to stop at all, and when it is over.

    Moments of `time.monotonic`, the clock that all processes of a machine share.

    Attributes
    ----------
    search
        No fit of a further candidate starts after this.
    end
        Shuffling for importances is not repeated after this, beyond twice.
    wall
        The process of the search is killed; also the last moment at which the cheapest
        candidate is tried, without which there would be nothing but a baseline.
    """

    search: float
    end: float
    wall: float

    @classmethod
    def of(cls, seconds: float, *, started: float | None = None) -> Limits:
        """Return the moments of a search of so many seconds, from now when not given."""
        since = time.monotonic() if started is None else started
        end = since + seconds
        return cls(since + seconds * SEARCH_SHARE, end, end + GRACE_SECONDS)
