"""One value that carries half or more of a total."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.5
MIN_VALUES = 3


class Dominance:
    """One value carries a large share of a total."""

    name = "dominance"

    def detect(self, scene: Scene) -> Found:
        """Share out the total of the target, where a total makes sense."""
        number = next(iter(scene.numbers.values()), None)
        if number is None or number.event is not None:
            return Found()
        moments = scene.moments[number.name]
        low = scene.columns[number.name].min_number
        # A sum of things that hardly vary (temperatures, percentages) says nothing.
        if low is None or low < 0 or moments.mean > 2.5 * math.sqrt(moments.var):
            return Found()
        listed = [
            found
            for profile in scene.dimensions
            if profile.column_name != number.name
            for found in _share(scene, profile.column_name, number.name)
        ]
        return Found(candidates=tuple(listed))


def _share(scene: Scene, dimension: str, number: str) -> list[Candidate]:
    import numpy as np

    groups = scene.groups(dimension)
    n, mean, _ = groups.moments[number]
    total = n * np.where(n > 0, mean, 0.0)
    if (n > 0).sum() < MIN_VALUES or total.sum() <= 0:
        return []
    at = int(np.argmax(total))
    share = float(total[at] / total.sum())
    rows = float(n[at] / n.sum())
    if share < MIN_SHARE or rows > 0.95:
        return []
    label = groups.labels[at]
    return [
        Candidate(
            kind="dominance",
            columns=(dimension, number),
            target=number,
            segment_column=dimension,
            segment_value=label,
            direction="up",
            value=share,
            effect_name="share_of_total",
            effect=share,
            n_rows=int(n[at]),
            impact=share,
            evidence_sql=evidence.total_shares(scene, dimension, number),
            shape="share",
            facts={
                "form": "dominance",
                "row_share": rows,
                "n_values": int((n > 0).sum()),
            },
        )
    ]


plugin = Dominance()
