"""Comparisons of groups of rows, from moments, counts and rank sums taken in SQL."""

from __future__ import annotations

from dsp.statistics.groups.asked import compare_groups
from dsp.statistics.groups.results import Comparison, Comparisons
from dsp.statistics.groups.target import compare_target

__all__ = ["Comparison", "Comparisons", "compare_groups", "compare_target"]
