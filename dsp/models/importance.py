"""How much a model loses when a column is shuffled."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dsp.models.blend import Blend
from dsp.models.coding import Column
from dsp.models.trials import Work

N_REPEATS = 5
MIN_REPEATS = 2
MAX_ROWS = 2_000


def importances(
    work: Work, blend: Blend, columns: Sequence[Column], *, stop_at: float
) -> list[list[float]]:
    """Return the loss of the metric when a column is shuffled, by column and repeat.

    Shuffles up to 2,000 hold-out rows; all positions of a column together. No third or
    later repeat starts after `stop_at`.

    References
    ----------
    Fisher, Rudin, Dominici: All models are wrong, but many are useful. JMLR 20 (2019).
    """
    import numpy as np

    rng = np.random.default_rng(work.seed)
    rows = work.split.test
    if len(rows) > MAX_ROWS:
        rows = np.sort(rng.choice(rows, MAX_ROWS, replace=False))
    X, y = work.coded.X[rows], work.y[rows]
    whole = work.score(y, blend.output(X))
    # Drawn at once, so that a repeat is the same whether others follow it or not.
    orders = [[rng.permutation(len(X)) for _ in range(N_REPEATS)] for _ in columns]
    losses: list[list[float]] = [[] for _ in columns]
    for repeat in range(N_REPEATS):
        for i, column in enumerate(columns):
            if repeat >= MIN_REPEATS and time.monotonic() > stop_at:
                return losses
            if not column.positions:
                continue
            shuffled = X.copy(order="F")
            for p in column.positions:
                shuffled[:, p] = X[orders[i][repeat], p]
            value = work.score(y, blend.output(shuffled))
            if whole is not None and value is not None:
                losses[i].append(whole - value)
    return losses
