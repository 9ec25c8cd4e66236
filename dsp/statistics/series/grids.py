"""Even steps of time: so many microseconds, months, or days of business; all in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SECOND = 1_000_000
MINUTE, HOUR, DAY, WEEK = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND, 604_800 * SECOND
_MONDAY = 4 * DAY
_UNITS = ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
_SHORT = ((SECOND, "second"), (1_000, "millisecond"), (1, "microsecond"))
_MONTHS = {1: "month", 3: "quarter", 12: "year"}


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods of equal length that follow each other, numbered; times are microseconds.

    Attributes
    ----------
    kind
        ``fixed`` (`size` microseconds), ``months`` (`size` months, from the first of a
        month) or ``business`` (days from Monday to Friday, `size` 1).
    size
        Length of a period.
    origin
        Start of a period, of fixed ones.
    """

    kind: str
    size: int
    origin: int = 0

    @classmethod
    def of(cls, size: int, first: int = 0) -> Grid:
        """Return the grid of a fixed size: on the calendar, else from the first time."""
        if size == WEEK:
            return cls("fixed", size, _MONDAY)
        return cls("fixed", size, 0 if size <= DAY and DAY % size == 0 else first)

    @property
    def name(self) -> str:
        """The length in words: ``day``, ``10 minutes``, ``quarter``."""
        if self.kind == "business":
            return "business day"
        if self.kind == "months":
            if self.size in _MONTHS:
                return _MONTHS[self.size]
            n, unit = (
                (self.size // 12, "year") if self.size % 12 == 0 else (self.size, "month")
            )
            return f"{n:,} {unit}s"
        for size, unit in (*_UNITS, *_SHORT):
            if self.size % size == 0:
                n = self.size // size
                return unit if n == 1 else f"{n:,} {unit}s"
        raise AssertionError(self.size)

    def index(self, times: Any) -> Any:
        """Return the number of the period of each time (weekends count as Friday's)."""
        import numpy as np

        u = np.asarray(times, dtype=np.int64)
        if self.kind == "fixed":
            return (u - self.origin) // self.size
        if self.kind == "months":
            return _months(u) // self.size
        day = u // DAY - 4
        return day // 7 * 5 + np.minimum(day % 7, 4)

    def start(self, index: Any) -> Any:
        """Return when periods start, by their number."""
        import numpy as np

        i = np.asarray(index, dtype=np.int64)
        if self.kind == "fixed":
            return i * self.size + self.origin
        if self.kind == "months":
            months = (i * self.size).astype("datetime64[M]")
            return months.astype("datetime64[us]").astype(np.int64)
        return (i // 5 * 7 + i % 5 + 4) * DAY

    def between(self, times: Any) -> Any:
        """Return how many periods lie from each time to the next."""
        import numpy as np

        if self.kind == "fixed":
            return np.diff(times) // self.size
        if self.kind == "months":
            return np.diff(_months(times)) // self.size
        return np.diff(self.index(times))

    def fits(self, times: Any) -> Any:
        """Tell of each time whether the next one is exactly one step later."""
        import numpy as np

        u = np.asarray(times, dtype=np.int64)
        if self.kind == "fixed":
            return np.diff(u) == self.size
        same_hour = np.diff(u % DAY) == 0
        if self.kind == "business":
            is_weekday = (u // DAY - 4) % 7 < 5
            one = np.diff(self.index(u)) == 1
            return one & same_hour & is_weekday[1:] & is_weekday[:-1]
        return same_day(u) & (np.diff(_months(u)) == self.size)

    @property
    def step_sql(self) -> str:
        """SQL of the length of a period (of a day, for business days)."""
        if self.kind == "months":
            return f"to_months({self.size})"
        return f"to_microseconds({DAY if self.kind == 'business' else self.size})"

    def period_sql(self, time: str) -> str:
        """Return SQL of the start of the period of a time."""
        if self.kind == "business":
            return f"date_trunc('day', {time})"
        if self.name in (*_MONTHS.values(), "week", "day", "hour", "minute", "second"):
            return f"date_trunc('{self.name}', {time})"
        origin = time_sql(self.origin if self.kind == "fixed" else 0)
        return f"time_bucket({self.step_sql}, {time}, {origin})"

    def between_sql(self, a: str, b: str) -> str:
        """Return SQL of how many periods lie from one time to a later one."""
        if self.kind == "fixed":
            return f"(epoch_us({b}) - epoch_us({a})) // {self.size}"
        if self.kind == "months":
            return f"datediff('month', {a}, {b}) // {self.size}"
        return f"{_business_sql(b)} - {_business_sql(a)}"

    def fits_sql(self, a: str, b: str) -> str:
        """Return SQL that tells whether a time is exactly one step after another."""
        if self.kind == "fixed":
            return f"epoch_us({b}) - epoch_us({a}) = {self.size}"
        one = f"{self.between_sql(a, b)} = 1 and cast({a} as time) = cast({b} as time)"
        if self.kind == "business":
            return f"{one} and isodow({a}) < 6 and isodow({b}) < 6"
        return (
            f"datediff('month', {a}, {b}) = {self.size} "
            f"and cast({a} as time) = cast({b} as time) and (day({a}) = day({b}) "
            f"or (cast({b} as date) = last_day({b}) and day({b}) < day({a})) "
            f"or (cast({a} as date) = last_day({a}) and day({a}) < day({b})))"
        )


def same_day(times: Any) -> Any:
    """Tell of each time whether the next has its hour and its day of the month.

    The last day of a shorter month counts as the day it lacks.
    """
    import numpy as np

    u = np.asarray(times, dtype=np.int64)
    months = u.astype("datetime64[us]").astype("datetime64[M]")
    day = (u - months.astype("datetime64[us]").astype(np.int64)) // DAY
    length = (
        (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    ).astype(np.int64)
    is_last = day == length - 1
    a, b = day[:-1], day[1:]
    alike = (a == b) | (is_last[1:] & (b < a)) | (is_last[:-1] & (a < b))
    return alike & (np.diff(u % DAY) == 0)


def month_steps(times: Any) -> Any:
    """Return the months from each time to the next."""
    import numpy as np

    return np.diff(_months(times))


def time_text(micros: int) -> str:
    """Return a time as SQL shows it: the day, and the time of day where there is one."""
    import numpy as np

    text = str(np.datetime64(int(micros), "us")).replace("T", " ")
    return text.removesuffix("000000").removesuffix(".").removesuffix(" 00:00:00")


def time_sql(micros: int) -> str:
    """Return SQL of a time given in microseconds since 1970."""
    return f"timestamp '{time_text(micros)}'"


def _months(times: Any) -> Any:
    import numpy as np

    u = np.asarray(times, dtype=np.int64).astype("datetime64[us]")
    return u.astype("datetime64[M]").astype(np.int64)


def _business_sql(time: str) -> str:
    # The first day of the calendar is a Monday.
    days = f"datediff('day', timestamp '0001-01-01', {time})"
    return f"({days} // 7 * 5 + least({days} % 7, 4))"
