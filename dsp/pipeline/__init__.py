"""The stage runner: seven stages, each one transaction, resumable and cancellable."""

from __future__ import annotations

from dsp.pipeline.comparison import compare
from dsp.pipeline.finding import find_insights
from dsp.pipeline.forecasting import forecast
from dsp.pipeline.predicting import predict
from dsp.pipeline.profiling import profile
from dsp.pipeline.runner import AnalyticsPipeline, analyze
from dsp.pipeline.validation import validate

__all__ = [
    "AnalyticsPipeline",
    "analyze",
    "compare",
    "find_insights",
    "forecast",
    "predict",
    "profile",
    "validate",
]
