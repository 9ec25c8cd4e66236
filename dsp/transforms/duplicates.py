"""Rows that repeat another go, when that is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.cleaning import Duplicates
from dsp.engine.relation import quote
from dsp.numbers import counted
from dsp.transforms.base import AS_TYPED, Proposal, Scene, Transform


class DropDuplicates(Transform):
    """Keeps the first or the last of rows that are equal, or equal in a key.

    A row whose key misses a value is never dropped: two unknowns are not equal. Rows
    that are compared as a whole may miss values, which then count as equal.
    """

    name = "duplicates"
    layer = AS_TYPED
    order = 20

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Drop the repeated rows, if there are any."""
        asked = scene.asked.duplicates
        if asked is None:
            return
        for name in asked.by:
            scene.column(name)
        found = _dropping(scene, asked)
        if found is not None:
            yield found

    def proofs(self, scene: Scene) -> Iterable[str]:
        """Count distinct rows, unless the checks have shown that none repeats another."""
        if _is_open(scene):
            yield _distinct(scene)

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Suggest to drop rows that repeat an earlier one in all columns."""
        if _is_open(scene) and scene.count(_distinct(scene)) < scene.n_rows:
            found = _dropping(scene, Duplicates())
            if found is not None:
                yield found


def _is_open(scene: Scene) -> bool:
    if scene.asked.duplicates is not None or scene.n_rows < 2:
        return False
    checked = [c for c in scene.checks if c.kind == "duplicate_rows"]
    return not checked or any(c.n_failed for c in checked)


def _distinct(scene: Scene) -> str:
    """Return the aggregate that counts different rows by their hashes: a lower bound."""
    columns = ", ".join(column.sql for column in scene.relation.columns)
    return f"count(distinct hash({columns}))"


def _dropping(scene: Scene, asked: Duplicates) -> Proposal | None:
    row = quote(scene.free("dsp_row"))
    key = asked.by or tuple(scene.names)
    columns = ", ".join(map(quote, key))
    order = f"{row} desc" if asked.keep == "last" else row
    stays = f"row_number() over (partition by {columns} order by {order}) = 1"
    if asked.by:
        unknown = " or ".join(f"{quote(name)} is null" for name in asked.by)
        stays = f"{stays} or {unknown}"
    numbered = f"(select *, row_number() over () as {row} from input)"
    tail = f"from {numbered} qualify {stays} order by {row}"
    kept = f"select {row} {tail}"
    relation = scene.relation
    n_kept = relation.engine.rows(
        f"with input as not materialized (from {relation.sql} as t) "
        f"select count(*) from ({kept})"
    )[0][0]
    n_dropped = scene.n_rows - int(n_kept)
    if not n_dropped:
        return None
    where = ", ".join(asked.by) if asked.by else "all columns"
    verb = "repeats" if n_dropped == 1 else "repeat"
    which = "a later" if asked.keep == "last" else "an earlier"
    return Proposal(
        "",
        "",
        f"{counted(n_dropped, 'row')} {verb} {which} one in {where}",
        n_dropped,
        select=f"select * exclude ({row}) {tail}",
        columns=asked.by,
        n_dropped=n_dropped,
        kept=kept,
        setting=_setting(asked),
        evidence={"n_rows": scene.n_rows, "n_dropped": n_dropped},
    )


def _setting(asked: Duplicates) -> str:
    if not asked.by:
        return "duplicates=drop"
    return f"duplicates.by={','.join(asked.by)}; duplicates.keep={asked.keep}"


plugin = DropDuplicates()
