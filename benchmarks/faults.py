"""Faults that are planted in clean data, each with what it needs to be visible at all.

What a fault needs is stated before anything is measured, in terms of the clean data:

- unit, range, text, comma, missing, constant: any column of the type
- sign: no clean value is negative; else a negative value is nothing special
- swapped columns: two columns of one family whose clean values differ: their
  Kolmogorov-Smirnov distance (numbers), or the share of values that the other column
  lacks (texts), is above 0.2
- truncated, format, category: every clean new value occurs in the part seen, or all have
  one length; else a shorter or another text is as good as any
- nulls: no clean value is missing, or the new ones exceed four standard errors
- keys: no value repeats in the whole clean data, and it is no measurement
- rows: no row repeats in the whole clean data
- constant: the most frequent value makes up less than 95 % of the clean column
- stale: rows come in the order of time, and the new part ends five days later

Faults of rows hit 1, 3 or 10 % of them, at least one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

SHARES = (0.01, 0.03, 0.1)
NUMBERS = ("integer", "decimal", "float")
APART = 0.2


@dataclass
class Case:
    """The tables seen and new of a split, and a source of chance."""

    engine: Any
    split: str
    chance: random.Random

    def __post_init__(self) -> None:
        from dsp.engine.relation import Field

        described = self.engine.described("new")
        self.columns = [Field(name, kind, i) for i, (name, kind) in enumerate(described)]
        (self.n_rows,) = self.engine.rows("select count(*) from new")[0]

    def one(self, query: str) -> Any:
        """Return the one value of a query."""
        return self.engine.rows(query)[0][0]

    def of(self, *families: str) -> list[Any]:
        """Return the columns of some families that have values."""
        return [
            c
            for c in self.columns
            if c.family in families
            and self.one(f"select count({c.sql}) from new") >= self.n_rows / 2
        ]

    def hit(self, condition: str = "true") -> str:
        """Return a predicate of some of the rows that meet a condition."""
        share, seed = self.chance.choice(SHARES), self.chance.randrange(10**6)
        n = max(1, round(share * self.n_rows))
        chosen = (
            f"select rowid from new where {condition} "
            f"order by hash(rowid * 31 + {seed}), rowid limit {n}"
        )
        return f"rowid in ({chosen})"

    def with_value(self, column: Any, value: str, rows: str = "true") -> str:
        """Return the query of the new part with another value in some rows."""
        return self.replaced(
            {column.name: f"case when {rows} then {value} else {column.sql} end"}
        )

    def replaced(self, values: dict[str, str]) -> str:
        """Return the query of the new part with other columns."""
        items = [f"{values.get(c.name, c.sql)} as {c.sql}" for c in self.columns]
        return f"select {', '.join(items)} from new order by rowid"

    def is_known(self, column: Any) -> bool:
        """Return whether all new values were seen, or all have one length."""
        c = column.sql
        unseen = self.one(
            f"select count(*) from new where {c} is not null and {c} not in "
            f"(select {c} from seen where {c} is not null)"
        )
        lengths = self.one(
            f"select count(distinct length({c})) from (from seen union all from new)"
        )
        return unseen == 0 or lengths == 1


Planted = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: it yields descriptions and queries of the faulty part."""

    name: str
    found: Callable[[Case], Planted]

    def plant(self, case: Case, most: int) -> list[tuple[str, str]]:
        """Return at most so many of the faults that are possible, by chance."""
        possible = list(self.found(case))
        case.chance.shuffle(possible)
        return possible[:most]


def times_1000(case: Case) -> Planted:
    """Multiply some numbers by 1,000."""
    for c in case.of(*NUMBERS):
        if case.one(f"select count(*) from new where {c.sql} <> 0") < case.n_rows / 4:
            continue
        wide = "double" if c.family == "float" else "decimal(38, 6)"
        wide = "hugeint" if c.family == "integer" else wide
        rows = case.hit(f"{c.sql} <> 0")
        yield c.name, case.with_value(c, f"cast({c.sql} as {wide}) * 1000", rows)


def flipped(case: Case) -> Planted:
    """Turn the sign of some numbers."""
    for c in case.of(*NUMBERS):
        query = f"select count(*) from (from seen union all from new) where {c.sql} < 0"
        positive = f"select count(*) from new where {c.sql} > 0"
        if case.one(query) == 0 and case.one(positive) >= case.n_rows / 4:
            signed = "hugeint" if c.family == "integer" else c.data_type
            value = f"-cast({c.sql} as {signed})"
            yield c.name, case.with_value(c, value, case.hit(f"{c.sql} > 0"))


def swapped(case: Case) -> Planted:
    """Swap the values of two columns."""
    import numpy as np
    from scipy.stats import ks_2samp

    groups = [case.of(*NUMBERS), case.of("text")]
    for group in groups:
        for i, a in enumerate(group[:12]):
            for b in group[i + 1 : 12]:
                if a.family == "text":
                    sets = [
                        {
                            row[0]
                            for row in case.engine.rows(
                                f"select {c.sql} from new where {c.sql} is not null"
                            )
                        }
                        for c in (a, b)
                    ]
                    apart = min(
                        len(x - y) / max(len(x), 1) for x, y in (sets, sets[::-1])
                    )
                else:
                    x, y = (
                        np.array(
                            [
                                row[0]
                                for row in case.engine.rows(
                                    f"select {c.sql}::double from new "
                                    f"where {c.sql} is not null"
                                )
                            ]
                        )
                        for c in (a, b)
                    )
                    apart = ks_2samp(x, y, method="asymp").statistic
                if apart > APART:
                    yield (
                        f"{a.name}, {b.name}",
                        case.replaced({a.name: b.sql, b.name: a.sql}),
                    )


def century(case: Case) -> Planted:
    """Move some dates by a hundred years."""
    for c in case.of("date", "timestamp"):
        sign = case.chance.choice("+-")
        value = f"cast({c.sql} {sign} interval 100 year as {c.data_type})"
        yield (
            f"{c.name} {sign}100",
            case.with_value(c, value, case.hit(f"{c.sql} is not null")),
        )


def epoch(case: Case) -> Planted:
    """Set some dates to 1970-01-01."""
    for c in case.of("date", "timestamp"):
        value = f"cast(date '1970-01-01' as {c.data_type})"
        yield c.name, case.with_value(c, value, case.hit(f"{c.sql} is not null"))


def truncated(case: Case) -> Planted:
    """Cut some texts to half their length."""
    for c in case.of("text"):
        if case.is_known(c) and case.one(f"select avg(length({c.sql})) from new") >= 4:
            rows = case.hit(f"length({c.sql}) >= 3")
            yield c.name, case.with_value(c, f"left({c.sql}, length({c.sql}) // 2)", rows)


def misread(case: Case) -> Planted:
    """Put UTF-8 that was read as Latin-1 into some texts."""
    for c in case.of("text"):
        value = f"left({c.sql}, 1) || 'Ã©' || substr({c.sql}, 3)"
        yield c.name, case.with_value(c, value, case.hit(f"length({c.sql}) >= 2"))


def category(case: Case) -> Planted:
    """Give some rows a value that was never there: another last letter."""
    for c in case.of("text"):
        if case.is_known(c):
            n = case.one(f"select count(distinct {c.sql}) from seen")
            if n <= case.n_rows / 5:
                value = f"left({c.sql}, length({c.sql}) - 1) || 'q'"
                rows = case.hit(f"length({c.sql}) >= 1 and right({c.sql}, 1) <> 'q'")
                yield c.name, case.with_value(c, value, rows)


def nulls(case: Case) -> Planted:
    """Leave a run of rows without a value."""
    for c in case.columns:
        share = case.chance.choice(SHARES)
        n, n_null = case.engine.rows(
            f"select count(*), count(*) - count({c.sql}) from new"
        )[0]
        n_all = case.one(
            f"select count(*) - count({c.sql}) from (from seen union all from new)"
        )
        p = n_null / n
        more = share * n * (1 - p)
        if n_all and (p > 0.5 or more < 4 * (n * p * (1 - p)) ** 0.5):
            continue
        first = case.chance.randrange(max(1, int(n * (1 - share))))
        last = first + max(1, round(share * n))
        rows = f"rowid >= {first} and rowid < {last}"
        yield f"{c.name} {share}", case.with_value(c, "null", rows)


def repeated_keys(case: Case) -> Planted:
    """Give some rows the key of the row before."""
    for c in case.of("integer", "text", "date"):
        both = (
            f"select count(*) - count(distinct {c.sql}) "
            "from (from seen union all from new)"
        )
        if case.one(both) == 0:
            before = f"(lag({c.sql}) over (order by rowid))"
            rows = case.hit("rowid > 0")
            yield c.name, case.with_value(c, before, rows)


def repeated_rows(case: Case) -> Planted:
    """Add some rows a second time."""
    if any(c.family == "nested" for c in case.columns):
        return
    both = "(from seen union all from new)"
    different = case.one(f"select count(*) from (select distinct * from {both})")
    if different == case.one(f"select count(*) from {both}"):
        yield "rows", f"from new union all (select * from new where {case.hit()})"


def far_out(case: Case) -> Planted:
    """Set some numbers to what is five times the range beyond all values."""
    for c in case.of(*NUMBERS):
        wide = "hugeint" if c.family == "integer" else "double"
        low, high = case.engine.rows(
            f"select min({c.sql})::double, max({c.sql})::double "
            f"from (from seen union all from new) where isfinite({c.sql}::double)"
        )[0]
        if low is None or not low < high:
            continue
        value = (
            high + 5 * (high - low)
            if case.chance.random() < 0.5
            else low - 5 * (high - low)
        )
        text = f"cast({value!r} as {wide})"
        yield f"{c.name} {value:g}", case.with_value(c, text, case.hit())


def reformatted(case: Case) -> Planted:
    """Write some texts in another case, or numbers in texts with a decimal point."""
    for c in case.of("text"):
        if case.is_known(c):
            value = (
                f"case when lower({c.sql}) <> {c.sql} then lower({c.sql}) "
                f"when upper({c.sql}) <> {c.sql} then upper({c.sql}) "
                f"else {c.sql} || '.0' end"
            )
            yield c.name, case.with_value(c, value, case.hit(f"length({c.sql}) > 0"))


def padded(case: Case) -> Planted:
    """Add a blank to the end of some texts."""
    for c in case.of("text"):
        both = "(from seen union all from new)"
        if not case.one(f"select count(*) from {both} where {c.sql} <> trim({c.sql})"):
            rows = case.hit(f"{c.sql} is not null")
            yield c.name, case.with_value(c, f"{c.sql} || ' '", rows)


def as_text(case: Case) -> Planted:
    """Turn a column into text, with n/a in some rows."""
    for c in case.of(*NUMBERS, "date", "timestamp", "boolean"):
        text = f"cast({c.sql} as varchar)"
        yield (
            c.name,
            case.replaced({c.name: f"case when {case.hit()} then 'n/a' else {text} end"}),
        )


def constant(case: Case) -> Planted:
    """Fill a column with its most frequent value."""
    for c in case.of(*NUMBERS, "text", "date", "timestamp", "boolean"):
        n, value_n = case.engine.rows(
            f"select sum(n), max(n) from (select count(*) as n from new where "
            f"{c.sql} is not null group by {c.sql})"
        )[0]
        if value_n < 0.95 * n:
            yield c.name, case.with_value(c, f"(select mode({c.sql}) from new)")


def stale(case: Case) -> Planted:
    """Deliver the part that was seen once more."""
    for c in case.of("date", "timestamp"):
        falls = case.one(
            f"select count(*) from (select {c.sql} < lag({c.sql}) over "
            f"(order by k, rowid) as f from (select 0 as k, rowid, {c.sql} from seen "
            f"union all select 1, rowid, {c.sql} from new)) where f"
        )
        days = case.one(
            f"select date_diff('day', (select max({c.sql}) from seen), "
            f"(select max({c.sql}) from new))"
        )
        if case.split == "order" and falls == 0 and days >= 5:
            yield c.name, "from seen"
            return


def dropped(case: Case) -> Planted:
    """Leave a column out."""
    if len(case.columns) > 1:
        for c in case.columns:
            yield c.name, f"select * exclude ({c.sql}) from new order by rowid"


def comma(case: Case) -> Planted:
    """Write some decimals with a comma, which makes the column text."""
    for c in case.of("float", "decimal"):
        text = f"cast({c.sql} as varchar)"
        rows = case.hit(f"contains({text}, '.')")
        value = f"case when {rows} then replace({text}, '.', ',') else {text} end"
        yield c.name, case.replaced({c.name: value})


FAULTS = (
    Fault("unit times 1,000", times_1000),
    Fault("sign turned", flipped),
    Fault("columns swapped", swapped),
    Fault("dates a century off", century),
    Fault("dates of 1970-01-01", epoch),
    Fault("texts cut in half", truncated),
    Fault("wrong encoding", misread),
    Fault("misspelled category", category),
    Fault("run of nulls", nulls),
    Fault("keys repeated", repeated_keys),
    Fault("rows repeated", repeated_rows),
    Fault("far out of range", far_out),
    Fault("other format", reformatted),
    Fault("trailing blanks", padded),
    Fault("numbers as text", as_text),
    Fault("constant column", constant),
    Fault("stale data", stale),
    Fault("column dropped", dropped),
    Fault("decimal commas", comma),
)
