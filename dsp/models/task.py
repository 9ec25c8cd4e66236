"""Decides what kind of prediction a target asks for, or says why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.numbers import counted

MIN_ROWS = 20
MIN_CLASS_ROWS = 5
MAX_CLASSES = 20

REGRESSION, BINARY, MULTICLASS = "regression", "binary", "multiclass"
ORDINAL, QUANTILE = "ordinal", "quantile"
METRICS = {
    REGRESSION: "r2",
    BINARY: "roc_auc",
    MULTICLASS: "roc_auc_ovr",
    ORDINAL: "r2",
    QUANTILE: "d2_pinball_score",
}
"""Metric that chooses the model, by task; larger is better for all of them."""

NUMERIC = (REGRESSION, ORDINAL, QUANTILE)
"""Tasks whose outputs are numbers; those of the others are probabilities."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to predict.

    Attributes
    ----------
    kind
        ``regression``, ``binary``, ``multiclass``, ``ordinal`` or ``quantile``; empty
        when nothing can be fitted.
    classes
        Labels in order, for classification and ordered classes.
    quantile
        The quantile to predict (0-1), for that task.
    reason
        Why nothing can be fitted.
    """

    kind: str
    classes: tuple[str, ...] = ()
    quantile: float = 0.5
    reason: str | None = None

    @property
    def metric(self) -> str:
        """Metric of choice."""
        return METRICS[self.kind]

    @property
    def is_number(self) -> bool:
        """Whether outputs are numbers, not probabilities."""
        return self.kind in NUMERIC


def decide(
    target: str,
    counts: Sequence[tuple[str, int]],
    *,
    n_rows: int,
    n_distinct: int,
    is_number: bool,
    is_level: bool = False,
    wanted: str | None = None,
    quantile: float = 0.5,
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
    is_level
        Whether numbers name something, as a class or a grade does.
    wanted
        Kind that was asked for; decided from the values when None.
    """
    if n_rows < MIN_ROWS:
        held = counted(n_rows, "value")
        return Task("", reason=f"{target} has {held}; a model needs {MIN_ROWS}")
    if n_distinct < 2:
        return Task("", reason=f"{target} has one value only, nothing to predict")
    if wanted in (REGRESSION, QUANTILE) and not is_number:
        return Task("", reason=f"{target} holds no numbers, as {wanted} needs")
    if wanted == BINARY and n_distinct != 2:
        return Task("", reason=f"{target} has {n_distinct:,} values, not two")
    if wanted == QUANTILE:
        return Task(QUANTILE, quantile=quantile)
    is_measure = is_number and n_distinct > 2 and not is_level
    if wanted == REGRESSION or (wanted is None and is_measure):
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
    classes = tuple(sorted((value for value, _ in counts), key=_order(is_number)))
    if wanted == ORDINAL:
        return Task(ORDINAL, classes=classes)
    return Task(BINARY if n_distinct == 2 else MULTICLASS, classes=classes)


def _order(is_number: bool) -> Callable[[str], Any]:  # noqa: FBT001 - a private shorthand
    return (lambda text: (float(text), text)) if is_number else str
