"""Logistic regression of a target of two values on other columns."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.logistic import Likelihood, log_likelihood_of_mean, maximize
from dsp.inference.tails import chi_square_tail
from dsp.records import Coefficient, RegressionFit
from dsp.statistics.regression.design import BLOCK, Design
from dsp.statistics.regression.figures import Estimate, coefficients, finite
from dsp.statistics.regression.robust import wald
from dsp.statistics.regression.transform import applied, mapped, rows_of

KINDS = ("HC0", "HC1")


def fit_odds(
    design: Design, y: str, *, robust: str | None
) -> tuple[RegressionFit, tuple[Coefficient, ...]]:
    """Return the fit of greatest likelihood and its coefficients, in log odds."""
    found = maximize(design.blocks, len(design.terms), is_centred=design.has_intercept)
    kept, n = list(found.design.kept), design.n_rows
    p = len(kept)
    hits = sum(float(target.sum()) for _, target in design.blocks())
    reason = None
    if found.is_separated:
        reason = (
            "separation: the terms tell the two values apart, so that the likelihood "
            "has no maximum"
        )
    elif n <= p:
        reason = "as many terms as rows: no errors can be estimated"
    meat, n_steps = None, found.n_steps + 1
    if robust is not None and reason is None:
        meat, n_steps = _meat(design, found, robust), n_steps + 1
    rows = rows_of(design, kept)
    estimates: dict[int, Estimate] = {}
    for j in kept:
        if found.is_separated:
            estimates[j] = Estimate(None, None)
            continue
        vector = mapped(rows[j], found.inverse)
        variance = vector @ vector if meat is None else vector @ meat @ vector
        error = math.sqrt(max(0.0, float(variance))) if reason is None else None
        estimates[j] = Estimate(applied(rows[j], found.beta), error)
    listed = coefficients(
        design,
        estimates,
        dropped=found.design.dropped,
        inflation=dict(zip(kept, found.design.inflation, strict=True)),
        df=None,
        reason=reason,
    )
    condition = found.design.condition
    fit = RegressionFit(
        regression_id="regression_1",
        target=y,
        event=design.event[0] if design.event else None,
        family="binomial",
        terms=tuple(term.name for term in design.terms),
        has_intercept=design.has_intercept,
        covariance=robust or "classic",
        method=f"Newton's method on triangles of {BLOCK} rows",
        digits=max(0.0, min(15.0, 14.95 - math.log10(condition or 1.0))),
        n_rows=n,
        n_left_out=design.n_left_out,
        n_steps=n_steps,
        df_model=p - design.has_intercept,
        df_residual=n - p,
        condition=finite(condition),
        reason=reason,
        evidence_sql=design.evidence_sql,
        **_figures(design, found, hits, meat),
    )
    return fit, listed


def _figures(
    design: Design, found: Likelihood, hits: float, meat: Any
) -> dict[str, float | None]:
    if found.is_separated:
        return {}
    n, p, best = design.n_rows, len(found.design.kept), found.log_likelihood
    q = p - design.has_intercept
    null = log_likelihood_of_mean(hits, n)
    figures: dict[str, float | None] = {
        "log_likelihood": best,
        "null_log_likelihood": null,
        "aic": 2 * p - 2 * best,
        "bic": p * math.log(n) - 2 * best,
    }
    if null < 0 and design.has_intercept:
        figures["r_squared"] = 1 - best / null
        figures["adjusted_r_squared"] = 1 - (best - q) / null
        ratio: float | None = 2 * (best - null)
        if meat is not None:
            f = wald(design, found.beta, found.inverse, meat)
            ratio = None if f is None else f * q
        if q and ratio is not None:
            ratio = max(0.0, ratio)
            figures |= {"statistic": ratio, "p_value": chi_square_tail(ratio, q)}
    return figures


def _meat(design: Design, found: Likelihood, kind: str) -> Any:
    """Return the products of the rows' scores, in the coordinates of the triangle."""
    import numpy as np
    from scipy.special import expit

    kept = list(found.design.kept)
    p, n = len(kept), design.n_rows
    meat = np.zeros((p, p))
    for x, y in design.blocks():
        columns = x[:, kept]
        rest = y - expit(columns @ found.beta)
        z = columns @ found.inverse
        meat += (z * (rest * rest)[:, None]).T @ z
    return meat * (n / (n - p)) if kind == "HC1" else meat
