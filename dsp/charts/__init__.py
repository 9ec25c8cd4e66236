"""Charts as Vega-Lite specifications."""

from __future__ import annotations
