"""Decides what kind of prediction a target asks for, or says why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.numbers import counted

MIN_ROWS = 20
MIN_CLASS_ROWS = 5
MAX_CLASSES = 20

REGRESSION, BINARY, MULTICLASS = "regression", "binary", "multiclass"
METRICS = {REGRESSION: "r2", BINARY: "roc_auc", MULTICLASS: "balanced_accuracy"}
"""Metric that chooses the model, by task; larger is better for all of them."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to predict.

    Attributes
    ----------
    kind
        ``regression``, ``binary`` or ``multiclass``; empty when nothing can be fitted.
    classes
        Labels in order, for classification.
    reason
        Why nothing can be fitted.
    """

    kind: str
    classes: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def metric(self) -> str:
        """Metric of choice."""
        return METRICS[self.kind]


def decide(
    target: str,
    counts: Sequence[tuple[str, int]],
    *,
    n_rows: int,
    n_distinct: int,
    is_number: bool,
) -> Task:
    """Return the task of a target.

    Parameters
    ----------
    counts
        Values as text with their rows, most frequent first; at most `MAX_CLASSES` + 1.
    n_rows, n_distinct
        Rows with a value, and distinct values among them.
    is_number
        Whether the column is an integer, decimal or float.
    """
    if n_rows < MIN_ROWS:
        held = counted(n_rows, "value")
        return Task("", reason=f"{target} has {held}; a model needs {MIN_ROWS}")
    if n_distinct < 2:
        return Task("", reason=f"{target} has one value only, nothing to predict")
    if is_number and n_distinct > 2:
        return Task(REGRESSION)
    if n_distinct > MAX_CLASSES:
        return Task(
            "",
            reason=f"{target} has {n_distinct:,} classes, more than {MAX_CLASSES}",
        )
    rare = [f'"{value}" ({n})' for value, n in counts if n < MIN_CLASS_ROWS]
    if rare:
        return Task(
            "",
            reason=f"classes of {target} with fewer than {MIN_CLASS_ROWS} rows: "
            + ", ".join(rare[:3]),
        )
    classes = tuple(sorted(value for value, _ in counts))
    return Task(BINARY if n_distinct == 2 else MULTICLASS, classes=classes)
