"""Models and their honest evaluation."""

from __future__ import annotations

from dsp.models.engine import AutoMLEngine, Wish
from dsp.models.outcome import Fitted

__all__ = ["AutoMLEngine", "Fitted", "Wish"]
