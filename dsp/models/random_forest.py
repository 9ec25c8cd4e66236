"""Random forests."""

from __future__ import annotations

from dsp.models.forest import ForestCandidate

plugin = ForestCandidate("random_forest", "Random forest", 5)
