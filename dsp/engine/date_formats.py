"""Ways to write dates and moments: what sources and transforms read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dsp.engine.duckdb_engine import literal
from dsp.engine.months import MONTHS

_DAY = r"(0?[1-9]|[12]\d|3[01])"
_MONTH = r"(0?[1-9]|1[0-2])"
_YEAR = r"\d{4}"
_COMPACT_YEAR = r"(1[5-9]|20|21)\d\d"
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_LONG = (
    r"(january|february|march|april|may|june|july|august|september|october|november|"
    r"december)"
)
_WEEKDAY = r"(mon|tue|wed|thu|fri|sat|sun)"
_TIME = r"([01]?\d|2[0-3]):[0-5]\d"
_SECONDS = rf"{_TIME}:[0-5]\d"
_HALF = r"(0?[1-9]|1[0-2]):[0-5]\d"
_ZONE = r"( ?(Z|UTC|GMT)| ?[+-]\d\d(:?\d\d)?)"


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


_BODIES = (
    ("%Y/%m/%d", rf"{_YEAR}/{_MONTH}/{_DAY}"),
    ("%Y-%m-%d", rf"{_YEAR}-{_MONTH}-{_DAY}"),
    ("%Y.%m.%d", rf"{_YEAR}\.{_MONTH}\.{_DAY}"),
    ("%b %d %Y", rf"{_NAME} +{_DAY} {_YEAR}"),
    ("%b %d, %Y", rf"{_NAME} +{_DAY}, {_YEAR}"),
    ("%B %d %Y", rf"{_LONG} +{_DAY} {_YEAR}"),
    ("%B %d, %Y", rf"{_LONG} +{_DAY}, {_YEAR}"),
    ("%d %b %Y", rf"{_DAY} {_NAME} {_YEAR}"),
    ("%d-%b-%Y", rf"{_DAY}-{_NAME}-{_YEAR}"),
    ("%d/%b/%Y", rf"{_DAY}/{_NAME}/{_YEAR}"),
    ("%d %B %Y", rf"{_DAY} {_LONG} {_YEAR}"),
    ("%d.%m.%Y", rf"{_DAY}\.{_MONTH}\.{_YEAR}"),
    ("%d/%m/%Y", rf"{_DAY}/{_MONTH}/{_YEAR}"),
    ("%m/%d/%Y", rf"{_MONTH}/{_DAY}/{_YEAR}"),
    ("%d-%m-%Y", rf"{_DAY}-{_MONTH}-{_YEAR}"),
    ("%m-%d-%Y", rf"{_MONTH}-{_DAY}-{_YEAR}"),
)
_CLOCKS = (
    (" %H:%M:%S", f" {_SECONDS}"),
    (" %H:%M", f" {_TIME}"),
    (" %H:%M:%S.%f", rf" {_SECONDS}\.\d{{1,6}}"),
    ("T%H:%M:%S", f"T{_SECONDS}"),
    (", %H:%M:%S", f", {_SECONDS}"),
    (", %H:%M", f", {_TIME}"),
    (" %I:%M:%S %p", rf" {_HALF}:[0-5]\d [ap]m"),
    (" %I:%M %p", f" {_HALF} [ap]m"),
    (", %I:%M:%S %p", rf", {_HALF}:[0-5]\d [ap]m"),
    (", %I:%M %p", f", {_HALF} [ap]m"),
)


def _named(language: str) -> Format:
    """Return the format of a day, the name of a month and a year in a language."""
    names = MONTHS[language].split()
    choice = "|".join(sorted(set(names), key=len, reverse=True))
    word = r"regexp_extract(lower({value}), '(\pL{3,})', 1)"
    listed = ", ".join(map(literal, names))
    month = f"(list_position([{listed}], {word}) - 1) % 12 + 1"
    day = "regexp_extract({value}, '^[0-9]+')"
    year = "right({value}, 4)"
    parts = f"{year}, lpad(({month})::varchar, 2, '0'), lpad({day}, 2, '0')"
    return Format(
        f"day, month in {language}, year",
        rf"{_DAY}(\.|º|er)?[ -]?(de )?({choice})\.?[ -]?(de |del )?{_YEAR}",
        is_date=True,
        sql=f"try_cast(concat_ws('-', {parts}) as date)",
    )


def _formats() -> Iterator[Format]:
    yield Format(
        "ISO date",
        rf"{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
        is_date=True,
        sql="try_cast({value} as date)",
    )
    yield Format(
        "ISO timestamp",
        rf"{_YEAR}-\d\d-\d\d[ T]{_TIME}(:[0-5]\d(\.\d{{1,6}})?)?",
        is_date=False,
        sql="try_cast({value} as timestamp)",
    )
    yield Format(
        "ISO timestamp with time zone, written in UTC",
        rf"{_YEAR}-\d\d-\d\d[ T]{_SECONDS}(\.\d{{1,6}})?{_ZONE}",
        is_date=False,
        sql="(try_cast({value} as timestamptz) at time zone 'UTC')",
    )
    compact = r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    yield Format("%Y%m%d", rf"{_COMPACT_YEAR}{compact}", is_date=True)
    yield Format(
        "%Y%m%dT%H%M%S",
        rf"{_COMPACT_YEAR}{compact}T([01]\d|2[0-3])[0-5]\d[0-5]\d",
        is_date=False,
    )
    yield Format("%G-W%V-%u", rf"{_YEAR}-W(0[1-9]|[1-4]\d|5[0-3])-[1-7]", is_date=True)
    for name, pattern in _BODIES:
        yield Format(name, pattern, is_date=True)
    for clock, clock_pattern in _CLOCKS:
        for name, pattern in _BODIES:
            yield Format(name + clock, pattern + clock_pattern, is_date=False)
    # What mail and web servers write.
    yield Format(
        "%a, %d %b %Y %H:%M:%S %z, written in UTC",
        rf"{_WEEKDAY}, {_DAY} {_NAME} {_YEAR} {_SECONDS} ([+-]\d{{4}}|GMT|UTC)",
        is_date=False,
        sql=(
            "(try_strptime(regexp_replace({value}, '(GMT|UTC)$', '+0000'), "
            "'%a, %d %b %Y %H:%M:%S %z') at time zone 'UTC')"
        ),
    )
    yield Format(
        "%a %b %d %H:%M:%S %Y",
        rf"{_WEEKDAY} {_NAME} +{_DAY} {_SECONDS} {_YEAR}",
        is_date=False,
    )
    for language in MONTHS:
        yield _named(language)


FORMATS = tuple(_formats())
"""Formats in order of preference. Years have four digits: two leave the century open."""

TWINS = {
    name: name.replace("%d", "%D").replace("%m", "%d").replace("%D", "%m")
    for name in (f.name for f in FORMATS)
    if name.startswith(("%d/%m", "%m/%d", "%d-%m", "%m-%d"))
}
"""Formats that read the same text with day and month exchanged."""

SHORT_YEAR = re.compile(
    rf"\d{{1,2}}([/.-])\d{{1,2}}\1\d{{2}}|\d{{1,2}}[ -]{_NAME}[ -]\d{{2}}", re.IGNORECASE
)
"""A date whose century is left open."""


def fitting(texts: Sequence[str]) -> list[Format]:
    """Return the formats that none of the texts rules out, exchanged twins too."""
    if not texts:
        return []
    return [f for f in FORMATS if all(f.regex.fullmatch(text) for text in texts)]
