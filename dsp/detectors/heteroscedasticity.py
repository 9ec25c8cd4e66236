"""Values of a dimension in which a measure is spread more or less than in the others."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import shown, text
from dsp.detectors.gram import grouped
from dsp.detectors.relations import MIN_ROWS, NEAR, Apart, means
from dsp.detectors.terms import Term
from dsp.detectors.words import LIMIT, extremes, name, row_of, rows, total
from dsp.engine.duckdb_engine import literal, quote
from dsp.numbers import amount

if TYPE_CHECKING:
    from dsp.detectors.frame import Dimension, Measure
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.55
MIN_GAP = 0.04
FEW_VALUES = 50
ROUNDING = 1e-9
"""Variance of scores (of all rows: 1) below which the values of a group are one."""


class Heteroscedasticity:
    """Spread differs between groups."""

    name = "heteroscedasticity"

    def detect(self, scene: Scene) -> Found:
        """Compare distances from the group's own mean score (Levene's test)."""
        listed: list[Candidate] = []
        n_tests = 0
        for group in scene.frame.dimensions.values():
            for m in scene.frame.measures.values():
                if m.event is not None or m.name == group.name:
                    continue
                candidates, count = _pair(scene, group, m)
                listed += candidates
                n_tests += count
        near = [c for c in listed if (c.p_value or 0.0) < NEAR]
        return found(near, n_tests)


def _pair(scene: Scene, group: Dimension, m: Measure) -> tuple[list[Candidate], int]:
    import numpy as np

    k = len(group.labels)
    centre = scene.gram.groups(group.name, m.name).mean
    away = np.abs(m.z - centre[np.maximum(group.code, 0)])
    spread = grouped(group.code, k, away, m.has)
    big = np.flatnonzero(spread.n >= MIN_ROWS)
    own = scene.gram.groups(group.name, m.name).var[big]
    if len(own) and not (own > ROUNDING).all():
        # A value decides the measure: that is no matter of spread.
        return [], 1
    whole = means(scene, group.name, m.name, spread, kind="heteroscedasticity")
    if whole is None or len(big) < 2:
        return [], 0
    n_tests = 1 + len(big)
    if (whole.p_value or 0.0) >= NEAR:
        return [], n_tests
    listed = []
    for place in big.tolist():
        apart = Apart(spread, place)
        alone = apart.share >= MIN_SHARE and len(big) > 2
        if apart.p_value < NEAR and alone:
            label = group.labels[place]
            ratio = _ratio(scene, group.name, m.name, place)
            made = _candidate(scene, whole, apart=apart, label=label, ratio=ratio)
            usual = {
                "goes_with_level": goes_with_level(m, group.code == place, group.code)
            }
            listed.append(replace(made, facts={**made.facts, "goes_with_level": usual}))
    return listed or [_candidate(scene, whole)], n_tests


def goes_with_level(m: Measure, inside: Any, code: Any) -> bool:
    """Tell whether a value varies as its level makes expected: large things vary more.

    Of counts the standard deviation goes with the root of the mean, of amounts with the
    mean: a spread that moves no more than the mean, the same way, says nothing new.
    """
    import numpy as np

    own, rest = m.x[m.has & inside], m.x[m.has & ~inside & (code >= 0)]
    if len(own) < 2 or len(rest) < 2 or min(own.min(), rest.min()) < 0:
        return False
    means, spreads = (own.mean(), rest.mean()), (own.std(), rest.std())
    if min(*means, *spreads) <= 0:
        return False
    level = math.log(means[0] / means[1])
    spread = math.log(spreads[0] / spreads[1])
    return bool(np.sign(level) == np.sign(spread) and abs(spread) <= 1.5 * abs(level))


def _ratio(scene: Scene, dimension: str, measure: str, place: int) -> float:
    """Return the spread of scores of one value over that of all others."""
    import numpy as np

    n, _, var = scene.gram.groups(dimension, measure)
    others = np.arange(len(n)) != place
    rest = float(((n - 1).clip(0) * var)[others].sum())
    rest /= max(float((n - 1).clip(0)[others].sum()), 1.0)
    return float((var[place] / rest) ** 0.5) if rest > 0 else 1.0


def _candidate(
    scene: Scene,
    whole: Candidate,
    *,
    apart: Apart | None = None,
    label: str | None = None,
    ratio: float | None = None,
) -> Candidate:
    dimension, measure = whole.columns
    value = label
    term = Term(form="groups", columns=(dimension,))
    if value is not None:
        term = Term(form="level", columns=(dimension,), value=value)
    effect: Any = whole.effect if ratio is None else ratio
    return Candidate(
        kind="heteroscedasticity",
        columns=(dimension, measure),
        target=measure,
        segment_column=dimension if value is not None else None,
        segment_value=value,
        direction=None if apart is None else ("up" if apart.effect > 0 else "down"),
        effect_name="omega_squared" if ratio is None else "sd_ratio",
        effect=effect,
        n_rows=whole.n_rows if apart is None else int(apart.n),
        impact=whole.impact if apart is None else apart.n / (apart.n + apart.rest),
        test="Levene's test of normal scores",
        statistic=whole.statistic if apart is None else apart.statistic,
        p_value=whole.p_value if apart is None else apart.p_value,
        is_large=True if apart is None else abs(apart.effect) >= MIN_GAP,
        evidence_sql=_spread_bars(scene, dimension, measure, value),
        shape="bars",
        response=measure,
        aspect="spread",
        term=term,
        say=_say_groups if value is None else _say_one,
        facts={"stepped": is_stepped(scene, measure)},
    )


def _spread_bars(scene: Scene, dimension: str, measure: str, label: str | None) -> str:
    """Width of the middle half of a measure per value: label, value, n_rows."""
    value = shown(scene, measure)
    width = f"cast(quantile_cont({value}, 0.75) - quantile_cont({value}, 0.25) as double)"
    if is_stepped(scene, measure):
        width = f"stddev_samp({value})"
    baseline = ""
    if label is not None:
        baseline = (
            f",\n    (\n        select {width}\n        from {scene.source}\n"
            f"        where {text(dimension)} <> {literal(label)}\n    ) as baseline"
        )
    return (
        f"select {text(dimension)} as label,\n    {width} as value,\n"
        f"    count({value}) as n_rows{baseline}\nfrom {scene.source}\n"
        f"where {quote(dimension)} is not null\ngroup by 1\n"
        f"having count({value}) > 0\norder by 2 desc, 1"
    )


def is_stepped(scene: Scene, measure: str) -> bool:
    """Tell whether quartiles of a measure fall on a few steps."""
    return scene.columns[measure].n_distinct < FEW_VALUES


def _spans(c: Candidate) -> str:
    return "standard deviation is" if c.facts["stepped"] else "middle half spans"


def _say_one(c: Candidate, found_rows: Rows) -> Words:
    dimension, measure = c.columns
    row = row_of(found_rows, c.segment_value)
    value, rest = row.get("value"), row.get("baseline")
    label = name(c.segment_value)
    how = "more" if c.direction == "up" else "less"
    title = f"{name(measure)} varies {how} for {name(dimension)} {label} than elsewhere"
    if value is None or rest is None:
        return Words(title, f"{title}. {LIMIT}", f"Look at the rows of {label}.")
    return Words(
        title,
        f"{title}: its {_spans(c)} {amount(value)} there and "
        f"{amount(rest)} among all others, over {rows(int(row['n_rows']))} of {label}. "
        f"{LIMIT}",
        f"Plan with ranges, not averages, for {label}; find out what makes it "
        f"{'unsteady' if how == 'more' else 'steady'}.",
        value=value,
        baseline=rest,
    )


def _say_groups(c: Candidate, found_rows: Rows) -> Words:
    dimension, measure = c.columns
    high, low = extremes(found_rows)
    title = f"The spread of {name(measure)} differs by {name(dimension)}"
    return Words(
        title,
        f"{title}: its {_spans(c)} {amount(high['value'])} for "
        f"{name(high['label'])} and {amount(low['value'])} for {name(low['label'])}, "
        f"over {rows(total(found_rows))}. {LIMIT}",
        f"Plan with a range of its own for each {name(dimension)}.",
        value=high["value"],
        baseline=low["value"],
    )


plugin = Heteroscedasticity()
