"""Spellings of one category become one, when that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dsp.engine.relation import Field
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.semantic.spelling import near, same
from dsp.transforms.base import AS_TYPED, Proposal, Scene, Transform, plain

MAX_CATEGORIES, SUGGESTED = 5_000, 2_000
SHOWN = 20
TOGETHER = 50


class FoldCategories(Transform):
    """Writes every category in its most frequent spelling.

    ``same`` joins what differs only by case, spaces, diacritics and marks between
    letters; ``near`` also joins rare texts that are one letter away from a frequent one;
    a mapping of old to new values does just that. The mapping is written into the step.
    """

    name = "fold"
    layer = AS_TYPED
    order = 10

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Count the different texts, roughly."""
        for name in scene.asked.fold:
            column = scene.column(name)
            if column.family not in ("text", "enum"):
                raise SettingError(f'"{name}" holds {column.data_type}, no categories')
            yield _n_texts(column)

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Map the rarer spellings to the most frequent one."""
        for name, how in scene.asked.fold.items():
            column = scene.column(name)
            n = scene.count(_n_texts(column))
            if n > MAX_CATEGORIES:
                raise SettingError(
                    f'"{name}" has about {n:,} different texts, too many for categories'
                )
            (counts,) = _counts(scene, [column])
            mapping = _mapping(counts, how)
            if mapping:
                setting = f"fold.{name}={how}" if isinstance(how, str) else ""
                yield _proposal(column, counts, mapping, setting)

    def clues(self, scene: Scene) -> Iterable[str]:
        """Count the different texts of columns whose first rows look like categories."""
        for column in _candidates(scene):
            yield _n_texts(column)

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Suggest mappings for all columns of categories; they share one scan."""
        columns = [
            column
            for column in _candidates(scene)
            if 2 <= scene.count(_n_texts(column)) <= SUGGESTED
        ]
        for column, counts in zip(columns, _counts(scene, columns), strict=True):
            asked, joined = scene.loaded[column.name], same(counts)
            if joined:
                yield _proposal(column, counts, joined, f"fold.{asked}=same")
            further = near(counts)
            if further != joined:
                yield _proposal(column, counts, further, f"fold.{asked}=near")


def _candidates(scene: Scene) -> list[Field]:
    """Return text columns in whose first rows texts repeat."""
    loaded, rows = scene.loaded, min(scene.n_rows, 1_000)
    return [
        column
        for column in scene.relation.columns
        if column.family == "text" and column.name in loaded
        if loaded[column.name] not in scene.asked.fold
        if 2 <= len(scene.heads[column.name]) <= rows / 2
    ]


def _n_texts(column: Field) -> str:
    return f"approx_count_distinct({column.sql})"


def _counts(scene: Scene, columns: list[Field]) -> list[dict[str, int]]:
    """Return how often each text occurs, `TOGETHER` columns a scan."""
    known = {c.name: scene.figures.get(f"histogram({c.sql})") for c in columns}
    wanted = [c for c in columns if not isinstance(known[c.name], dict)]
    for start in range(0, len(wanted), TOGETHER):
        known |= _counted(scene, wanted[start : start + TOGETHER])
    return [known[column.name] for column in columns]


def _counted(scene: Scene, columns: list[Field]) -> dict[str, Any]:
    counts: list[dict[str, int]] = [{} for _ in columns]
    listed = ", ".join(column.sql for column in columns)
    sets = ", ".join(f"({column.sql})" for column in columns)
    for *texts, place, n in scene.relation.engine.rows(
        f"select {listed}, grouping({listed}), count(*) from {scene.relation.sql} as t "
        f"group by grouping sets ({sets})"
    ):
        # A bit a column, the first one highest: 0 for the one that is grouped by.
        position = format(place, f"0{len(columns)}b").index("0")
        if texts[position] is not None:
            counts[position][texts[position]] = n
    return {column.name: found for column, found in zip(columns, counts, strict=True)}


def _mapping(counts: Mapping[str, int], how: Any) -> dict[str, str]:
    if isinstance(how, Mapping):
        return {old: new for old, new in how.items() if old in counts and old != new}
    return near(counts) if how == "near" else same(counts)


def _proposal(
    column: Field, counts: Mapping[str, int], mapping: Mapping[str, str], setting: str
) -> Proposal:
    n = sum(counts[old] for old in mapping)
    groups: dict[str, list[str]] = {}
    for old, new in sorted(mapping.items()):
        groups.setdefault(new, []).append(old)
    first = max(groups, key=lambda new: (sum(counts[old] for old in groups[new]), new))
    example = " / ".join(f"“{text[:40]}”" for text in (first, *groups[first][:2]))
    cases = " ".join(
        f"when {plain(old)} then {plain(new)}" for old, new in sorted(mapping.items())
    )
    shown = sorted(groups)[:SHOWN]
    return Proposal(
        column.name,
        f"case {{value}} {cases} else {{value}} end",
        f"{counted(n, 'value')} of {column.name} in {counted(len(mapping), 'spelling')} "
        f"of {_categories(len(groups))} written otherwise: {example}",
        n,
        setting=setting,
        evidence={
            "n_groups": len(groups),
            "groups": {
                new: {text: counts.get(text, 0) for text in (new, *groups[new])}
                for new in shown
            },
        },
    )


def _categories(n: int) -> str:
    return "1 category" if n == 1 else f"{n:,} categories"


plugin = FoldCategories()
