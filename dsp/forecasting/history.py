"""The history of every series: rows taken together by period, in SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import ColumnNotFoundError, DspError, QueryError, SettingError, TargetError
from dsp.forecasting.periods import (
    DENSE,
    Filling,
    Frequency,
    candidates,
    fitting,
    frequency_named,
)

if TYPE_CHECKING:
    from dsp.engine import StoredTable

AGGREGATES = ("sum", "mean", "last")
MAX_PERIODS = 5_000
"""Periods of a series that are read: the latest."""
MAX_SERIES = 20_000
NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT", "BOOLEAN", "REAL")
PER_ROW = re.compile(
    r"price|rate|rating|ratio|score|age|temp|percent|pct|share|discount|mean|avg|average"
    r"|index|level|width|height|depth|grade|rank|lat|lon|speed|density|humidity|pressure"
    r"|stock|balance|value",
    re.IGNORECASE,
)
"""Names of numbers that are not added up over time."""
FORMATS = ["%Y-%m", "%Y/%m", "%m/%Y", "%Y", "%Y%m", "%b %Y", "%B %Y"]


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
class History:
    """Series by period.

    Attributes
    ----------
    names
        Names of the series, sorted.
    values
        Array [time, series] from each first period on; NaN for a period without a value.
    lengths, starts
        Periods of each series, and the number of its first one.
    n_rows
        Rows that were taken together, by series.
    evidence
        For each series the SQL that gives its history again.
    notes
        What was left out, for all series.
    """

    names: tuple[str, ...]
    values: Any
    lengths: Any
    starts: Any
    n_rows: Any
    frequency: Frequency
    aggregate: str
    evidence: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_history(table: StoredTable, question: Question) -> History:
    """Return the history of every series.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in the table.
    TargetError
        The target holds no numbers.
    SettingError
        A setting is not known, or the time column holds no times.
    DspError
        There are no rows with a time, or too many series.
    """
    types = dict(table.engine.described(table.sql))
    for name in (question.time, question.target, *question.by):
        if name not in types:
            raise ColumnNotFoundError.of(name, types)
    if question.aggregate not in (None, *AGGREGATES):
        raise SettingError(
            f'rows cannot be taken together by "{question.aggregate}"',
            hint=f"one of {', '.join(AGGREGATES)}",
        )
    if not _is_number(types[question.target]):
        raise TargetError(
            f'"{question.target}" holds no numbers ({types[question.target].lower()})',
            hint="name a column of numbers as target",
        )
    base = _Base(table, question, _clock(table, question, types[question.time]))
    base = replace(base, ts=_local(base, types[question.time]))
    found = _found(base)
    aggregate = question.aggregate or _aggregate(base)
    bounds, notes = _whole_periods(base, found)
    return _read(base, found.frequency, aggregate, bounds=bounds, notes=notes)


@dataclass(frozen=True, slots=True)
class _Base:
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


def _is_number(kind: str) -> bool:
    return any(kind.upper().lstrip("U").startswith(word) for word in NUMBERS) or (
        kind.upper().endswith("INT")
    )


def _clock(table: StoredTable, question: Question, kind: str) -> str:
    """Return SQL of the time of a row as a timestamp without a zone."""
    name, upper = quote(question.time), kind.upper()
    if "WITH TIME ZONE" in upper and upper.startswith("TIMESTAMP"):
        return f"({name} at time zone 'UTC')"
    if upper == "DATE" or upper.startswith("TIMESTAMP"):
        return f"cast({name} as timestamp)"
    if upper.endswith("INT"):
        low, high = table.engine.rows(f"select min({name}), max({name}) from {table.sql}")[
            0
        ]
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


def _local(base: _Base, kind: str) -> str:
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
        step = _found(base).frequency
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


def _found(base: _Base) -> Filling:
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
        tried = candidates(
            first, has_clock=n_clocks > 1 and n_off > 0, has_weekend=n_weekend > 0
        )
    return fitting(_fillings(base, tried), n_times)


def _fillings(base: _Base, tried: Sequence[Frequency]) -> list[Filling]:
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


def _aggregate(base: _Base) -> str:
    """Return how rows of a period are taken together: sums of amounts, else means."""
    if PER_ROW.search(base.question.target):
        return "mean"
    low = base.table.engine.rows(
        f"select min({base.value}) filter (where isfinite({base.value})) "
        f"from {base.table.sql}"
    )[0][0]
    return "sum" if low is not None and low >= 0 else "mean"


def _whole_periods(base: _Base, found: Filling) -> tuple[str, tuple[str, ...]]:
    """Return SQL that keeps whole periods, and what was left out.

    Where rows are finer than periods, a period that the data begins or ends in by more
    than a few usual gaps between rows is not whole.
    """
    step = found.frequency
    row = base.table.engine.rows(
        f"select min(ts), max(ts), count(distinct ts), "
        f"count(distinct {step.number_sql('ts')}) from {base.source}"
    )[0]
    first, last, n_times, n_periods = row
    if not n_periods or n_periods < 4 or n_times / n_periods <= DENSE:
        return "", ()
    usual = step.days * 86_400 / (n_times / n_periods)
    start, end = step.number(first), step.number(last)
    late = _seconds(first, step.start(start).replace(tzinfo=None))
    early = _seconds(step.start(end + 1).replace(tzinfo=None), last)
    slack = max(3.5 * usual, 0.1 * step.days * 86_400 if step.seconds == 0 else 0.0)
    number, bounds, notes = step.number_sql("ts"), [], []
    if late > slack:
        bounds.append(f"{number} > {start}")
        notes.append(f"the first {step.name} is not whole and left out")
    if early > slack + (86_400 if step.days > 1 else 0):
        bounds.append(f"{number} < {end}")
        notes.append(f"the last {step.name} is not whole and left out")
    return "".join(f"\n    and {bound}" for bound in bounds), tuple(notes)


def _seconds(after: datetime, before: datetime) -> float:
    return (after - before).total_seconds()


def _read(
    base: _Base,
    step: Frequency,
    aggregate: str,
    *,
    bounds: str,
    notes: tuple[str, ...],
) -> History:
    import numpy as np

    from dsp.engine.arrays import as_numpy

    number = step.number_sql("ts")
    held = "value) filter (where isfinite(value))"
    figure = {
        "sum": f"fsum({held}",
        "mean": f"favg({held}",
        "last": "arg_max(value, (ts, value)) filter (where isfinite(value))",
    }[aggregate]
    rows = base.table.engine.sql(
        f"select series,\n    {number} as number,\n    {figure} as value,\n"
        f"    count(*) as n_rows\nfrom {base.source}{bounds}\n"
        "group by series, number\norder by series, number"
    )
    if rows.num_rows == 0:
        raise DspError("no whole period is left", hint="name a finer --frequency")
    encoded = rows["series"].combine_chunks().dictionary_encode()
    names = tuple(encoded.dictionary.to_pylist())
    code = as_numpy(encoded.indices).astype(np.int64)
    numbers = as_numpy(rows["number"]).astype(np.int64)
    values = as_numpy(rows["value"]).astype(float)
    counts = as_numpy(rows["n_rows"]).astype(np.int64)
    n_series = len(names)
    last = np.full(n_series, np.iinfo(np.int64).min)
    first = np.full(n_series, np.iinfo(np.int64).max)
    known = np.isfinite(values)
    np.maximum.at(last, code[known], numbers[known])
    np.minimum.at(first, code[known], numbers[known])
    empty = last < first
    last[empty], first[empty] = -1, 0
    first = np.maximum(first, last - MAX_PERIODS + 1)
    lengths = np.where(empty, 0, last - first + 1)
    grid = np.full((int(lengths.max(initial=0)), n_series), np.nan)
    at = numbers - first[code]
    inside = known & (at >= 0) & (at < lengths[code])
    grid[at[inside], code[inside]] = values[inside]
    return History(
        names=names,
        values=grid,
        lengths=lengths,
        starts=first,
        n_rows=np.bincount(code, counts, n_series).astype(np.int64),
        frequency=step,
        aggregate=aggregate,
        evidence=tuple(_evidence(base, step, figure, bounds, name) for name in names),
        notes=notes,
    )


def _evidence(
    base: _Base, step: Frequency, figure: str, bounds: str, name: str
) -> str:
    """Return SQL that gives the history of one series: ts, value and n_rows."""
    inside = bounds.replace("\n    ", "\n        ")
    return (
        "with by_period as (\n"
        f"    select {step.number_sql('ts')} as number,\n        {figure} as value,\n"
        f"        count(*) as n_rows\n    from {base.source}{inside}\n"
        f"        and series = {literal(name)}\n    group by number\n)\n"
        f"select {step.start_sql('number')} as ts,\n    value,\n    n_rows\n"
        "from by_period\norder by ts"
    )
