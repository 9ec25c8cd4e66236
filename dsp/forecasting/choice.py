"""Which method each series gets: its own record, drawn to that of all series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.forecasting.backtest import Backtest, mean_of
from dsp.forecasting.base import Floats

PRIOR = 6.0
"""Horizons' worth of errors that the record of all series counts for."""
MARGIN = 0.03
"""How much better than the combination (in logarithms) a method must be to replace it."""
DOUBT = 0.05
"""What a method is thought to be worse than the combination where nothing is known."""
FEW = 10
"""Series from which their common record counts in full."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The method of every series, and the errors it was chosen by.

    Attributes
    ----------
    names
        Methods by series; empty where no method has an answer.
    mase
        Mean scaled errors [method, series] of `methods`; NaN where unknown.
    """

    names: tuple[str, ...]
    methods: tuple[str, ...]
    mase: Floats

    def error_of(self, name: str, series: int) -> float | None:
        """Return the mean scaled error of a method in one series."""
        if name not in self.methods:
            return None
        value = float(self.mase[self.methods.index(name), series])
        return value if value == value else None  # noqa: PLR0124 - NaN is unknown


def choose(test: Backtest, order: Sequence[str], *, favourite: str) -> Choice:
    """Choose a method for every series.

    Each method's error beside the favourite's is a logarithm of a ratio, drawn to the
    median over all series: with few origins the record of one series says little, and
    the lowest of many errors is too low by chance.

    Parameters
    ----------
    order
        Methods, simplest first; equal ones are decided by it.
    favourite
        The method that is taken unless another one is better by a margin.
    """
    import numpy as np

    methods = tuple(name for name in order if name in test.past)
    n_series = test.actual.shape[2]
    mase = np.stack([mean_of(test.mase(name), axis=0) for name in methods])
    lead = favourite if favourite in methods else methods[-1]
    base = mase[methods.index(lead)]
    with np.errstate(all="ignore"):
        ratio = np.log(np.maximum(mase, 1e-6) / np.maximum(base, 1e-6))
    known = np.isfinite(ratio)
    common = np.array([_median(r[k]) for r, k in zip(ratio, known, strict=True)])
    share = known.sum(axis=1) / (known.sum(axis=1) + FEW)
    prior = share * common + (1 - share) * DOUBT
    n = np.isfinite(test.actual).sum(axis=(0, 1)) / max(test.actual.shape[1], 1)
    # Origins overlap: windows beyond the span of the test say nothing new.
    span = max(test.backs, default=0) / max(test.actual.shape[1], 1)
    n = np.minimum(n, max(span, 1e-9))
    score = (n * np.where(known, ratio, 0.0) + PRIOR * prior[:, None]) / (n + PRIOR)
    score = np.where(known, score, prior[:, None] + DOUBT)
    score[methods.index(lead)] = -MARGIN
    able = np.stack([np.isfinite(test.ahead[m]).all(axis=0) for m in methods])
    score = np.where(able, score, np.inf)
    best = np.argmin(score, axis=0)
    names = tuple(methods[best[s]] if able[:, s].any() else "" for s in range(n_series))
    return Choice(names, methods, mase)


def _median(values: Any) -> float:
    import numpy as np

    return float(np.median(values)) if len(values) else 0.0
