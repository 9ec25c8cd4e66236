"""Decides which findings may be said."""

from __future__ import annotations

from dsp.insights.evidence import COLUMNS
from dsp.insights.generator import InsightGenerator

__all__ = ["COLUMNS", "InsightGenerator"]
