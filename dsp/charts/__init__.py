"""Charts as Vega-Lite specifications."""

from __future__ import annotations

from dsp.charts.builder import ChartBuilder

__all__ = ["ChartBuilder"]
