"""The only room that opens a database connection."""

from __future__ import annotations

from dsp.engine.base import Engine
from dsp.engine.duckdb_engine import DuckEngine, engine_for
from dsp.engine.store import Store

__all__ = ["DuckEngine", "Engine", "Store", "engine_for"]
