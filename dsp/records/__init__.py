"""Frozen records that cross rooms: one record type is one result table."""

from __future__ import annotations

from dsp.records.data import (
    CheckResult,
    ColumnProfile,
    FailureRow,
    HistogramBin,
    Step,
    TopValue,
)
from dsp.records.details import (
    DatePart,
    DateProfile,
    TextPattern,
    TextProfile,
)
from dsp.records.findings import (
    Association,
    Dependency,
    ForecastPoint,
    Importance,
    Insight,
    ModelRow,
    ModelScore,
    Prediction,
    StructureSearch,
)
from dsp.records.inference import Coefficient, RegressionFit
from dsp.records.run import (
    Artifact,
    ChartRow,
    EventRow,
    Figure,
    Problem,
    RunRow,
    StageRow,
)

RECORDS: tuple[type, ...] = (
    RunRow,
    StageRow,
    EventRow,
    ColumnProfile,
    HistogramBin,
    TopValue,
    TextProfile,
    TextPattern,
    DateProfile,
    DatePart,
    Association,
    Dependency,
    StructureSearch,
    RegressionFit,
    Coefficient,
    CheckResult,
    FailureRow,
    Step,
    Insight,
    ModelRow,
    ModelScore,
    Importance,
    Prediction,
    ForecastPoint,
    ChartRow,
    Figure,
    Problem,
    Artifact,
)
"""Every record type, in the order the tables are listed."""

__all__ = [
    "RECORDS",
    "Artifact",
    "Association",
    "ChartRow",
    "CheckResult",
    "Coefficient",
    "ColumnProfile",
    "DatePart",
    "DateProfile",
    "Dependency",
    "EventRow",
    "FailureRow",
    "Figure",
    "ForecastPoint",
    "HistogramBin",
    "Importance",
    "Insight",
    "ModelRow",
    "ModelScore",
    "Prediction",
    "Problem",
    "RegressionFit",
    "RunRow",
    "StageRow",
    "Step",
    "StructureSearch",
    "TextPattern",
    "TextProfile",
    "TopValue",
]
