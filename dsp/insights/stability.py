"""Whether a finding holds in random halves of the rows."""

from __future__ import annotations

from typing import Any

from dsp.detectors.base import Candidate
from dsp.detectors.terms import fitted
from dsp.insights.bench import Bench

SPLITS = 5
MAX_ROWS = 200_000
ALPHA = 0.05
_SEED = 7


def halves(n: int) -> list[Any]:
    """Return masks of random halves of n rows, two a split, the same each time.

    Of more than 200,000 rows each half holds 100,000.

    Examples
    --------
    >>> [int(half.sum()) for half in halves(101)[:2]]
    [51, 50]
    """
    import numpy as np

    draw = np.random.default_rng(_SEED)
    masks = []
    size = min(n, MAX_ROWS)
    for _ in range(SPLITS):
        order = draw.permutation(n)[:size]
        for part in (order[: (size + 1) // 2], order[(size + 1) // 2 :]):
            mask = np.zeros(n, dtype=bool)
            mask[part] = True
            masks.append(mask)
    return masks


def stability(bench: Bench, candidate: Candidate, masks: list[Any]) -> float | None:
    """Return the share of halves in which a finding holds at p < 0.05, the same way.

    None where the finding is not one about rows.
    """
    made, response = bench.design(candidate), bench.response(candidate)
    if made is None or response is None:
        return None
    whole = fitted(made, response.y, response.use)
    holds = 0
    for mask in masks:
        test = bench.test(response, made, rows=mask)
        if test is None or test.p_value >= ALPHA:
            continue
        part = fitted(made, response.y, response.use & mask)
        holds += float(part @ whole) > 0
    return holds / len(masks)
