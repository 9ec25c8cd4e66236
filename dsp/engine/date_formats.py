"""Ways to write dates and moments: what sources and transforms read alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from dsp.engine.duckdb_engine import literal

_DAY = r"(0?[1-9]|[12]\d|3[01])"
_MONTH = r"(0?[1-9]|1[0-2])"
_YEAR = r"(1[5-9]|20|21)\d\d"
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_LONG = (
    r"(january|february|march|april|may|june|july|august|september|october|november|"
    r"december)"
)
_TIME = r"([01]?\d|2[0-3]):[0-5]\d"
_SECONDS = rf"{_TIME}:[0-5]\d"
_ZONE = r"( ?Z|[+-]\d\d(:?\d\d)?)"


@dataclass(frozen=True)
class Format:
    """A way to write a date: its name, the texts it may fit, and how to read them."""

    name: str
    pattern: str
    is_date: bool
    sql: str = ""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled."""
        return re.compile(self.pattern, re.IGNORECASE)

    @property
    def template(self) -> str:
        """SQL that reads ``{value}``, NULL where the text does not fit."""
        if self.sql:
            return self.sql
        parsed = f"try_strptime({{value}}, {literal(self.name)})"
        return f"cast({parsed} as date)" if self.is_date else parsed


FORMATS = (
    Format(
        "ISO date",
        rf"{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
        is_date=True,
        sql="try_cast({value} as date)",
    ),
    Format(
        "ISO timestamp",
        rf"{_YEAR}-\d\d-\d\d[ T]{_TIME}(:[0-5]\d(\.\d{{1,6}})?)?",
        is_date=False,
        sql="try_cast({value} as timestamp)",
    ),
    Format(
        "ISO timestamp with time zone, written in UTC",
        rf"{_YEAR}-\d\d-\d\d[ T]{_SECONDS}(\.\d{{1,6}})?{_ZONE}",
        is_date=False,
        sql="(try_cast({value} as timestamptz) at time zone 'UTC')",
    ),
    Format("%Y%m%d", rf"{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", is_date=True),
    Format("%Y/%m/%d", rf"{_YEAR}/{_MONTH}/{_DAY}", is_date=True),
    Format("%Y-%m-%d", rf"{_YEAR}-{_MONTH}-{_DAY}", is_date=True),
    Format("%Y.%m.%d", rf"{_YEAR}\.{_MONTH}\.{_DAY}", is_date=True),
    Format("%b %d %Y", rf"{_NAME} +{_DAY} {_YEAR}", is_date=True),
    Format("%b %d, %Y", rf"{_NAME} +{_DAY}, {_YEAR}", is_date=True),
    Format("%B %d %Y", rf"{_LONG} +{_DAY} {_YEAR}", is_date=True),
    Format("%B %d, %Y", rf"{_LONG} +{_DAY}, {_YEAR}", is_date=True),
    Format("%d %b %Y", rf"{_DAY} {_NAME} {_YEAR}", is_date=True),
    Format("%d-%b-%Y", rf"{_DAY}-{_NAME}-{_YEAR}", is_date=True),
    Format("%d %B %Y", rf"{_DAY} {_LONG} {_YEAR}", is_date=True),
    Format("%d.%m.%Y", rf"{_DAY}\.{_MONTH}\.{_YEAR}", is_date=True),
    Format("%d/%m/%Y", rf"{_DAY}/{_MONTH}/{_YEAR}", is_date=True),
    Format("%m/%d/%Y", rf"{_MONTH}/{_DAY}/{_YEAR}", is_date=True),
    Format("%d-%m-%Y", rf"{_DAY}-{_MONTH}-{_YEAR}", is_date=True),
    Format("%m-%d-%Y", rf"{_MONTH}-{_DAY}-{_YEAR}", is_date=True),
    Format("%Y/%m/%d %H:%M:%S", rf"{_YEAR}/{_MONTH}/{_DAY} {_SECONDS}", is_date=False),
    Format("%Y/%m/%d %H:%M", rf"{_YEAR}/{_MONTH}/{_DAY} {_TIME}", is_date=False),
    Format("%d.%m.%Y %H:%M:%S", rf"{_DAY}\.{_MONTH}\.{_YEAR} {_SECONDS}", is_date=False),
    Format("%d.%m.%Y %H:%M", rf"{_DAY}\.{_MONTH}\.{_YEAR} {_TIME}", is_date=False),
    Format("%d/%m/%Y %H:%M:%S", rf"{_DAY}/{_MONTH}/{_YEAR} {_SECONDS}", is_date=False),
    Format("%m/%d/%Y %H:%M:%S", rf"{_MONTH}/{_DAY}/{_YEAR} {_SECONDS}", is_date=False),
    Format("%d/%m/%Y %H:%M", rf"{_DAY}/{_MONTH}/{_YEAR} {_TIME}", is_date=False),
    Format("%m/%d/%Y %H:%M", rf"{_MONTH}/{_DAY}/{_YEAR} {_TIME}", is_date=False),
)
"""Formats in order of preference. Years have four digits: two leave the century open."""

TWINS = {
    name: name.replace("%d", "%D").replace("%m", "%d").replace("%D", "%m")
    for name in (f.name for f in FORMATS)
    if name.startswith(("%d/%m", "%m/%d", "%d-%m", "%m-%d"))
}
"""Formats that read the same text with day and month exchanged."""
