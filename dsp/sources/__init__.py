"""Reads sources into the engine: one file a format, found from its content."""

from __future__ import annotations

from dsp.sources.base import Loaded, Located
from dsp.sources.reader import DataReader

__all__ = ["DataReader", "Loaded", "Located"]
