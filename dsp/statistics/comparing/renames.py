"""Which columns may have been renamed: guesses, each with what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from dsp.engine.drift import as_number
from dsp.engine.relation import Field, Relation, count_if
from dsp.numbers import share
from dsp.records.comparison import SchemaDifference
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.sides import NESTED, Pair, Sides

SIMILAR = 0.6
"""Least likeness of names (0-1) for a guess that rests on shared values."""
SHARED = 0.5
"""Least share of values of B that A has too."""
MOST = 200
"""Columns of one side that are looked at."""
MOST_LIKE = 40
"""Pairs with like names whose values are compared."""


def guesses(
    sides: Sides, facts_a: Mapping[str, Facts], facts_b: Mapping[str, Facts]
) -> list[SchemaDifference]:
    """Return columns that may have been renamed, the surest first, each column once.

    The same values in any order speak for it under any name; a like name needs half of
    the values to be shared.
    """
    gone = _candidates(sides.only("a"), facts_a)
    come = _candidates(sides.only("b"), facts_b)
    if not (gone and come):
        return []
    prints_a, prints_b = _fingerprints(sides.a, gone), _fingerprints(sides.b, come)
    found: list[tuple[float, Field, Field, str, str]] = []
    like: list[tuple[float, Field, Field]] = []
    for old in gone:
        for new in come:
            if not Pair(old.name, old, new).is_same_kind:
                continue
            likeness = _likeness(old.name, new.name)
            # Two columns of yes and no are soon the same by chance.
            is_rich = facts_a[old.name].n_distinct > 2 or likeness >= SIMILAR
            if is_rich and prints_a[old.name] == prints_b[new.name]:
                query = _same(sides, old, new)
                found.append((2 + likeness, old, new, "the same values", query))
            elif likeness >= SIMILAR:
                like.append((likeness, old, new))
    like.sort(key=lambda item: (-item[0], item[1].position, item[2].position))
    for likeness, old, new in like[:MOST_LIKE]:
        query = _shared(sides, old, new)
        shared = float(sides.a.engine.rows(query)[0][0] or 0)
        if shared >= SHARED:
            words = f"a like name, and A has {share(shared)} of its values"
            found.append((likeness, old, new, words, query))
    found.sort(key=lambda item: (-item[0], item[1].position, item[2].position))
    return _each_once(found)


def _candidates(columns: Sequence[Field], facts: Mapping[str, Facts]) -> list[Field]:
    fit = [
        column
        for column in columns
        if column.family not in NESTED and facts[column.name].n_distinct > 1
    ]
    return fit[:MOST]


def _each_once(
    found: Sequence[tuple[float, Field, Field, str, str]],
) -> list[SchemaDifference]:
    taken_a: set[str] = set()
    taken_b: set[str] = set()
    kept = []
    for _, old, new, words, query in found:
        if old.name in taken_a or new.name in taken_b:
            continue
        taken_a.add(old.name)
        taken_b.add(new.name)
        kept.append(
            SchemaDifference(
                column_name=old.name,
                change="renamed",
                a=old.name,
                b=new.name,
                is_guess=True,
                evidence=words,
                evidence_sql=query,
            )
        )
    return kept


def _value(column: Field) -> str:
    """Return SQL of a value in a type that hashes alike in both tables."""
    return as_number(column) or f"cast({column.sql} as varchar)"


def _fingerprints(table: Relation, columns: Sequence[Field]) -> dict[str, Any]:
    listed = ", ".join(_fingerprint(column) for column in columns)
    row = table.engine.rows(f"select {listed} from {table.sql} as t")[0]
    return {column.name: cell for column, cell in zip(columns, row, strict=True)}


def _fingerprint(column: Field) -> str:
    """Return an aggregate that is equal for equal values in any order."""
    value = _value(column)
    present = f" filter (where {value} is not null)"
    return (
        f"{{n: count({value}), x: bit_xor(hash({value})){present}, "
        f"s: sum(hash({value})::hugeint){present}}}"
    )


def _same(sides: Sides, old: Field, new: Field) -> str:
    return (
        f"select (select {_fingerprint(old)} from {sides.a.sql}) = "
        f"(select {_fingerprint(new)} from {sides.b.sql}) as is_same"
    )


def _shared(sides: Sides, old: Field, new: Field) -> str:
    one, two = _value(old), _value(new)
    known = f"select {one} from {sides.a.sql} where {one} is not null"
    return (
        f"select {count_if(f'{two} in ({known})')} / count({two}) as shared "
        f"from {sides.b.sql}"
    )


def _likeness(a: str, b: str) -> float:
    """Return how alike two names are (0-1); case and marks do not count."""
    one, two = (re.sub(r"[\W_]+", "", name.casefold()) for name in (a, b))
    if not (one and two):
        return 0.0
    return 1.0 if one == two else SequenceMatcher(None, one, two).ratio()
