"""What is to be known of one column, worked out by Python, numpy and scipy alone.

Nothing of the project and no database is used, and nothing is clever: every value is held
in memory and looked at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

BLANK = " \t\n\r\f\v\u00a0"
NUMBERS = ("integer", "decimal", "float")
DATES = ("date", "timestamp")
QUANTILES = {"q01": 0.01, "q05": 0.05, "q25": 0.25, "q50": 0.5} | {
    "q75": 0.75,
    "q95": 0.95,
    "q99": 0.99,
}


def family_of(data_type: pa.DataType) -> str:
    """Return the family of an Arrow type."""
    tests = {
        "boolean": pa.types.is_boolean,
        "integer": pa.types.is_integer,
        "decimal": pa.types.is_decimal,
        "float": pa.types.is_floating,
        "date": pa.types.is_date,
        "timestamp": pa.types.is_timestamp,
        "time": pa.types.is_time,
        "binary": pa.types.is_binary,
        "nested": pa.types.is_nested,
    }
    return next((name for name, test in tests.items() if test(data_type)), "text")


def frozen(value: Any) -> Any:
    """Return a nested value as something that can be counted."""
    if isinstance(value, dict):
        return tuple((key, frozen(part)) for key, part in value.items())
    if isinstance(value, list):
        return tuple(frozen(part) for part in value)
    return value


def number_of(value: Any) -> float:
    """Return a value as a double: seconds since 1970 of dates, 0 or 1 of booleans."""
    if isinstance(value, datetime):
        moved = value.replace(tzinfo=value.tzinfo or UTC) - datetime(
            1970, 1, 1, tzinfo=UTC
        )
        return (
            moved.days * 86_400_000_000 + moved.seconds * 10**6 + moved.microseconds
        ) / 1e6
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days * 86_400.0
    return float(value)


def read(text: str, like: Any) -> Any:
    """Return what a shown value means, as the type of another value."""
    if isinstance(like, bool):
        return {"true": True, "false": False}[text]
    if isinstance(like, datetime):
        shown = datetime.fromisoformat(text)
        return shown if like.tzinfo is None else shown.astimezone(UTC)
    if isinstance(like, int | float | Decimal | date | time):
        maker = getattr(type(like), "fromisoformat", type(like))
        return maker(text)
    return str(text) if isinstance(like, str) else text


def as_double(value: Fraction) -> float | None:
    """Return a number rounded to a double; None beyond its range."""
    try:
        return float(value)
    except OverflowError:
        return None


@dataclass
class Known:
    """A column with all of its values in memory."""

    name: str
    array: pa.ChunkedArray
    family: str = field(init=False)

    def __post_init__(self) -> None:
        self.family = family_of(self.array.type)
        if pa.types.is_dictionary(self.array.type):
            self.family = "text"

    @cached_property
    def values(self) -> list[Any]:
        """Values that are neither null nor NaN."""
        listed = [frozen(v) for v in self.array.to_pylist() if v is not None]
        return [v for v in listed if v == v] if self.family == "float" else listed  # noqa: PLR0124

    @cached_property
    def counts(self) -> Counter[Any]:
        """How often each value occurs."""
        return Counter(self.values)

    @cached_property
    def ranked(self) -> list[tuple[Any, int]]:
        """Values and how often they occur, most frequent first, then smallest."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))

    @cached_property
    def x(self) -> np.ndarray:
        """Finite numbers as doubles, ascending."""
        if self.family not in (*NUMBERS, *DATES, "boolean"):
            return np.empty(0)
        listed = np.array([number_of(v) for v in self.values], dtype=float)
        return np.sort(listed[np.isfinite(listed)])

    @property
    def n_rows(self) -> int:
        return len(self.array)

    def counted(self) -> dict[str, Any]:
        """Return what is exact: counts, distinct values, lengths."""
        n_null, n = self.array.null_count, len(self.values)
        is_number, is_text = self.family in NUMBERS, self.family == "text"
        zero = [v for v in self.values if is_number and v == 0]
        endless = [v for v in self.values if self.family == "float" and math.isinf(v)]
        lengths = [len(v) for v in self.values] if is_text else []
        top, most = max(self.counts.items(), key=lambda item: item[1], default=(None, 0))
        return {
            "family": self.family,
            "n_rows": self.n_rows,
            "n_null": n_null,
            "n_nan": self.n_rows - n_null - n,
            "n_infinite": len(endless),
            "n_empty": sum(not v.strip(BLANK) for v in self.values) if is_text else 0,
            "n_zero": len(zero),
            "n_negative": sum(v < 0 for v in self.values) if is_number else 0,
            "n_distinct": len(self.counts),
            "is_unique": 0 < self.n_rows == len(self.counts),
            "is_constant": len(self.counts) <= 1,
            "length_min": min(lengths, default=None),
            "length_mean": sum(lengths) / n if lengths else None,
            "length_max": max(lengths, default=None),
            "min_number": float(self.x[0]) if self.x.size else None,
            "max_number": float(self.x[-1]) if self.x.size else None,
            "n_mode": most if top is not None and most > 1 else None,
        }

    def extremes(self) -> tuple[Any, Any]:
        """Return the smallest and the largest value that is finite; None without."""
        if self.family in ("nested", "binary"):
            return None, None
        finite = [v for v in self.counts if self.family != "float" or math.isfinite(v)]
        return (min(finite), max(finite)) if finite else (None, None)

    def entropy(self) -> float | None:
        """Return Shannon's entropy of the values in bits."""
        if not self.counts:
            return None
        return float(stats.entropy(np.array([*self.counts.values()], float), base=2))

    def moments(self) -> dict[str, float | None]:
        """Return total, mean, sd, G1 and G2, from exact sums."""
        names = ("total", "mean", "sd", "skewness", "kurtosis")
        x, n = self.x, self.x.size
        if self.family not in (*NUMBERS, "boolean") or not n:
            return dict.fromkeys(names)
        # Scaled, so that no sum and no square leaves the range of a double.
        unit = int(np.frexp(np.abs(x).max())[1])
        scaled = np.ldexp(x, -unit)
        middle = float(np.median(scaled))
        away = scaled - middle
        more = math.fsum(away) / n
        total: Any = n * (Fraction(middle) + Fraction(more)) * Fraction(2) ** unit
        away -= more
        if self.family in ("integer", "decimal"):
            total = sum(map(Fraction, self.values))
            unit, mean = 0, total / n
            away = np.array(sorted(float(Fraction(v) - mean) for v in self.values))
        found: dict[str, float | None] = {"total": as_double(total)}
        found["mean"] = as_double(total / n)
        reach = int(np.frexp(np.abs(away).max())[1])
        away = np.ldexp(away, -reach)
        sd = Fraction(math.sqrt(math.fsum(away**2) / max(1, n - 1)))
        sd *= Fraction(2) ** (unit + reach) * bool(x[0] != x[-1])
        found["sd"] = as_double(sd) if n > 1 else None
        varies = bool(found["sd"])
        found["skewness"] = (
            float(stats.skew(away, bias=False)) if varies and n > 2 else None
        )
        found["kurtosis"] = (
            float(stats.kurtosis(away, bias=False)) if varies and n > 3 else None
        )
        return found

    def quantile(self, fraction: float) -> float | None:
        """Return a quantile of the finite numbers, continuous definition."""
        if not self.x.size or self.family == "boolean":
            return None
        place = (self.x.size - 1) * fraction
        low, share = math.floor(place), place - math.floor(place)
        first = float(self.x[low])
        if not share:
            return first
        return first * (1 - share) + float(self.x[low + 1]) * share

    def mad(self) -> float | None:
        """Return the median of the distances from the median."""
        if self.family not in NUMBERS or not self.x.size:
            return None
        unit = int(np.frexp(np.abs(self.x).max())[1])
        scaled = np.ldexp(self.x, -unit)
        away = Fraction(float(np.median(np.abs(scaled - np.median(scaled)))))
        return as_double(away * Fraction(2) ** unit)

    def in_bin(self, low: float, high: float, *, is_last: bool) -> int:
        """Return how many finite numbers lie in a bin."""
        upper = self.x <= high if is_last else self.x < high
        return int(((self.x >= low) & upper).sum())

    def is_shown(self, text: str | None, value: Any) -> bool:
        """Tell whether a text shows a value."""
        if value is None or text is None:
            return value is None and text is None
        if pa.types.is_float32(self.array.type):
            return bool(np.float32(text) == np.float32(value))
        return bool(read(text, value) == value)


def known_columns(table: pa.Table) -> Mapping[str, Known]:
    """Return the columns of a table by name."""
    return {name: Known(name, table[name]) for name in table.column_names}
