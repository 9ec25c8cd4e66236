"""Rows and means by day, month or year, and statistics that survive wandering means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.number import Number, fixed
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MIN_POINTS = 12
MAX_POINTS = 40_000


class Series(NamedTuple):
    """A measure over time: position in days, date, value and rows of every bucket.

    `error` is the standard error of the value from the rows of its bucket.
    """

    name: str | None
    x: Any
    dates: Any
    value: Any
    n: Any
    error: Any


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Buckets of time with rows, and means of numbers.

    Attributes
    ----------
    bucket
        ``day``, ``month`` or ``year``: the finest that is filled at least by half.
    """

    column: str
    bucket: str
    dates: tuple[Any, ...]
    n: Any
    means: Mapping[str, tuple[Any, Any, Any]]

    @property
    def is_daily(self) -> bool:
        """Whether buckets are days, nearly without gaps."""
        span = (self.dates[-1] - self.dates[0]).days + 1
        return self.bucket == "day" and len(self.dates) >= 0.9 * span

    def series(self, name: str | None) -> Series | None:
        """Return the means of a number, or the rows (None), where it has values."""
        import numpy as np

        x = np.array([d.toordinal() - self.dates[0].toordinal() for d in self.dates])
        dates = np.array(self.dates)
        if name is None:
            counts = self.n.astype(float)
            full = self.is_daily and counts.max() > 1
            error = np.zeros(len(x))
            if not full:
                return None
            return Series(None, x.astype(float), dates, counts, self.n, error)
        n, mean, error = self.means[name]
        has = n > 0
        if has.sum() < MIN_POINTS:
            return None
        return Series(
            name, x[has].astype(float), dates[has], mean[has], n[has], error[has]
        )

    def all_series(self, limit: int = 8) -> list[Series]:
        """Return the series of the first numbers and of the rows that vary at all."""
        named = [self.series(name) for name in list(self.means)[:limit]]
        kept = [s for s in [*named, self.series(None)] if s is not None]
        return [s for s in kept if float(s.value.max()) > float(s.value.min())]


def bucket_sql(bucket: str, column: str) -> str:
    """Return SQL of the date on which the bucket of a row starts."""
    if bucket == "day":
        return f"cast({quote(column)} as date)"
    return f"cast(date_trunc('{bucket}', {quote(column)}) as date)"


def read_timeline(
    engine: DuckEngine, source: str, column: str, numbers: Mapping[str, Number]
) -> Timeline | None:
    """Read rows and means by the finest bucket that is filled at least by half."""
    import numpy as np

    bucket = _choose(engine, source, column)
    if bucket is None:
        return None
    inner = [f"{bucket_sql(bucket, column)} as ts"]
    inner += [f"{number.z} as z{i}" for i, number in enumerate(numbers.values())]
    outer = ["ts", "count(*)"]
    outer += [
        f"count(z{i}), sum({fixed(f'z{i}')}), sum({fixed(f'z{i} * z{i}')})"
        for i in range(len(numbers))
    ]
    rows = engine.rows(
        f"select {', '.join(outer)} from (select {', '.join(inner)} from {source} "
        f"where isfinite({quote(column)})) group by ts order by ts"
    )
    means = {}
    for i, number in enumerate(numbers.values()):
        sums = [
            (r[2 + 3 * i], int(r[3 + 3 * i] or 0), int(r[4 + 3 * i] or 0)) for r in rows
        ]
        mean = np.array([number.mean(total, n) for n, total, _ in sums])
        spread = [number.variance(total, square, n) for n, total, square in sums]
        counts = np.array([n for n, _, _ in sums])
        error = np.sqrt(np.array(spread) / np.maximum(counts, 1))
        means[number.name] = (counts, mean, error)
    return Timeline(
        column=column,
        bucket=bucket,
        dates=tuple(r[0] for r in rows),
        n=np.array([r[1] for r in rows]),
        means=means,
    )


def _choose(engine: DuckEngine, source: str, column: str) -> str | None:
    day = quote(column)
    (row,) = engine.rows(
        "select count(distinct d), count(distinct date_trunc('month', d)), "
        "count(distinct date_trunc('year', d)), date_diff('day', min(d), max(d)) + 1 "
        f"from (select cast({day} as date) as d from {source} where isfinite({day}))"
    )
    days, months, years, span = row
    if not days or span is None:
        return None
    for bucket, count, length in (
        ("day", days, 1.0),
        ("month", months, 30.44),
        ("year", years, 365.25),
    ):
        if MIN_POINTS <= count <= MAX_POINTS and count >= 0.5 * span / length:
            return bucket
    return None


class Line(NamedTuple):
    """A straight line through a series with a robust test of its slope."""

    start: float
    end: float
    slope: float
    t: float
    df: float
    share: float


def fit_line(x: Any, y: Any, *, season: Any = None) -> Line | None:
    """Fit y on x by least squares; the test allows for wandering means.

    Parameters
    ----------
    season
        Values to take from `y` before testing (a weekly pattern); the line itself is
        that of `y`.
    """
    import numpy as np

    dx = x - x.mean()
    sxx = float((dx * dx).sum())
    if len(x) < MIN_POINTS or sxx <= 0:
        return None
    slope = float((dx * (y - y.mean())).sum() / sxx)
    clean = y if season is None else y - season
    tested = float((dx * (clean - clean.mean())).sum() / sxx)
    rest = clean - clean.mean() - tested * dx
    total = float(((clean - clean.mean()) ** 2).sum())
    variance, df = long_run_variance(rest)
    if variance <= 0 or total <= 0:
        return None
    t = tested / math.sqrt(variance / sxx)
    level = float(y.mean())
    return Line(
        start=level + slope * float(dx[0]),
        end=level + slope * float(dx[-1]),
        slope=slope,
        t=t,
        df=df,
        share=1 - float((rest * rest).sum()) / total if np.isfinite(total) else 0.0,
    )


def long_run_variance(rest: Any) -> tuple[float, float]:
    """Return the variance of residuals as means of them feel it, and its freedom.

    Blocks of several lengths are tried, each with an AR(1) allowance for what links
    neighbouring blocks; the largest figure counts. White noise gives its variance; a
    slowly wandering level gives many times that.
    """
    n = len(rest)
    best, freedom = 0.0, float(n - 2)
    for length in sorted({1, 3, 7, max(1, n // 40), max(1, n // 20)}):
        k = n // length
        if k < MIN_POINTS:
            continue
        block = rest[: k * length].reshape(k, length).mean(axis=1)
        block = block - block.mean()
        power = float((block * block).sum())
        if power <= 0:
            continue
        rho = float((block[1:] * block[:-1]).sum()) / power
        # Kendall's correction of the bias of a fitted correlation.
        rho = min(
            0.99, max(0.0, rho + (1 + 4 * rho) / k if rho > 2 / math.sqrt(k) else 0.0)
        )
        factor = (1 + rho) / (1 - rho)
        variance = length * power / (k - 2) * factor
        if variance > best * 1.5 or (length == 1 and variance > best):
            best, freedom = variance, max(2.0, k / factor - 2)
    return best, freedom


def weekly_pattern(series: Series) -> Any:
    """Return the mean of each weekday less the overall mean, one value a bucket."""
    import numpy as np

    day = np.array([d.weekday() for d in series.dates])
    pattern = np.zeros(len(day))
    for weekday in range(7):
        at = day == weekday
        if at.any():
            pattern[at] = series.value[at].mean()
    return pattern - pattern.mean()


def rolling_median(values: Any, half: int = 7) -> Any:
    """Return medians over 2 half + 1 neighbours, fewer at the ends."""
    import numpy as np

    n, width = len(values), 2 * half + 1
    ends = [i for i in range(n) if i < half or i >= n - half]
    medians = np.empty(n)
    if n >= width:
        windows = np.lib.stride_tricks.sliding_window_view(values, width)
        medians[half : n - half] = np.median(windows, axis=1)
    for i in ends:
        medians[i] = np.median(values[max(0, i - half) : i + half + 1])
    return medians
