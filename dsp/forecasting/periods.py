"""Calendar periods: which step a series has, and how steps are numbered in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dsp.errors import SettingError, nearest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400
FILLED = 0.6
"""Share of periods with a value from which a step is taken for regular."""
DENSE = 1.5
"""Times in a period from which rows are finer than the period."""
MANY = 2_000
"""Periods from which rows that come at any time are taken together further."""
MOST_PERIODS = 3_000
_SECONDS = {
    "second": 1,
    "10 seconds": 10,
    "30 seconds": 30,
    "minute": 60,
    "5 minutes": 300,
    "10 minutes": 600,
    "quarter hour": 900,
    "half hour": 1_800,
    "hour": 3_600,
    "2 hours": 7_200,
    "3 hours": 10_800,
    "4 hours": 14_400,
    "6 hours": 21_600,
    "8 hours": 28_800,
    "12 hours": 43_200,
}
_CALENDAR = ("business day", "day", "week", "month", "quarter", "year")
NAMES = (*_SECONDS, *_CALENDAR)
"""Names of steps, from fine to coarse."""
_SEASONS: Mapping[str, tuple[float, ...]] = {
    "business day": (5, 260.89),
    "day": (7, 365.25),
    "week": (52.18,),
    "month": (12,),
    "quarter": (4,),
    "year": (),
}


@dataclass(frozen=True, slots=True)
class Frequency:
    """A step of a calendar.

    Attributes
    ----------
    name
        One of `NAMES`.
    weekday
        Day that weeks begin on; 0 is Monday.

    Examples
    --------
    >>> Frequency("month").start(Frequency("month").number(datetime(2024, 3, 9)))
    datetime.datetime(2024, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """

    name: str
    weekday: int = 0

    @property
    def seconds(self) -> int:
        """Seconds of a step below a day; 0 for others."""
        return _SECONDS.get(self.name, 0)

    @property
    def seasons(self) -> tuple[float, ...]:
        """Lengths of the usual seasons in steps, shortest first."""
        if self.seconds:
            day = DAY / self.seconds
            return tuple(p for p in (day, 7 * day) if 2 <= p <= 3_000)
        return _SEASONS[self.name]

    @property
    def most_periods(self) -> int:
        """Periods of a history that are used: the latest 3,000, or three long seasons."""
        return max(MOST_PERIODS, 3 * round(max(self.seasons, default=0)))

    @property
    def days(self) -> float:
        """Days of a step, on average."""
        usual = {"week": 7.0, "month": 30.44, "quarter": 91.3, "year": 365.25}
        return self.seconds / DAY if self.seconds else usual.get(self.name, 1.0)

    def number_sql(self, ts: str) -> str:
        """Return SQL of the number of the period that a timestamp is in."""
        if self.seconds:
            return f"cast(floor(epoch({ts}) / {self.seconds}) as bigint)"
        days = f"(cast({ts} as date) - date '1970-01-01')"
        monday = f"({days} + 3)"
        months = f"(year({ts}) * 12 + month({ts}) - 1)"
        return {
            "day": f"cast({days} as bigint)",
            "business day": (
                f"cast(floor({monday} / 7) * 5 + "
                f"least({monday} - 7 * floor({monday} / 7), 4) as bigint)"
            ),
            "week": f"cast(floor(({monday} - {self.weekday}) / 7) as bigint)",
            "month": f"cast({months} as bigint)",
            "quarter": f"cast(floor({months} / 3) as bigint)",
            "year": f"cast(year({ts}) as bigint)",
        }[self.name]

    def start_sql(self, number: str) -> str:
        """Return SQL of the timestamp that a period begins at, by its number."""
        if self.seconds:
            return f"make_timestamp({number} * {self.seconds * 1_000_000})"
        day = f"{number}"
        if self.name == "business day":
            day = f"(7 * floor({number} / 5) + {number} - 5 * floor({number} / 5) - 3)"
        elif self.name == "week":
            day = f"(7 * {number} + {self.weekday} - 3)"
        if self.name in ("day", "business day", "week"):
            return f"cast(date '1970-01-01' + cast({day} as integer) as timestamp)"
        year, month = f"{number}", "1"
        if self.name == "month":
            year, month = f"floor({number} / 12)", f"({number} % 12 + 1)"
        elif self.name == "quarter":
            year, month = f"floor({number} / 4)", f"(3 * ({number} % 4) + 1)"
        return (
            f"make_timestamp(cast({year} as bigint), cast({month} as bigint), 1, 0, 0, 0)"
        )

    def number(self, when: datetime) -> int:
        """Return the number of the period that a time is in."""
        at = when if when.tzinfo else when.replace(tzinfo=UTC)
        if self.seconds:
            return int((at - EPOCH) // timedelta(seconds=self.seconds))
        days = (at - EPOCH).days
        month = at.year * 12 + at.month - 1
        monday = days + 3
        return {
            "day": days,
            "business day": monday // 7 * 5 + min(monday % 7, 4),
            "week": (monday - self.weekday) // 7,
            "month": month,
            "quarter": month // 3,
            "year": at.year,
        }[self.name]

    def start(self, number: int) -> datetime:
        """Return when a period begins, in UTC."""
        if self.seconds:
            return EPOCH + timedelta(seconds=number * self.seconds)
        if self.name == "business day":
            return EPOCH + timedelta(days=7 * (number // 5) + number % 5 - 3)
        if self.name == "week":
            return EPOCH + timedelta(days=7 * number + self.weekday - 3)
        if self.name == "day":
            return EPOCH + timedelta(days=number)
        per_year = {"month": 12, "quarter": 4, "year": 1}[self.name]
        year, place = divmod(number, per_year)
        return datetime(year, 1 + place * (12 // per_year), 1, tzinfo=UTC)


def frequency_named(name: str) -> Frequency:
    """Return the step of a name.

    Raises
    ------
    SettingError
        There is no such step.

    Examples
    --------
    >>> frequency_named("Business-Day").seasons
    (5, 260.89)
    """
    plain = name.strip().lower().replace("-", " ").replace("_", " ")
    short = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
    short |= {"quarterly": "quarter", "yearly": "year", "annual": "year"}
    plain = short.get(plain, plain)
    if plain not in NAMES:
        close = nearest(plain, NAMES, n=1)
        listed = ", ".join(NAMES)
        raise SettingError(
            f'no frequency is called "{name}"',
            hint=f'did you mean "{close[0]}"? {listed}' if close else f"one of {listed}",
        )
    return Frequency(plain)


@dataclass(frozen=True, slots=True)
class Filling:
    """How well a step fits: periods with a value, and periods from first to last."""

    frequency: Frequency
    n_filled: int
    n_periods: int

    @property
    def share(self) -> float:
        """Share of periods that have a value."""
        return self.n_filled / self.n_periods if self.n_periods else 0.0


def fitting(fillings: Sequence[Filling], n_times: int) -> Filling:
    """Return the step that times keep to: the finest one that is mostly filled.

    Rows that come at any time are taken together by a step of at most 2,000 periods.

    Parameters
    ----------
    fillings
        Steps from fine to coarse.
    n_times
        Distinct times.
    """
    for filling in fillings:
        if filling.share < FILLED:
            continue
        is_coarse = filling.n_filled and n_times / filling.n_filled > DENSE
        if is_coarse and filling.n_periods > MANY and filling is not fillings[-1]:
            continue
        # Quarter hours fill two of three periods of 10 minutes: none are taken together
        # by the longer step, and it has fewer gaps.
        alike = [f for f in fillings if f.n_filled == filling.n_filled]
        return max(alike, key=lambda f: f.share)
    return max(fillings, key=lambda f: f.share)


def candidates(
    first: Any, *, has_clock: bool, has_weekend: bool
) -> tuple[Frequency, ...]:
    """Return the steps that are tried, from fine to coarse.

    Parameters
    ----------
    first
        Weekday of weeks (0 is Monday).
    has_clock
        Whether times of day differ.
    has_weekend
        Whether there are rows on Saturdays or Sundays.
    """
    names = [name for name in NAMES if has_clock or name in _CALENDAR]
    if has_weekend:
        names.remove("business day")
    return tuple(Frequency(n, int(first) if n == "week" else 0) for n in names)
