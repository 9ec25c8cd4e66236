"""Measures that move together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from dsp.detectors.base import Found, found
from dsp.detectors.relations import NEAR, line

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene


LEAST = 0.04
"""Correlation from which two measures, neither the target, are worth a line."""


class Correlation:
    """Two measures move together; pairs with the target are drivers."""

    name = "correlation"

    def detect(self, scene: Scene) -> Found:
        """Test the normal scores of every pair of measures."""
        names = [m for m in scene.frame.measures if m != scene.target]
        listed = []
        for a, b in combinations(names, 2):
            n, r = scene.gram.correlation(a, b)
            listed.append(line(scene, a, b, kind="correlation", r=r, n=n))
        near = [
            c
            for c in listed
            if (c.p_value or 0.0) < NEAR and abs(c.effect or 0.0) >= LEAST
        ]
        return found(near, len(listed))


plugin = Correlation()
