"""Suggestions: rules that data keeps, each tested on held-out blocks of rows."""

from __future__ import annotations

from dsp.checks.suggestions.document import document
from dsp.checks.suggestions.inference import suggest
from dsp.checks.suggestions.record import Suggestion

__all__ = ["Suggestion", "document", "suggest"]
