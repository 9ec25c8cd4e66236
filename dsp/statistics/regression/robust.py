"""Standard errors that hold when the spread of the residuals is not constant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsp.inference.least_squares import Solution
from dsp.statistics.regression.design import Design
from dsp.statistics.regression.transform import mapped, rows_of

KINDS = ("HC0", "HC1", "HC2", "HC3")


@dataclass(frozen=True, slots=True)
class Robust:
    """Standard errors by position of the term, and Wald's F of all slopes."""

    errors: Mapping[int, float | None]
    statistic: float | None
    reason: str | None = None


def robust_errors(design: Design, solution: Solution, kind: str) -> Robust:
    """Return heteroscedasticity-consistent standard errors, in a pass of their own.

    The rows are taken in the orthogonal coordinates of the triangle, where nothing is
    ill-conditioned.

    References
    ----------
    MacKinnon and White 1985; `statsmodels` ``fit(cov_type="HC3", use_t=True)``.
    """
    import numpy as np

    kept, inverse = list(solution.kept), solution.inverse
    p, n = len(kept), design.n_rows
    meat = np.zeros((p, p))
    for x, y in design.blocks():
        z = x[:, kept] @ inverse
        squares = (y - x[:, kept] @ solution.beta) ** 2
        if kind in ("HC2", "HC3"):
            rest = 1 - (z * z).sum(axis=1)
            if (rest < 1e-10).any():
                reason = f"{kind} is not defined: a row decides a coefficient by itself"
                return Robust(dict.fromkeys(kept), None, reason)
            squares /= rest if kind == "HC2" else rest * rest
        meat += (z * squares[:, None]).T @ z
    if kind == "HC1":
        meat *= n / (n - p)
    rows = {j: mapped(row, inverse) for j, row in rows_of(design, kept).items()}
    errors = {j: math.sqrt(max(0.0, float(v @ meat @ v))) for j, v in rows.items()}
    return Robust(errors, wald(design, solution.beta, inverse, meat))


def wald(design: Design, beta: Any, inverse: Any, meat: Any) -> float | None:
    """Return Wald's F of all terms but the intercept, or None where it is not defined."""
    import numpy as np

    first = int(design.has_intercept)
    slopes = np.asarray(beta[first:], dtype=float)
    if not len(slopes):
        return None
    part = inverse[first:]
    covariance = part @ meat @ part.T
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        return None
    try:
        scaled = np.linalg.solve(covariance / np.outer(scale, scale), slopes / scale)
    except np.linalg.LinAlgError:
        return None
    return float(slopes / scale @ scaled / len(slopes))
