"""dsp: from a file to checked data, findings, models and a dashboard, all in SQL."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsp.charts import ChartBuilder
    from dsp.checks import DataValidator, Rules, check, rule
    from dsp.dashboard import Board, DashboardGenerator
    from dsp.detectors import PatternDetector
    from dsp.events import PipelineProgress, PipelineStage, PipelineStatus
    from dsp.insights import InsightGenerator
    from dsp.models import AutoMLEngine
    from dsp.pipeline import (
        AnalyticsPipeline,
        analyze,
        compare,
        find_insights,
        forecast,
        predict,
        profile,
        validate,
    )
    from dsp.result import Run, open_run
    from dsp.settings import PipelineConfig
    from dsp.sources import DataReader
    from dsp.statistics import StatisticsEngine
    from dsp.transforms import DataTransformer

__version__ = "0.1.0"

_HOMES = {
    "AnalyticsPipeline": "dsp.pipeline",
    "AutoMLEngine": "dsp.models",
    "Board": "dsp.dashboard",
    "ChartBuilder": "dsp.charts",
    "DashboardGenerator": "dsp.dashboard",
    "DataReader": "dsp.sources",
    "DataTransformer": "dsp.transforms",
    "DataValidator": "dsp.checks",
    "InsightGenerator": "dsp.insights",
    "PatternDetector": "dsp.detectors",
    "PipelineConfig": "dsp.settings",
    "PipelineProgress": "dsp.events",
    "PipelineStage": "dsp.events",
    "PipelineStatus": "dsp.events",
    "Rules": "dsp.checks",
    "Run": "dsp.result",
    "StatisticsEngine": "dsp.statistics",
    "analyze": "dsp.pipeline",
    "check": "dsp.checks",
    "compare": "dsp.pipeline",
    "find_insights": "dsp.pipeline",
    "forecast": "dsp.pipeline",
    "open_run": "dsp.result",
    "predict": "dsp.pipeline",
    "profile": "dsp.pipeline",
    "rule": "dsp.checks",
    "validate": "dsp.pipeline",
}

__all__ = [
    "AnalyticsPipeline",
    "AutoMLEngine",
    "Board",
    "ChartBuilder",
    "DashboardGenerator",
    "DataReader",
    "DataTransformer",
    "DataValidator",
    "InsightGenerator",
    "PatternDetector",
    "PipelineConfig",
    "PipelineProgress",
    "PipelineStage",
    "PipelineStatus",
    "Rules",
    "Run",
    "StatisticsEngine",
    "analyze",
    "check",
    "compare",
    "find_insights",
    "forecast",
    "open_run",
    "predict",
    "profile",
    "rule",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dsp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names for completion."""
    return [*__all__, "__version__"]
