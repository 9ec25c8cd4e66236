"""What each section of the page says, in words and marks."""

from __future__ import annotations

from dsp.dashboard.sections.explore import explore, filter_bar
from dsp.dashboard.sections.model import model
from dsp.dashboard.sections.quality import quality
from dsp.dashboard.sections.reproduce import reproduce
from dsp.dashboard.sections.summary import kpi_cards, summary

__all__ = [
    "explore",
    "filter_bar",
    "kpi_cards",
    "model",
    "quality",
    "reproduce",
    "summary",
]
