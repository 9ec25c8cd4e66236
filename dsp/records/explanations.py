"""Records of what a model does and where it is wrong.

The columns are described in ``sql/schema/<table>.sql``; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One row of `model_effects`: what the model says along a column."""

    TABLE: ClassVar = "model_effects"

    model_id: str
    feature: str
    method: str
    position: int
    label: str | None = None
    x: float | None = None
    level: str | None = None
    value: float
    low: float | None = None
    high: float | None = None
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One row of `model_interactions`: how far two columns act together."""

    TABLE: ClassVar = "model_interactions"

    model_id: str
    feature_a: str
    feature_b: str
    rank: int
    h: float
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSlice:
    """One row of `model_slices`: rows for which the model does worse."""

    TABLE: ClassVar = "model_slices"

    model_id: str
    rank: int
    columns: tuple[str, ...]
    description: str
    condition_sql: str
    n_rows: int
    share: float
    metric: str
    loss: float
    loss_rest: float
    difference: float
    low: float
    high: float
    p_value: float
    q_value: float
    n_tests: int
    is_significant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """One row of `calibration`: rows of like probability, and how often it came true."""

    TABLE: ClassVar = "calibration"

    model_id: str
    label: str
    bin: int
    n_rows: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One row of `thresholds`: what follows from a least probability of the event."""

    TABLE: ClassVar = "thresholds"

    model_id: str
    label: str
    threshold: float
    n_true_positive: int
    n_false_positive: int
    n_false_negative: int
    n_true_negative: int
    precision: float | None = None
    recall: float
    specificity: float
    f1: float
    balanced_accuracy: float
    mcc: float | None = None
    cost: float
    is_best_f1: bool
    is_best_cost: bool
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualCheck:
    """One row of `residual_checks`: what the errors of a regression look like."""

    TABLE: ClassVar = "residual_checks"

    model_id: str
    check_name: str
    value: float
    test: str | None = None
    statistic: float | None = None
    p_value: float | None = None
    n_rows: int
    verdict: str
