"""The key that rows are matched by: given, or proposed because it is unique in both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dsp.engine.relation import Relation
from dsp.errors import SettingError
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.sides import NESTED, Pair, Sides

NEARLY = 0.75
"""Estimated distinct values a row from which on a column may be unique; estimates are
often a tenth off."""
TRIED = 5
"""Columns that are tried."""
_FAMILIES = ("integer", "text", "other", "decimal")
_NAMED = re.compile(r"(^|[^a-z])(id|key|code|uuid|guid|number|no|nr)($|[^a-z])", re.I)


def given_key(sides: Sides, by: Sequence[str]) -> tuple[Pair, ...]:
    """Return the pairs of the columns that rows shall be matched by.

    Raises
    ------
    ColumnNotFoundError
        Not both tables have one of them.
    SettingError
        A column holds nested values.
    """
    key = tuple(sides.pair(name) for name in dict.fromkeys(by))
    for pair in key:
        if pair.a.family in NESTED or pair.b.family in NESTED:
            raise SettingError(
                f'"{pair.name}" holds {pair.a.data_type}, which is no key',
                hint="match rows by a column of numbers, texts or dates",
            )
    return key


def proposed_key(
    sides: Sides, facts_a: Mapping[str, Facts], facts_b: Mapping[str, Facts]
) -> tuple[Pair, ...]:
    """Return a column that is there in every row and unique in both tables, or nothing.

    Columns named as keys come first, then those further left. A column is taken only if
    the tables share one of its values.
    """
    likely = [
        pair
        for pair in sides.pairs
        if pair.a.family in _FAMILIES
        and pair.is_same_kind
        and _may_be_unique(facts_a[pair.a.name])
        and _may_be_unique(facts_b[pair.b.name])
    ]
    likely.sort(key=lambda pair: (not _NAMED.search(_split(pair.name)), pair.a.position))
    for pair in likely[:TRIED]:
        if (
            is_unique(sides.a, pair.a.sql)
            and is_unique(sides.b, pair.b.sql)
            and _overlap(sides, pair)
        ):
            return (pair,)
    return ()


def is_unique(table: Relation, value: str) -> bool:
    """Return whether every row has another value."""
    query = f"select count(distinct {value}) = count(*) from {table.sql} as t"
    return bool(table.engine.rows(query)[0][0])


def _may_be_unique(facts: Facts) -> bool:
    return (
        facts.n_rows > 1
        and not facts.n_missing
        and facts.n_distinct >= NEARLY * facts.n_rows
    )


def _split(name: str) -> str:
    """Return a name with its words apart: ``orderId`` as ``order_Id``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def _overlap(sides: Sides, pair: Pair) -> bool:
    mine, other = pair.comparable()
    query = (
        f"select 1 from {sides.a.sql} where {mine} in "
        f"(select {other} from {sides.b.sql}) limit 1"
    )
    return bool(sides.a.engine.rows(query))
