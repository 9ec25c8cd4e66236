"""The only room that opens a database connection."""

from __future__ import annotations

from dsp.engine.base import Engine
from dsp.engine.duckdb_engine import DuckEngine
from dsp.engine.store import Store
from dsp.engine.tables import StoredTable, engine_for

__all__ = ["DuckEngine", "Engine", "Store", "StoredTable", "engine_for"]
