"""The axis of a cube: whole periods of time, or ranges of a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dsp.engine.duckdb_engine import quote
from dsp.records import CubeBucket

GRAINS = ("hour", "day", "week", "month", "quarter", "year")
SHIFTS = {"day": 364, "week": 52, "month": 12, "quarter": 4, "year": 1}
"""Buckets that make a year: whole weeks, so that weekdays meet weekdays."""
LIMITS = ((3, "hour"), (200, "day"), (2_200, "week"), (14_600, "month"))
"""Days up to which a grain gives a readable number of points."""
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
PERIODS = {
    "day": (("90 days", 90), ("30 days", 30), ("7 days", 7)),
    "week": (("12 months", 52), ("6 months", 26), ("13 weeks", 13)),
    "month": (("5 years", 60), ("3 years", 36), ("12 months", 12)),
    "quarter": (("10 years", 40), ("5 years", 20), ("2 years", 8)),
    "year": (("20 years", 20), ("10 years", 10), ("5 years", 5)),
    "hour": (("24 hours", 24), ("12 hours", 12)),
}
"""Buttons beside "All", by grain: words and number of buckets."""
BINS = 24


@dataclass(frozen=True, slots=True)
class Axis:
    """What the buckets of a cube are.

    Attributes
    ----------
    kind
        ``time``, ``number`` or ``none``.
    column
        The column that is cut into buckets.
    grain
        Period of a bucket of time.
    buckets
        The buckets in their order; empty ones between the ends are there too.
    covered_days
        Days that the last bucket holds when it is not complete.
    first, last
        The first and the last moment of the data.
    """

    kind: str
    column: str | None = None
    grain: str | None = None
    buckets: tuple[CubeBucket, ...] = ()
    covered_days: int | None = None
    first: datetime | None = None
    last: datetime | None = None

    @property
    def shift(self) -> int | None:
        """How many buckets make a year."""
        return SHIFTS.get(self.grain or "")

    @property
    def first_whole(self) -> int:
        """The first bucket that the data cover completely."""
        return int(bool(self.buckets) and self.buckets[0].is_partial)

    @property
    def window(self) -> tuple[int, int]:
        """The buckets that are shown first: a year where there are two, else all."""
        n = len(self.buckets)
        is_long = self.shift is not None and self.shift > 1 and n >= 2 * self.shift
        return (n - int(self.shift or 0), n - 1) if is_long else (0, n - 1)

    def back(self, first: int, last: int) -> tuple[int, str] | None:
        """Return how many buckets a comparison lies before a window, and its name."""
        if self.kind != "time":
            return None
        whole, n = self.first_whole, last - first + 1
        if self.shift is not None and n <= self.shift and first - self.shift >= whole:
            return self.shift, "the year before"
        if first - n >= whole:
            return n, "the period before"
        return None

    @property
    def cuts(self) -> frozenset[int]:
        """The buckets that are compared with the last one, when that is not complete."""
        if self.covered_days is None:
            return frozenset()
        last = len(self.buckets) - 1
        sizes = [last + 1 - self.window[0]]
        sizes += [n for _, n in PERIODS.get(self.grain or "", ())]
        found = {last - b[0] for n in sizes if (b := self.back(last + 1 - n, last))}
        if self.shift is not None and last - self.shift >= self.first_whole:
            found.add(last - self.shift)
        return frozenset(found)

    def bucket_sql(self) -> str:
        """Return the expression of a row's bucket; NULL where it has none."""
        if self.kind == "none" or self.column is None:
            return "0"
        name, first = quote(self.column), self.buckets[0]
        if self.kind == "time":
            when = f"cast({name} as timestamp)"
            start = _stamp(first.starts_at)
            return (
                f"case when isfinite({name}) then date_diff('{self.grain}', {start}, "
                f"date_trunc('{self.grain}', {when})) end"
            )
        low, last = float(first.low or 0), len(self.buckets) - 1
        width = float(first.high or 0) - low
        number = f"cast({name} as double)"
        return (
            f"case when isfinite({number}) then cast(greatest(0, least({last}, "
            f"floor(({number} - ({low!r})) / {width!r}))) as bigint) end"
        )

    def part_sql(self) -> str:
        """Return whether a row lies in the part of a cut bucket that is compared."""
        if not self.cuts or self.column is None:
            return "false"
        when = f"cast({quote(self.column)} as timestamp)"
        parts = []
        for bucket in sorted(self.cuts):
            start = self.buckets[bucket].starts_at
            if start is None:
                continue
            end = start + timedelta(days=self.covered_days or 0)
            parts.append(f"({when} >= {_stamp(start)} and {when} < {_stamp(end)})")
        return f"coalesce({' or '.join(parts)}, false)"

    def within_sql(self, first: int, last: int, *, is_cut: bool = False) -> str:
        """Return the condition on rows for a window of buckets ("" for all rows)."""
        if self.kind != "time" or self.column is None:
            return ""
        if (first, last) == (0, len(self.buckets) - 1) and not is_cut:
            return ""
        when = f"cast({quote(self.column)} as timestamp)"
        start, end = self.buckets[first].starts_at, self.buckets[last].ends_at
        cut = self.buckets[last].starts_at
        if is_cut and cut is not None:
            end = cut + timedelta(days=self.covered_days or 0)
        return f"{when} >= {_stamp(start)}\n    and {when} < {_stamp(end)}"


def time_axis(
    column: str, first: datetime, last: datetime, *, n_distinct: int, grain: str | None
) -> Axis:
    """Return the axis of a time column between its first and last moment (UTC)."""
    grain = grain or grain_of(first, last, n_distinct)
    starts = [truncated(first, grain)]
    while (after := following(starts[-1], grain)) <= last:
        starts.append(after)
    ends = [*starts[1:], following(starts[-1], grain)]
    last_day = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    first_day = datetime(first.year, first.month, first.day, tzinfo=UTC)
    is_coarse = grain not in ("hour", "day")
    is_open = is_coarse and last_day < ends[-1]
    buckets = tuple(
        CubeBucket(
            bucket=i,
            starts_at=start,
            ends_at=end,
            is_partial=(i == 0 and is_coarse and first_day > start)
            or (i == len(starts) - 1 and is_open),
        )
        for i, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    covered = (last_day - starts[-1]).days if is_open else None
    return Axis("time", column, grain, buckets, covered, first, last)


def grain_of(first: datetime, last: datetime, n_distinct: int) -> str:
    """Return the period that gives a readable number of points, most of them with rows.

    Examples
    --------
    >>> start = datetime(2020, 1, 1, tzinfo=UTC)
    >>> grain_of(start, datetime(2022, 12, 31, tzinfo=UTC), 1_096)
    'week'
    >>> grain_of(start, datetime(2032, 1, 1, tzinfo=UTC), 12)
    'year'
    """
    days = (last - first).total_seconds() / 86_400
    fitting = [grain for limit, grain in LIMITS if days <= limit]
    # Dates a year apart make no months.
    filled = (g for g in fitting if days <= 2 * n_distinct * DAYS[g])
    return next(filled, "year")


def coarser(grain: str) -> str | None:
    """Return the next longer period, or None after the year."""
    place = GRAINS.index(grain) + 1
    return GRAINS[place] if place < len(GRAINS) else None


def truncated(moment: datetime, grain: str) -> datetime:
    """Return the start of the period that a moment lies in; weeks start on Monday."""
    day = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if grain == "hour":
        return day + timedelta(hours=moment.hour)
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(month=1, day=1)


def following(start: datetime, grain: str) -> datetime:
    """Return the start of the next period."""
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
    steps["week"] = timedelta(days=7)
    if grain in steps:
        return start + steps[grain]
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    place = start.year * 12 + start.month - 1 + months
    return start.replace(year=place // 12, month=place % 12 + 1)


def number_axis(column: str, low: float, high: float, q01: float, q99: float) -> Axis:
    """Return bins of a round width; what lies far out falls into the outermost bins."""
    spread = q99 - q01
    start = low if low >= q01 - 0.5 * spread else q01
    end = high if high <= q99 + 0.5 * spread else q99
    if not (math.isfinite(start) and math.isfinite(end)) or end <= start:
        return Axis("none")
    width = round_width((end - start) / BINS)
    first = math.floor(start / width)
    n = max(1, math.ceil(end / width + 1e-9) - first)
    buckets = tuple(
        CubeBucket(
            bucket=i,
            low=float(f"{(first + i) * width:.12g}"),
            high=float(f"{(first + i + 1) * width:.12g}"),
            is_partial=False,
        )
        for i in range(n)
    )
    return Axis("number", column, None, buckets)


def round_width(width: float) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, at least as wide.

    Examples
    --------
    >>> round_width(0.03), round_width(770.0)
    (0.05, 1000.0)
    """
    scale = 10.0 ** math.floor(math.log10(width))
    step = next(s for s in (1.0, 2.0, 2.5, 5.0, 10.0) if s * scale >= width * (1 - 1e-9))
    return float(f"{step * scale:.12g}")


def _stamp(moment: datetime | None) -> str:
    if moment is None:
        raise ValueError("a bucket of time has a start and an end")
    return f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'"
