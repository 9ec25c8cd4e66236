"""Columns are renamed, when that is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from dsp.engine.relation import quote
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.transforms.base import AS_DERIVED, Proposal, Scene, Transform, free_name


class RenameColumns(Transform):
    """Renames columns after everything else: to snake_case, or one by one.

    New names are unique whatever their case. The names of columns keep their letters,
    those with marks too; what begins with a digit gets an x in front.
    """

    name = "names"
    layer = AS_DERIVED + 1
    order = 10

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Rename what is asked for."""
        asked = scene.asked.names
        if asked == "keep":
            return
        if asked == "snake":
            renamed = snake_names(scene.names)
        else:
            renamed = _as_given(scene, asked)
        if renamed:
            yield _proposal(
                renamed, "names=snake" if asked == "snake" else "", "as asked"
            )

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Suggest snake_case where a name has capitals, spaces or marks."""
        if scene.asked.names == "keep":
            renamed = snake_names(scene.names)
            if renamed:
                yield _proposal(renamed, "names=snake", "could be written in snake_case")


def snake_case(name: str) -> str:
    """Return a name in snake_case; empty when it holds no letter and no digit.

    Examples
    --------
    >>> snake_case("Unit Price"), snake_case("pickupZoneID"), snake_case("2020 Öl (%)")
    ('unit_price', 'pickup_zone_id', 'x2020_öl')
    """
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    text = re.sub(r"[\W_]+", "_", text).strip("_").lower()
    return f"x{text}" if text[:1].isdigit() else text


def snake_names(names: Collection[str]) -> dict[str, str]:
    """Return new names by old ones, for those that change; unique whatever their case.

    Examples
    --------
    >>> snake_names(["id", "Unit Price", "unit_price", "€"])
    {'Unit Price': 'unit_price_2', '€': 'column_4'}
    """
    wanted = [snake_case(n) or f"column_{i}" for i, n in enumerate(names, 1)]
    # Names that are fine already keep theirs, whatever comes before them.
    taken = {n for n, new in zip(names, wanted, strict=True) if n == new}
    renamed = {}
    for old, new in zip(names, wanted, strict=True):
        if old != new:
            renamed[old] = free_name(new, taken)
            taken.add(renamed[old].casefold())
    return renamed


def _as_given(scene: Scene, asked: dict[str, str]) -> dict[str, str]:
    renamed = {old: new for old, new in asked.items() if scene.column(old).name != new}
    after = [renamed.get(name, name).casefold() for name in scene.names]
    double = {name for name in after if after.count(name) > 1}
    if double or "" in after:
        raise SettingError(
            f'names would give two columns the name "{min(double)}"'
            if double
            else "names would leave a column without a name",
            hint="DuckDB does not tell apart names that differ by case only",
        )
    return renamed


def _proposal(renamed: dict[str, str], setting: str, how: str) -> Proposal:
    listed = ", ".join(f"{quote(old)} as {quote(new)}" for old, new in renamed.items())
    old, new = next(iter(renamed.items()))
    return Proposal(
        "",
        "",
        f"{counted(len(renamed), 'name')} {how}, such as {new} for “{old[:40]}”",
        len(renamed),
        select=f"select * rename ({listed}) from input",
        columns=tuple(renamed.values()),
        renamed=renamed,
        setting=setting,
        evidence={"names": renamed},
    )


plugin = RenameColumns()
