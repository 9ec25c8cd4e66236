"""Columns that copy the target, decide it, or are filled after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import FAULTS, Candidate, Found, Repair, Rows, Words
from dsp.detectors.functional_dependency import agree, dependency
from dsp.detectors.identity import identity
from dsp.detectors.words import extremes, first, name, rows, total
from dsp.engine.duckdb_engine import quote
from dsp.inference.tables import chi_square
from dsp.numbers import correlation as written
from dsp.numbers import share

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R = 0.972
"""Correlation of normal scores from which a measure copies the target."""
MIN_AGREEMENT = 0.995
FILLED = 0.5
UNFILLED = 0.1
"""Share of rows with a value where the event holds, and where it does not."""


class Leakage:
    """A column copies the target, determines it, or is filled after it."""

    name = "leakage"
    phase = FAULTS

    def detect(self, scene: Scene) -> Found:
        """Look for copies among measures, deciding dimensions and late fields."""
        target, task = scene.target, scene.target_task
        if target is None or task is None:
            return Found()
        listed = _copies(scene, target)
        n_tests = len(scene.frame.measures)
        if task == "number" and target in scene.numbers:
            made_of = identity(scene, target)
            listed += [] if made_of is None else [made_of]
            n_tests += 1
        if task == "event":
            late, count = _filled_after(scene, target)
            listed += late
            n_tests += count
        if task in ("event", "classes"):
            deciding, count = _deciding(scene, target)
            listed += deciding
            n_tests += count
        gone = [c.columns[0] for c in listed if len(c.columns) == 2]
        return Found(
            candidates=tuple(listed),
            n_tests=n_tests,
            repairs=(Repair(drop_columns=tuple(gone)),) if gone else (),
        )


def _deciding(scene: Scene, target: str) -> tuple[list[Candidate], int]:
    """Return dimensions that decide a classed target."""
    listed = []
    n_tests = 0
    for dimension in scene.frame.dimensions:
        if dimension == target or target not in scene.frame.dimensions:
            continue
        counts = scene.gram.counts(dimension, target)
        agreement = agree(counts)
        n_tests += 1
        if agreement is None or agreement < MIN_AGREEMENT:
            continue
        listed.append(
            dependency(scene, dimension, target, counts, kind="leakage", target=target)
        )
    return listed, n_tests


def _copies(scene: Scene, target: str) -> list[Candidate]:
    listed = []
    if target not in scene.frame.measures:
        return []
    for x in scene.frame.measures:
        n, r = scene.gram.correlation(x, target)
        if x == target or abs(r) < MIN_R or n < 30:
            continue
        outcome = tests.correlation(n, r)
        one, two = scene.value_sql(x), scene.value_sql(target)
        listed.append(
            Candidate(
                kind="leakage",
                columns=(x, target),
                target=target,
                direction="up" if r > 0 else "down",
                effect_name="rank_r",
                effect=r,
                n_rows=n,
                impact=1.0,
                test="correlation of normal scores",
                statistic=outcome.statistic,
                p_value=outcome.p_value,
                evidence_sql=(
                    "with both_known as (\n"
                    f"    select rank() over (order by {one}) as x,\n"
                    f"        rank() over (order by {two}) as y\n"
                    f"    from {scene.source}\n"
                    f"    where {one} is not null and {two} is not null\n)\n"
                    "select corr(x, y) as value,\n    count(*) as n_rows\n"
                    "from both_known"
                ),
                shape="fact",
                say=_say_copy,
            )
        )
    return listed


def _say_copy(c: Candidate, found: Rows) -> Words:
    column, target = name(c.columns[0]), name(c.columns[1])
    value, n = found[0]["value"], int(found[0]["n_rows"])
    title = f"{first(column)} gives {target} away: it says nearly the same"
    return Words(
        title,
        f"{first(column)} and {target} have a rank correlation of {written(value)} over "
        f"{rows(n)}. One seems to be made from the other; a model of it only copies.",
        f"Leave {column} out of models of {target}, unless it is known beforehand.",
        value=value,
    )


def _filled_after(scene: Scene, target: str) -> tuple[list[Candidate], int]:
    """Return columns that have a value nearly only where the event holds, or not."""
    frame = scene.frame
    event = frame.measures.get(target)
    if event is None:
        return [], 0
    listed = []
    n_tests = 0
    won = event.has & (event.x > 0)
    lost = event.has & (event.x <= 0)
    for column, gone in _gaps(scene):
        if column == target:
            continue
        n_tests += 1
        there = 1 - float(gone[won].mean()), 1 - float(gone[lost].mean())
        if max(there) < FILLED or min(there) > UNFILLED:
            continue
        counts = [
            [int(gone[part].sum()), int((~gone[part]).sum())] for part in (won, lost)
        ]
        test = chi_square(counts)
        if test is None:
            continue
        listed.append(_late(scene, column, target, test, max(there) - min(there)))
    return listed, n_tests


def _gaps(scene: Scene) -> list[tuple[str, Any]]:
    """Return columns with the mask of missing values, mostly missing ones too."""
    from dsp.engine.arrays import as_numpy

    known = dict(scene.frame.missing)
    others = [
        c.column_name
        for c in scene.columns.values()
        if c.column_name not in known and 0 < c.n_null < c.n_rows
    ]
    if others and not scene.frame.is_sample:
        picked = ", ".join(f"{quote(c)} is null as g{i}" for i, c in enumerate(others))
        table = scene.engine.sql(f"select {picked} from {scene.source}")
        known |= {c: as_numpy(table.column(f"g{i}")) for i, c in enumerate(others)}
    return list(known.items())


def _late(scene: Scene, column: str, target: str, test: Any, gap: float) -> Candidate:
    event = scene.numbers[target].event
    return Candidate(
        kind="leakage",
        columns=(column, target),
        target=target,
        direction="up",
        effect_name="difference_of_shares",
        effect=gap,
        n_rows=scene.frame.n,
        impact=1.0,
        test="chi-squared",
        statistic=test.statistic,
        p_value=test.p_value,
        evidence_sql=evidence.missing_bars(scene, target, column),
        shape="bars",
        say=_say_late,
        facts={"event": event},
    )


def _say_late(c: Candidate, found: Rows) -> Words:
    column, target = name(c.columns[0]), name(c.columns[1])
    high, low = extremes(found, least=0.0)
    return Words(
        f"{first(column)} gives {target} away: whether it is filled depends on it",
        f"{first(column)} is missing in {share(high['value'])} of rows with {target} "
        f"{name(high['label'])}, and in {share(low['value'])} with "
        f"{name(low['label'])}, over {rows(total(found))}. It seems to be filled after "
        "the outcome.",
        f"Leave {column} out of models of {target}, unless it is known beforehand.",
        value=high["value"],
        baseline=low["value"],
    )


plugin = Leakage()
