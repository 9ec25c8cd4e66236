"""Logistic regression by Newton's method, a pass over blocks of rows for each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dsp.inference.least_squares import Solution, Triangle, solve

MOST_STEPS = 50
PRECISION = 1e-11
"""Largest step, in log odds of a row, that ends the search."""
NO_GAIN = 1e-12
"""Gain in likelihood per row below which a large step means that there is no maximum."""
LARGE = 0.1
"""Size of such a step."""

Blocks = Callable[[], Iterable[tuple[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Where the likelihood is greatest.

    Attributes
    ----------
    beta
        Coefficients of the kept columns.
    inverse
        Inverse of the triangle of the weighted columns: the covariance is its product
        with its transpose.
    log_likelihood
        At the maximum.
    n_steps
        Passes over the data.
    is_separated
        Whether the columns tell the classes apart, so that there is no maximum.
    design
        The columns as they are, before any weights.
    """

    beta: Any
    inverse: Any
    log_likelihood: float
    n_steps: int
    is_separated: bool
    design: Solution


def maximize(blocks: Blocks, width: int, *, is_centred: bool) -> Likelihood:
    """Return the maximum of the likelihood of a 0/1 target.

    Each step solves the weighted least squares problem of Newton's method by
    `Triangle`. Steps that lower the likelihood are halved.

    Parameters
    ----------
    blocks
        Gives columns and target of all rows anew, block by block.
    width
        Columns.
    is_centred
        Whether the first column is constant.

    References
    ----------
    `statsmodels.api.Logit`; Albert and Anderson 1984, Biometrika 71, on separation.
    """
    import numpy as np

    # At zero all rows weigh the same: this is the design itself, and the first step.
    first, best = _step(blocks, np.zeros(width), list(range(width)))
    design = solve(first.r, is_centred=is_centred)
    kept = list(design.kept)
    beta, step, inverse = np.zeros(len(kept)), design.beta, design.inverse

    def found(n_steps: int, *, is_separated: bool) -> Likelihood:
        return Likelihood(beta, inverse, best, n_steps, is_separated, design)

    for n_steps in range(2, MOST_STEPS + 1):
        triangle, value = _step(blocks, beta + step, kept)
        gain = value - best
        if gain < -1e-12 * abs(best) and _size(step) > PRECISION:
            step = step / 2
            continue
        beta, best = beta + step, value
        solution = solve(triangle.r, is_centred=False)
        if len(solution.kept) < len(kept):
            # The rows of a column have lost all their weight.
            return found(n_steps, is_separated=True)
        inverse, step = solution.inverse, solution.beta
        if _size(step) < PRECISION * max(1.0, _size(beta)):
            break
        if gain < NO_GAIN * triangle.n_rows and _size(step) > LARGE:
            return found(n_steps, is_separated=True)
    return found(n_steps, is_separated=_size(step) > LARGE)


def log_likelihood_of_mean(hits: float, n: int) -> float:
    """Return the log likelihood of a constant share."""
    return math.fsum(
        count * math.log(count / n) for count in (hits, n - hits) if count > 0
    )


def _size(step: Any) -> float:
    import numpy as np

    return float(np.abs(step).max(initial=0.0))


def _step(blocks: Blocks, beta: Any, kept: list[int]) -> tuple[Triangle, float]:
    """Return the triangle of the weighted rows with their residuals, and the likelihood.

    Written in exponentials of minus the size of the log odds, which neither overflow nor
    cancel.
    """
    import numpy as np

    triangle = Triangle(len(kept) + 1)
    values: list[float] = []
    for x, y in blocks():
        columns = x[:, kept]
        odds = columns @ beta
        signed = np.where(y > 0, odds, -odds)
        values.append(float(-np.logaddexp(0.0, -signed).sum()))
        small = np.exp(-np.abs(odds) / 2)
        root = small / (1 + small * small)
        # (y - p) / sqrt(p (1 - p)): the odds against what happened, square rooted.
        surprise = np.exp(np.clip(-signed / 2, -300, 300))
        rest = np.where(y > 0, surprise, -surprise)
        triangle.add(np.column_stack([columns * root[:, None], rest]))
    return triangle, math.fsum(values)
