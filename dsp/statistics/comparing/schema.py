"""How the columns of two tables differ."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from dsp.engine.relation import Field
from dsp.records.comparison import SchemaDifference
from dsp.statistics.comparing.facts import Facts
from dsp.statistics.comparing.renames import guesses
from dsp.statistics.comparing.sides import Sides


def column_changes(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the differences of two lists of columns by name, in their order.

    Parameters
    ----------
    first, second
        Columns with the keys name, type and nullable.

    Returns
    -------
    list of dict
        Keys column, change (removed, added, type, nullable), first and second.
    """
    old = {column["name"]: column for column in first}
    new = {column["name"]: column for column in second}
    found: list[dict[str, Any]] = []

    def note(name: str, change: str, a: str, b: str) -> None:
        found.append({"column": name, "change": change, "first": a, "second": b})

    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            note(name, "removed", old[name]["type"], "")
        elif name not in old:
            note(name, "added", "", new[name]["type"])
        else:
            if old[name]["type"] != new[name]["type"]:
                note(name, "type", old[name]["type"], new[name]["type"])
            if old[name]["nullable"] != new[name]["nullable"]:
                words = {True: "nullable", False: "not null"}
                a, b = words[old[name]["nullable"]], words[new[name]["nullable"]]
                note(name, "nullable", a, b)
    return found


def schema_differences(
    sides: Sides,
    facts_a: Mapping[str, Facts],
    facts_b: Mapping[str, Facts],
) -> list[SchemaDifference]:
    """Return every difference, guesses of renamed columns included."""
    renamed = {p.name: p.b.name for p in sides.pairs if p.name != p.b.name}
    back = {new: old for old, new in renamed.items()}
    first = [_described(c, facts_a, c.name) for c in sides.a.columns]
    second = [_described(c, facts_b, back.get(c.name, c.name)) for c in sides.b.columns]
    found = [
        SchemaDifference(
            column_name=old,
            change="renamed",
            a=old,
            b=new,
            evidence="as was said",
            evidence_sql=_listing(sides),
        )
        for old, new in renamed.items()
    ]
    found += [
        SchemaDifference(
            column_name=item["column"],
            change=item["change"],
            a=item["first"] or None,
            b=item["second"] or None,
            evidence_sql=_nulls(sides, item["column"])
            if item["change"] == "nullable"
            else _listing(sides),
        )
        for item in column_changes(first, second)
    ]
    return found + guesses(sides, facts_a, facts_b) + _moved(sides)


def _described(column: Field, facts: Mapping[str, Facts], name: str) -> dict[str, Any]:
    is_nullable = facts[column.name].n_null > 0
    return {"name": name, "type": column.data_type, "nullable": is_nullable}


def _listing(sides: Sides) -> str:
    return (
        "select 'a' as side, column_name, column_type from (describe "
        f"from {sides.a.sql}) union all select 'b', column_name, column_type "
        f"from (describe from {sides.b.sql})"
    )


def _nulls(sides: Sides, name: str) -> str:
    pair = sides.pair(name)
    return (
        f"select (select count(*) - count({pair.a.sql}) from {sides.a.sql}) as n_null_a, "
        f"(select count(*) - count({pair.b.sql}) from {sides.b.sql}) as n_null_b"
    )


def _moved(sides: Sides) -> list[SchemaDifference]:
    """Return the fewest columns whose moving explains another order."""
    pairs = sides.pairs
    kept = _longest_rise([pair.b.position for pair in pairs])
    return [
        SchemaDifference(
            column_name=pair.name,
            change="moved",
            a=f"position {pair.a.position + 1}",
            b=f"position {pair.b.position + 1}",
            evidence_sql=_listing(sides),
        )
        for i, pair in enumerate(pairs)
        if i not in kept
    ]


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Return the indexes of a longest rising subsequence."""
    ends: list[int] = []
    lasts: list[int] = []
    before: list[int | None] = []
    for i, number in enumerate(numbers):
        place = bisect_left(ends, number)
        before.append(lasts[place - 1] if place else None)
        if place == len(ends):
            ends.append(number)
            lasts.append(i)
        else:
            ends[place], lasts[place] = number, i
    kept: set[int] = set()
    at = lasts[-1] if lasts else None
    while at is not None:
        kept.add(at)
        at = before[at]
    return kept
