"""Structure of tables: keys, dependencies, inclusions, duplicates, missing values."""

from __future__ import annotations

from dsp.statistics.structure.base import EXHAUSTIVE, Limits
from dsp.statistics.structure.find import Structure, structure

__all__ = ["EXHAUSTIVE", "Limits", "Structure", "structure"]
