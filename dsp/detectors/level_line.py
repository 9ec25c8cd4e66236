"""A level on a scale, such as a rating of 1 to 5, that goes along a line with a measure.

That a measure differs between the levels is then said the way people ask: how many steps
of the scale go with one unit of the measure.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.relations import is_skewed, line_ends
from dsp.detectors.words import LIMIT, first, name, rows, total
from dsp.numbers import amount

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_LEVELS = 4
"""Three levels lie on a line too often by chance."""
LINEAR = 0.7
"""Part of the variance between levels that the line must explain."""


def along_levels(scene: Scene, c: Candidate | None) -> Candidate | None:
    """Return a candidate of group means, said as a line where the groups are a scale."""
    import numpy as np

    if c is None or not c.is_large or c.target in (None, scene.target):
        return c
    dimension, measure = c.columns
    group, m = scene.frame.dimensions.get(dimension), scene.frame.measures[measure]
    if group is None or m.event is not None or is_skewed(scene, measure):
        return c
    scale = _scale(group.labels, scene.columns[dimension].family)
    use = m.has & (group.code >= 0)
    if scale is None or dimension == scene.target:
        return c
    x, level = m.x[use], np.array(scale)[group.code[use]]
    dx, dy = x - x.mean(), level - level.mean()
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    if sxx <= 0 or syy <= 0 or sxy * sxy / (sxx * syy) < LINEAR * (c.effect or 0.0):
        return c
    slope, n = sxy / sxx, len(x)
    error = math.sqrt(max(0.0, syy - slope * sxy) / max(n - 2, 1) / sxx)
    low, high = np.percentile(x, [25, 75])
    step = 10.0 ** math.floor(math.log10(high - low)) if high > low else 1.0
    return replace(
        c,
        direction="up" if slope > 0 else "down",
        effect_name="slope",
        effect=slope,
        effect_low=slope - 1.96 * error,
        effect_high=slope + 1.96 * error,
        evidence_sql=evidence.relation(scene, measure, dimension, level=True),
        shape="relation",
        say=_say,
        facts={**c.facts, "step": step, "is_median": False},
    )


def _scale(labels: tuple[str, ...], family: str) -> list[float] | None:
    """Return the numbers that whole-numbered values of a column are, in their order."""
    if family != "integer" or len(labels) < MIN_LEVELS:
        return None
    return [float(label) for label in labels]


def _say(c: Candidate, found: Rows) -> Words:
    level, measure = c.columns
    verb = "falls" if (c.effect or 0.0) < 0 else "rises"
    title = f"{first(name(level))} {verb} with {name(measure)}"
    advice = f"Look into {name(measure)} where {name(level)} matters."
    slope: Any = found[0]["slope"] if found else None
    if slope is None or (slope < 0) != ((c.effect or 0.0) < 0):
        return Words(title, f"{title}. {LIMIT}", advice)
    step = float(c.facts["step"])
    unit = "unit" if step == 1 else amount(step)
    ends = line_ends(c, found, measure, amount)
    return Words(
        f"{first(name(level))} {verb} {amount(abs(slope * step))} per {unit} of "
        f"{name(measure)}",
        f"{title}{ends}, over {rows(total(found))}. {LIMIT}",
        advice,
        value=found[-1]["value"],
        baseline=found[0]["value"],
    )
