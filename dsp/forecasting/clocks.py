"""What is asked of a table, the times of its rows, and the step they keep to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import DspError, QueryError, SettingError
from dsp.forecasting.periods import (
    Filling,
    Frequency,
    candidates,
    fitting,
    frequency_named,
)

if TYPE_CHECKING:
    from dsp.engine import StoredTable

NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT", "BOOLEAN", "REAL")
TWO_WEEKS = 8
"""Times from which days without weekends are no accident."""
FORMATS = ["%Y-%m", "%Y/%m", "%m/%Y", "%Y", "%Y%m", "%b %Y", "%B %Y"]
MAX_SERIES = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be forecast.

    Attributes
    ----------
    time, target
        Columns.
    by
        Columns whose values tell the series apart.
    frequency
        Name of the step; found when None.
    aggregate
        ``sum``, ``mean`` or ``last`` of the rows of a period; by the name and the signs
        of the target when None.
    timezone
        Zone whose dates count for steps of a day and longer; UTC when None.
    """

    time: str
    target: str
    by: tuple[str, ...] = ()
    frequency: str | None = None
    aggregate: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows with a time, as queries name them."""

    table: StoredTable
    question: Question
    ts: str

    @property
    def series(self) -> str:
        """SQL of the name of a row's series."""
        if not self.question.by:
            return literal(self.question.target)
        parts = (
            f"coalesce(cast({quote(name)} as varchar), '(missing)')"
            for name in self.question.by
        )
        return " || ' / ' || ".join(parts)

    @property
    def value(self) -> str:
        """SQL of the value of a row as a double."""
        return f"cast({quote(self.question.target)} as double)"

    @property
    def source(self) -> str:
        """SQL that can stand after ``from``: ts, series and value of every row."""
        return (
            f"(\n    select {self.ts} as ts,\n        {self.series} as series,\n"
            f"        {self.value} as value\n    from {self.table.sql}\n"
            f"    where {quote(self.question.time)} is not null\n) as rows_with_time\n"
            "where isfinite(ts)"
        )


def is_number(kind: str) -> bool:
    """Return whether a type of the engine holds numbers."""
    return any(kind.upper().lstrip("U").startswith(word) for word in NUMBERS) or (
        kind.upper().endswith("INT")
    )


def clock_of(table: StoredTable, question: Question, kind: str) -> str:
    """Return SQL of the time of a row as a timestamp without a zone."""
    name, upper = quote(question.time), kind.upper()
    if "WITH TIME ZONE" in upper and upper.startswith("TIMESTAMP"):
        return f"({name} at time zone 'UTC')"
    if upper == "DATE" or upper.startswith("TIMESTAMP"):
        return f"cast({name} as timestamp)"
    if upper.endswith("INT"):
        low, high = table.engine.rows(
            f"select min({name}), max({name}) from {table.sql}"
        )[0]
        if low is not None and low >= 1000 and high <= 3000:
            return f"make_timestamp(cast({name} as bigint), 1, 1, 0, 0, 0)"
        raise SettingError(
            f'"{question.time}" holds whole numbers that are no years',
            hint="name a column of dates or times with --time",
        )
    if upper == "VARCHAR":
        return _parsed(table, question.time)
    raise SettingError(
        f'"{question.time}" holds no times ({kind.lower()})',
        hint="name a column of dates or times with --time",
    )


def _parsed(table: StoredTable, name: str) -> str:
    """Return SQL that reads texts as times.

    Raises
    ------
    SettingError
        A text is no time.
    """
    text = quote(name)
    listed = ", ".join(literal(f) for f in FORMATS)
    quarter = r"^(\d{4})[- ]?[Qq]([1-4])$"
    sql = (
        f"coalesce(try_cast({text} as timestamp), try_strptime({text}, [{listed}]), "
        f"case when regexp_matches({text}, {literal(quarter)}) then make_timestamp("
        f"cast(regexp_extract({text}, {literal(quarter)}, 1) as bigint), "
        f"3 * cast(regexp_extract({text}, {literal(quarter)}, 2) as bigint) - 2, "
        "1, 0, 0, 0) end)"
    )
    bad = table.engine.rows(
        f"select {text} from {table.sql} where {text} is not null and {sql} is null "
        f"order by 1 limit 1"
    )
    if bad:
        raise SettingError(
            f'"{name}" holds texts that are no times, such as "{bad[0][0][:40]}"',
            hint="name a column of dates or times with --time",
        )
    return sql


def local_clock(base: Rows, kind: str) -> str:
    """Return the clock whose dates count, where a step of a day or longer is meant.

    Instants at one or two times of day, an hour apart, are midnights of a zone with
    summer time: they are moved to the date that begins there.
    """
    zone, name = base.question.timezone, quote(base.question.time)
    if "WITH TIME ZONE" not in kind.upper():
        if zone is not None:
            raise SettingError(
                f'"{base.question.time}" has no time zone, so {zone} cannot be applied',
                hint="leave out --timezone: times are taken as they are",
            )
        return base.ts
    if zone is not None:
        local = f"({name} at time zone {literal(zone)})"
        try:
            base.table.engine.rows(f"select {local} from {base.table.sql} limit 1")
        except QueryError as error:
            raise SettingError(
                f'no time zone is called "{zone}"', hint="such as Europe/Berlin or UTC"
            ) from error
        asked = base.question.frequency
        if asked is not None:
            return base.ts if frequency_named(asked).seconds else local
        step = step_of(base).frequency
        return base.ts if step.seconds else local
    times = base.table.engine.rows(
        "select distinct epoch(ts) - 86400 * floor(epoch(ts) / 86400) as t "
        f"from {base.source} order by t limit 3"
    )
    clocks = [float(row[0]) for row in times]
    if clocks in ([], [0.0]) or len(clocks) > 2:
        return base.ts
    low, high = clocks[0], clocks[-1]
    if low == 0.0 and high >= 82_800:  # 23:00 and 00:00 are neighbours too
        low, high = high - 86_400, 0.0
    if high - low > 3_600:
        return base.ts
    shift = 86_400 - low if low >= 39_600 else -low
    return f"({base.ts} + to_seconds({int(shift)}))"


def step_of(base: Rows) -> Filling:
    """Return the step of the times, or how well the one that was asked for is filled."""
    asked = base.question.frequency
    row = base.table.engine.rows(
        "select count(*), count(distinct cast(ts as time)), "
        "count(*) filter (where isodow(ts) > 5), mode(isodow(ts)), "
        "count(*) filter (where cast(ts as time) <> time '00:00:00'), "
        "count(distinct series) "
        f"from (select distinct ts, series from {base.source}) as times"
    )[0]
    n_times, n_clocks, n_weekend, weekday, n_off, n_series = row
    if not n_times:
        raise DspError(
            f'no row has a time in "{base.question.time}"',
            hint="name a column of dates or times with --time",
        )
    if n_series > MAX_SERIES:
        raise DspError(
            f"{n_series:,} series are more than the {MAX_SERIES:,} that are forecast",
            hint="name a column with fewer values with --by",
        )
    on_weekday = base.table.engine.rows(
        f"select count(*) filter (where isodow(ts) = {int(weekday)}) / count(*) "
        f"from (select distinct ts from {base.source}) as times"
    )[0][0]
    first = int(weekday) - 1 if on_weekday >= 0.9 else 0
    if asked is not None:
        step = frequency_named(asked)
        tried: tuple[Frequency, ...] = (
            replace(step, weekday=first) if step.name == "week" else step,
        )
    else:
        is_sure = n_times >= TWO_WEEKS
        tried = candidates(
            first,
            has_clock=n_clocks > 1 and n_off > 0,
            has_weekend=n_weekend > 0 or not is_sure,
        )
    return fitting(_fillings(base, tried), n_times)


def _fillings(base: Rows, tried: Sequence[Frequency]) -> list[Filling]:
    numbers = ",\n    ".join(
        f"{step.number_sql('ts')} as f{i}" for i, step in enumerate(tried)
    )
    counts = ", ".join(
        f"count(distinct f{i}) as n{i}, max(f{i}) - min(f{i}) + 1 as s{i}"
        for i in range(len(tried))
    )
    sums = ", ".join(f"sum(n{i}), sum(s{i})" for i in range(len(tried)))
    row = base.table.engine.rows(
        f"with numbered as (select distinct series, {numbers} from {base.source}), "
        f"counted as (select series, {counts} from numbered group by series) "
        f"select {sums} from counted"
    )[0]
    return [
        Filling(step, int(row[2 * i] or 0), int(row[2 * i + 1] or 0))
        for i, step in enumerate(tried)
    ]
