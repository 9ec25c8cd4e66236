"""One value of a dimension whose level is far from all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.gram import grouped
from dsp.detectors.relations import MIN_ROWS, NEAR, Apart, one_value

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.55
"""Part of the variance between values that the one value must make."""
MOST_ENTITIES = 3
RARE = 0.15
"""Share of an event up to which its rates are those of a rare event."""


class SegmentOutlier:
    """One category value is far from the others."""

    name = "segment_outlier"

    def detect(self, scene: Scene) -> Found:
        """Test each value against the rest, for every measure."""
        listed: list[Candidate] = []
        n_tests = 0
        frame = scene.frame
        for dimension, group in frame.groupings().items():
            is_entity = dimension in frame.entities
            for m in frame.measures.values():
                if m.name == dimension or is_rare(scene, m.name):
                    continue
                if is_entity:
                    groups = grouped(group.code, len(group.labels), m.z, m.has)
                else:
                    groups = scene.gram.groups(dimension, m.name)
                candidates, count = outstanding(
                    scene, dimension, m.name, groups, is_entity=is_entity
                )
                listed += candidates
                n_tests += count
        return found(listed, n_tests)


def is_rare(scene: Scene, measure: str) -> bool:
    """Tell whether a measure is a rare event, which has words of its own."""
    m = scene.frame.measures[measure]
    if m.event is None:
        return False
    return float(m.x[m.has].mean()) < RARE


def outstanding(
    scene: Scene,
    dimension: str,
    measure: str,
    groups: Any,
    *,
    is_entity: bool = False,
    kind: str = "segment_outlier",
) -> tuple[list[Candidate], int]:
    """Return values that stand out, and how many were tested.

    Among few values one has to make most of the variance between them; entities, of
    which there are many, have to be far out by themselves.
    """
    import numpy as np

    big = np.flatnonzero(groups.n >= MIN_ROWS)
    if len(big) < 2:
        return [], 0
    rough = np.abs(groups.mean[big]) * np.sqrt(groups.n[big])
    tried = big[np.argsort(-rough, kind="stable")][: 8 if is_entity else len(big)]
    labels = scene.frame.groupings()[dimension].labels
    listed = []
    for place in tried.tolist():
        apart = Apart(groups, place)
        # Of two values both stand out, or rather they differ.
        alone = apart.share >= MIN_SHARE and len(big) > 2
        if apart.p_value < NEAR and (alone or is_entity):
            listed.append(
                one_value(scene, dimension, measure, labels[place], apart, kind=kind)
            )
    return listed[: MOST_ENTITIES if is_entity else None], len(big)


plugin = SegmentOutlier()
