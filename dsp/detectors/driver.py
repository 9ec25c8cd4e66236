"""Which columns move the target, and which dimensions move the other measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.gram import grouped
from dsp.detectors.level_line import along_levels
from dsp.detectors.relations import NEAR, line, means

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_ENTITY = 0.02
"""Share of the variance between entities from which they are worth naming."""


class Driver:
    """A column moves the target along a line or as group means.

    Group means of the other measures are tested as well; two measures without the target
    are a correlation.
    """

    name = "driver"

    def detect(self, scene: Scene) -> Found:
        """Test every measure against the target, every dimension against all measures."""
        frame, gram, target = scene.frame, scene.gram, scene.target
        listed: list[Candidate | None] = []
        if target is not None and target in frame.measures:
            for x in frame.measures:
                if x != target:
                    n, r = gram.correlation(x, target)
                    listed.append(line(scene, x, target, kind="driver", r=r, n=n))
        for dimension in frame.dimensions:
            listed += [
                along_levels(scene, means(scene, dimension, m, gram.groups(dimension, m)))
                for m in frame.measures
                if m != dimension
            ]
        for entity in frame.entities.values():
            for m in frame.measures.values():
                groups = grouped(entity.code, len(entity.labels), m.z, m.has)
                candidate = means(scene, entity.name, m.name, groups)
                if candidate is not None and (candidate.effect or 0) < MIN_ENTITY:
                    listed.append(None)
                else:
                    listed.append(candidate)
        # What does not move the target is worth a line in the report.
        near = [
            c
            for c in listed
            if c is not None and ((c.p_value or 0.0) < NEAR or c.target == target)
        ]
        return found(near, len(listed))


plugin = Driver()
