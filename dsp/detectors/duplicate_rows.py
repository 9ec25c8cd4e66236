"""Rows that are copies of others, scattered or as a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors.base import FAULTS, Candidate, Found, Repair, Rows, Words
from dsp.detectors.words import rows
from dsp.engine.duckdb_engine import quote
from dsp.numbers import agreeing, day, share

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_COLUMNS = 3
BLOCK = 0.3
"""Part of the whole time within which copies lie that came as a block."""
BY_CHANCE = 10.0
MAX_COPIES = 0.5


class DuplicateRows:
    """Rows that are equal in every column, or in all but their identifier."""

    name = "duplicate_rows"
    phase = FAULTS

    def detect(self, scene: Scene) -> Found:
        """Count rows by a hash of all their values, where chance makes no copies."""
        names = list(scene.columns)
        if scene.n_rows < 2 or not names:
            return Found()
        if any(
            c.kind.startswith("duplicate_row") and c.outcome == "failed"
            for c in scene.checks
        ):
            return self._found(scene, names, is_known=True)
        if scene.frame.is_sample and scene.repeated is None:
            return Found(n_tests=1)
        keys = [c.column_name for c in scene.columns.values() if _is_key(c)]
        others = [name for name in names if name not in keys]
        if len(others) < MIN_COLUMNS:
            return Found()
        return self._found(scene, others)

    def _found(self, scene: Scene, names: list[str], *, is_known: bool = False) -> Found:
        import numpy as np

        sql = _copies(scene, names)
        if is_known and scene.repeated is not None:
            value, n = scene.repeated.share, scene.repeated.n_excess
        else:
            ((value, n),) = scene.engine.rows(sql)
        if not n or (float(value) > MAX_COPIES and not is_known):
            return Found(n_tests=1)
        is_odd = float(n) > BY_CHANCE * _expected(scene, names)
        if not (is_known or is_odd):
            return Found(n_tests=1)
        start = end = None
        repairs: tuple[Repair, ...] = ()
        if is_odd and not scene.frame.is_sample:
            mask = _mask(scene, names)
            start, end = _stretch(scene, mask)
            repairs = (Repair(drop_rows=mask),) if np.any(mask) else ()
        return Found(
            candidates=(
                Candidate(
                    kind="duplicate_rows",
                    columns=(),
                    time_start=start,
                    time_end=end,
                    value=float(value),
                    effect_name="share_of_rows",
                    effect=float(value),
                    n_rows=int(n),
                    impact=float(value),
                    evidence_sql=sql,
                    shape="fact",
                    say=_say,
                    facts={"but_key": len(names) < len(scene.columns)},
                ),
            ),
            n_tests=1,
            repairs=repairs,
        )


def _is_key(profile: Any) -> bool:
    return bool(profile.role == "identifier" and profile.n_distinct == profile.n_rows)


def _listed(names: list[str]) -> str:
    return ", ".join(quote(name) for name in names)


def _copies(scene: Scene, names: list[str]) -> str:
    columns = _listed(names)
    return (
        f"with copies as (\n    select count(*) as n\n    from {scene.source}\n"
        f"    group by {columns}\n)\n"
        "select sum(n - 1) / sum(n) as value,\n"
        "    cast(sum(n - 1) as bigint) as n_rows\nfrom copies"
    )


def _mask(scene: Scene, names: list[str]) -> Any:
    """Return which rows equal an earlier one."""
    import numpy as np

    from dsp.engine.arrays import as_numpy

    table = scene.engine.sql(f"select hash({_listed(names)}) as h from {scene.source}")
    hashes = as_numpy(table.column("h"))
    _, first = np.unique(hashes, return_index=True)
    mask = np.ones(len(hashes), dtype=bool)
    mask[first] = False
    return mask


def _expected(scene: Scene, names: list[str]) -> float:
    """Return how many copies chance makes where columns go their own ways."""
    import numpy as np

    pairs = scene.n_rows * (scene.n_rows - 1) / 2
    for name in names:
        profile = scene.columns[name]
        measure = scene.frame.measures.get(name)
        group = scene.frame.groupings().get(name)
        if group is not None:
            part = group.n / max(group.n.sum(), 1)
            pairs *= float((part**2).sum())
        elif measure is not None:
            _, count = np.unique(measure.x[measure.has], return_counts=True)
            pairs *= float(((count / max(count.sum(), 1)) ** 2).sum())
        else:
            pairs /= max(profile.n_distinct, 1)
    return pairs


def _stretch(scene: Scene, mask: Any) -> tuple[str | None, str | None]:
    """Return the first and last day of copies that lie close together in time."""
    clock = scene.frame.clock
    if clock is None or len(mask) != len(clock.step):
        return None, None
    steps = clock.step[mask]
    steps = steps[steps >= 0]
    if not len(steps):
        return None, None
    low, high = int(steps.min()), int(steps.max())
    if high - low > BLOCK * len(clock.dates):
        return None, None
    return clock.dates[low].isoformat(), clock.dates[high].isoformat()


def _say(c: Candidate, found: Rows) -> Words:
    n, value = int(found[0]["n_rows"]), found[0]["value"]
    but = ", its identifier aside" if c.facts["but_key"] else ""
    place = ""
    if c.time_start is not None:
        place = (
            f" They lie together between {day(c.time_start)} and {day(c.time_end)}, as a "
            "file that was loaded twice."
        )
    return Words(
        f"{rows(n)} {agreeing(n, 'is a copy', 'are copies')} of others ({share(value)})",
        f"{rows(n)} ({share(value)}) {agreeing(n, 'equals', 'equal')} an earlier row in "
        f"every column{but}.{place}",
        "Find out whether rows were loaded twice; copies count double in every figure.",
        value=value,
    )


plugin = DuplicateRows()
