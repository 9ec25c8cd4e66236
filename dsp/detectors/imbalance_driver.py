"""A rate of a rare event that differs strongly between values or along a measure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.relations import say_one_value
from dsp.detectors.segment_outlier import is_rare, outstanding
from dsp.detectors.words import LIMIT, name, pair, row_of, rows
from dsp.numbers import amount, share

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene


class ImbalanceDriver:
    """The rate of a rare event differs strongly."""

    name = "imbalance_driver"

    def detect(self, scene: Scene) -> Found:
        """Test each value of each dimension against the rest."""
        target = scene.target
        if target is None or target not in scene.frame.measures:
            return Found()
        if not is_rare(scene, target):
            return Found()
        listed: list[Candidate] = []
        n_tests = 0
        for dimension in scene.frame.dimensions:
            if dimension == target:
                continue
            groups = scene.gram.groups(dimension, target)
            candidates, count = outstanding(
                scene, dimension, target, groups, kind="imbalance_driver"
            )
            listed += [_with_odds(scene, c) for c in candidates]
            n_tests += count
        return found(listed, n_tests)


def _with_odds(scene: Scene, c: Candidate) -> Candidate:
    """Return the candidate with its odds ratio and interval (Woolf, 0.5 added)."""
    dimension, target = c.columns
    group = scene.frame.dimensions[dimension]
    event = scene.frame.measures[target]
    inside = group.code == group.labels.index(str(c.segment_value))
    cells = []
    for part in (inside, ~inside & (group.code >= 0)):
        use = part & event.has
        won = float(event.x[use].sum())
        cells += [won + 0.5, float(use.sum()) - won + 0.5]
    odds = cells[0] * cells[3] / (cells[1] * cells[2])
    error = math.sqrt(sum(1 / cell for cell in cells))
    return replace(
        c,
        effect_name="odds_ratio",
        effect=odds,
        effect_low=odds * math.exp(-1.96 * error),
        effect_high=odds * math.exp(1.96 * error),
        say=_say,
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    dimension, target = c.columns
    row = row_of(found_rows, c.segment_value)
    value, rest = row.get("value"), row.get("baseline")
    if value is None or not rest:
        return say_one_value(c, found_rows)
    event = pair(target, c.facts["event"])
    label = name(c.segment_value)
    times = amount(value / rest)
    title = f"{event} is {times} times as frequent for {name(dimension)} {label}"
    return Words(
        title,
        f"{event} holds for {share(value)} of rows with {name(dimension)} {label}, "
        f"{times} times the {share(rest)} of all others, over {rows(int(row['n_rows']))} "
        f"of {label}. {LIMIT}",
        f"Look at {label} first when {name(target)} is to be prevented or won.",
        value=value,
        baseline=rest,
    )


plugin = ImbalanceDriver()
