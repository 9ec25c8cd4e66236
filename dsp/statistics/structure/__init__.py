"""Structure of tables: keys, dependencies, inclusions, duplicates, missing values."""

from __future__ import annotations

from dsp.statistics.structure.base import EXHAUSTIVE, Limits
from dsp.statistics.structure.find import Inclusions, Structure, between, structure

__all__ = ["EXHAUSTIVE", "Inclusions", "Limits", "Structure", "between", "structure"]
