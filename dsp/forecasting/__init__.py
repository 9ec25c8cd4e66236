"""Forecasts of many series: methods, rolling origins, a choice, intervals."""

from __future__ import annotations

from dsp.forecasting.engine import ForecastEngine

__all__ = ["ForecastEngine"]
