"""Values in another unit (grams among kilograms) are found; repair is only proposed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dsp.engine.relation import Field, count_if, literal, quote
from dsp.numbers import counted
from dsp.transforms.base import Proposal, Scene, Transform, replacing
from dsp.transforms.mixups import (
    HUNDREDS,
    MIN_VALUES,
    SHARES,
    Repair,
    alike,
    parting,
    quantiles,
    repairs,
)

SAMPLE = 10_000
MAX_SEGMENTS, MIN_SEGMENT = 20, 50


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """Rows of which a sample says that a column is in another unit there."""

    column: Field
    test: str
    repair: Repair
    segment: Field | None = None
    text: str = ""

    @property
    def condition(self) -> str:
        """The SQL that is true in another unit."""
        return self.condition_on(self.column.sql, (self.segment or self.column).sql)

    def condition_on(self, column: str, segment: str) -> str:
        """Return the condition with other names of the columns, quoted."""
        if self.segment is None:
            return f"{column} {self.test}"
        return f"coalesce({segment} = {literal(self.text)}, false)"

    def aggregates(self) -> tuple[str, str, str, str]:
        """Return counts and quantiles of the suspect values and of the others."""
        value = self.column.sql
        here = f"{value} is not null and {self.condition}"
        rest = f"{value} is not null and not ({self.condition})"
        asked = f"quantile_disc(cast({value} as double), {list(SHARES)!r})"
        return (
            count_if(here),
            count_if(rest),
            f"{asked} filter (where {here})",
            f"{asked} filter (where {rest})",
        )


class RepairUnits(Transform):
    """Finds columns with two clusters of values, or a segment, off by a known factor.

    Factors are 10, 100 and 1000 between clusters (100, 1000 and a million between
    segments); and pounds, inches, feet, miles and degrees Fahrenheit where the name of
    the column speaks of weights, lengths, distances or temperatures. The values look
    like the others after the repair, in all of five quantiles of all rows.
    """

    name = "units"
    order = 40

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Look for clusters in a sample, and count on all rows what it suspects."""
        found = list(_suspicions(scene))
        scene.figures.ask(sql for item in found for sql in item.aggregates())
        told: set[str] = set()
        for item in found:
            proposal = _proven(scene, item)
            if proposal is not None and proposal.column not in told:
                told.add(proposal.column)
                yield proposal


def _suspicions(scene: Scene) -> Iterator[_Suspicion]:
    loaded = scene.loaded
    numbers = [
        c
        for c in scene.relation.columns
        if c.is_numeric and c.name in loaded and loaded[c.name] not in scene.asked.derive
    ]
    texts = [
        c
        for c in scene.relation.columns
        if c.family in ("text", "enum")
        and c.name in loaded
        and len(scene.heads.get(c.name, [""] * 2)) <= MAX_SEGMENTS
    ]
    if not numbers or scene.n_rows < 2 * MIN_VALUES:
        return
    sample = _sample(scene, [*numbers, *texts])
    for column in numbers:
        values = _finite(sample[column.name])
        split = parting(values)
        if split is None:
            continue
        low, high = [v for v in values if v < split], [v for v in values if v >= split]
        is_low = len(low) < len(high)
        wrong, right = (low, high) if is_low else (high, low)
        repair = _like(wrong, right, repairs(column.name))
        if repair:
            test = f"{'<' if is_low else '>='} {split!r}"
            yield _Suspicion(column, test, repair)
    for segment in texts:
        for column in numbers:
            yield from _by_segment(column, segment, sample)


def _by_segment(
    column: Field, segment: Field, sample: dict[str, list[Any]]
) -> Iterator[_Suspicion]:
    groups: dict[str, list[float]] = {}
    for text, value in zip(sample[segment.name], sample[column.name], strict=True):
        if text is not None and value is not None and math.isfinite(value):
            groups.setdefault(text, []).append(value)
    if not 2 <= len(groups) <= MAX_SEGMENTS:
        return
    choice = repairs(column.name, HUNDREDS)
    for text, wrong in sorted(groups.items()):
        right = [v for other, values in groups.items() if other != text for v in values]
        if MIN_SEGMENT <= len(wrong) < len(right):
            repair = _like(wrong, right, choice)
            if repair:
                yield _Suspicion(column, "", repair, segment, text)


def _like(wrong: list[float], right: list[float], choice: list[Repair]) -> Repair | None:
    return alike(quantiles(wrong), quantiles(right), choice, n_wrong=len(wrong))


def _sample(scene: Scene, columns: list[Field]) -> dict[str, list[Any]]:
    step = max(1, scene.n_rows // SAMPLE)
    items = ", ".join(
        f"cast({c.sql} as {'double' if c.is_numeric else 'varchar'})" for c in columns
    )
    rows = scene.relation.engine.sql(
        f"select {items} from {scene.relation.numbered} as t "
        f"where dsp_row_number % {step} = 0"
    )
    return {c.name: rows.column(i).to_pylist() for i, c in enumerate(columns)}


def _finite(values: list[Any]) -> list[float]:
    return [v for v in values if v is not None and math.isfinite(v)]


def _proven(scene: Scene, item: _Suspicion) -> Proposal | None:
    """Return the proposal if all rows say what the sample said."""
    n_wrong, n_right, wrong, right = map(scene.figures.get, item.aggregates())
    if not n_wrong or not n_right or n_wrong >= n_right or not wrong or not right:
        return None
    repair = alike(wrong, right, [item.repair], n_wrong=n_wrong)
    if repair is None:
        return None
    column, value = item.column, repair.sql(item.column.sql)
    where = f"where {item.condition}"
    if item.segment:
        where = f"where {item.segment.name} {item.text}"
    expression = f"case when {item.condition} then {value} else {column.sql} end"
    # Asked for, it is derived from the names as they were loaded.
    own, segment = (quote(scene.loaded[c.name]) for c in (column, item.segment or column))
    asked = (
        f"case when {item.condition_on(own, segment)} "
        f"then {item.repair.sql(own)} else {own} end"
    )
    return Proposal(
        column.name,
        "",
        f"{counted(n_wrong, 'value')} of {column.name} {where} would be like the other "
        f"{n_right:,} if {repair.words}: another unit?",
        n_wrong,
        select=replacing(column, expression),
        setting=f"derive.{scene.loaded[column.name]}={asked}",
        evidence={
            "repair": repair.words,
            "n_values": n_wrong,
            "n_others": n_right,
            "quantiles": list(SHARES),
            "values": wrong,
            "repaired": [float(f"{repair.of(v):.6g}") for v in wrong],
            "others": right,
        },
    )


plugin = RepairUnits()
