"""Least squares of a column on others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from dsp.inference.exact_least_squares import ExactSolution, is_small, solve_exactly
from dsp.inference.least_squares import Solution, Triangle, refined, solve
from dsp.inference.rational import as_float
from dsp.inference.tails import f_tail
from dsp.records import Coefficient, RegressionFit
from dsp.statistics.regression.design import BLOCK, Design
from dsp.statistics.regression.figures import Estimate, coefficients, finite
from dsp.statistics.regression.robust import Robust, robust_errors
from dsp.statistics.regression.transform import applied, mapped, offset_of, rows_of

NEAR = 1e3
"""Condition number from which larger problems are solved exactly."""
ILL = 1e5
"""Condition number from which coefficients are refined in extended precision."""
MOST_REFINED = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line: coefficients, their unscaled variances, and sums of squares.

    Attributes
    ----------
    values, variances
        By position of the term, in units of the columns; variances for a residual
        variance of 1.
    residual, total
        Sums of squares in units of the target.
    r_squared
        Share explained.
    """

    values: Mapping[int, float]
    variances: Mapping[int, float]
    residual: float
    total: float
    r_squared: float | None
    method: str
    digits: float | None
    n_steps: int


def fit_line(
    design: Design, *, robust: str | None, is_asked: bool = True
) -> tuple[RegressionFit, tuple[Coefficient, ...]]:
    """Return the least squares fit of a design and its coefficients.

    What nobody asked for is not worth the seconds of an exact solution.
    """
    triangle = Triangle(len(design.terms) + 1)
    for x, y in design.blocks():
        import numpy as np

        triangle.add(np.column_stack([x, y]))
    solution = solve(triangle.r, is_centred=design.has_intercept)
    kept, n = solution.kept, design.n_rows
    exact = _exact(design, solution, is_asked=is_asked)
    line = exact or _streamed(design, solution)
    df = n - len(kept)
    sigma2 = line.residual / df if df > 0 else None
    errors: dict[int, float | None] = dict.fromkeys(kept)
    wald = None
    reason = _reason(n, df, line)
    if sigma2 is not None and robust is None:
        errors = {j: math.sqrt(sigma2 * v) for j, v in line.variances.items()}
    elif sigma2 is not None and robust is not None:
        found = robust_errors(design, solution, robust)
        errors, wald = dict(found.errors), found.statistic
        reason = reason or found.reason
        line = replace(line, n_steps=line.n_steps + 1)
    estimates = {j: Estimate(line.values[j], errors[j]) for j in kept}
    inflation = dict(zip(kept, solution.inflation, strict=True))
    rows = coefficients(
        design,
        estimates,
        dropped=solution.dropped,
        inflation=inflation,
        df=df,
        reason=reason,
    )
    return _fit(design, solution, line, df, robust=robust, wald=wald, reason=reason), rows


def _reason(n: int, df: int, line: Line) -> str | None:
    if n == 0:
        return "no rows with all values"
    if df <= 0:
        return "as many terms as rows: no errors can be estimated"
    if not math.isfinite(line.residual):
        return "the residuals are beyond the range of a double"
    if line.residual == 0:
        return "the fit is perfect: no errors, tests or likelihood"
    return None


def _exact(design: Design, solution: Solution, *, is_asked: bool) -> Line | None:
    """Return the fit in rational arithmetic, where the problem is small."""
    kept = solution.kept
    has_powers = any(term.power > 1 for term in design.terms)
    is_ill = is_asked and (has_powers or (solution.condition or 1.0) > NEAR)
    if not kept or not is_small(design.n_rows, len(kept), is_ill=is_ill):
        return None
    rows = design.texts()
    y = [Fraction(row[0]) for row in rows]
    numbers = {
        name: [Fraction(row[1 + i]) for row in rows]
        for i, name in enumerate(design.numbers)
    }
    levels = {
        name: [row[1 + len(numbers) + i] for row in rows]
        for i, name in enumerate(design.levels)
    }
    columns: list[list[Fraction]] = []
    for term in (design.terms[j] for j in kept):
        if term.level is not None:
            is_there = (value == term.level for value in levels[term.column])
            columns.append([Fraction(int(is_it)) for is_it in is_there])
        elif term.power:
            columns.append([value**term.power for value in numbers[term.column]])
        else:
            columns.append([Fraction(1)] * len(y))
    exact = solve_exactly(columns, y, is_centred=design.has_intercept)
    return None if exact is None else _line_of(kept, exact)


def _line_of(kept: tuple[int, ...], exact: ExactSolution) -> Line:
    total, residual = exact.total, exact.residual
    return Line(
        values={j: as_float(b) for j, b in zip(kept, exact.beta, strict=True)},
        variances={j: as_float(v) for j, v in zip(kept, exact.inverse, strict=True)},
        residual=as_float(residual),
        total=as_float(total),
        r_squared=as_float(1 - residual / total) if total > 0 else None,
        method="exact rational arithmetic",
        digits=15.0,
        n_steps=2,
    )


def _streamed(design: Design, solution: Solution) -> Line:
    """Return the fit from the triangle, refined where the terms nearly depend."""
    beta, residual = solution.beta, solution.residual
    n_steps, method = 1, f"triangles of {BLOCK} rows merged"
    condition = solution.condition or 1.0
    if condition > ILL and math.isfinite(condition):
        method += ", refined"
        for _ in range(MOST_REFINED):
            beta, residual, change = refined(
                replace(solution, beta=beta), design.blocks()
            )
            n_steps += 1
            if change < 1e-13:
                break
    rows = rows_of(design, solution.kept)
    at = dict(zip(solution.kept, range(len(solution.kept)), strict=True))
    first = 0 if design.has_intercept else None
    unit = _unit(design)
    inverse = {j: mapped(row, solution.inverse) for j, row in rows.items()}
    total = solution.total
    return Line(
        values={
            j: applied(row, beta, offset_of(design) if at[j] == first else Fraction(0))
            for j, row in rows.items()
        },
        variances={j: float((v / unit) @ (v / unit)) for j, v in inverse.items()},
        residual=residual * unit * unit,
        total=total * unit * unit,
        r_squared=1 - residual / total if total > 0 else None,
        method=method,
        digits=max(0.0, min(15.0, 15.95 - math.log10(condition) - 1)),
        n_steps=n_steps,
    )


def _unit(design: Design) -> float:
    return math.ldexp(1.0, design.target.exponent) if design.target else 1.0


def _fit(
    design: Design,
    solution: Solution,
    line: Line,
    df: int,
    *,
    robust: str | None,
    wald: Robust | float | None,
    reason: str | None,
) -> RegressionFit:
    n, p = design.n_rows, len(solution.kept)
    q = p - design.has_intercept
    r2, residual = line.r_squared, line.residual
    figures: dict[str, Any] = {}
    if df > 0:
        figures["residual_sd"] = math.sqrt(residual / df)
        if r2 is not None:
            scale = (n - design.has_intercept) / df
            figures["adjusted_r_squared"] = 1 - scale * (1 - r2)
        f: Any = wald
        if robust is None and q and residual > 0 and r2 is not None:
            f = (line.total - residual) / q / (residual / df)
        if f is not None and math.isfinite(f):
            figures |= {"statistic": f, "p_value": f_tail(f, q, df)}
    if residual > 0 and n:
        likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(residual / n) + 1)
        figures |= {"log_likelihood": likelihood, "aic": 2 * p - 2 * likelihood}
        figures["bic"] = p * math.log(n) - 2 * likelihood
        if line.total > 0 and design.has_intercept:
            spread = math.log(2 * math.pi) + math.log(line.total / n) + 1
            figures["null_log_likelihood"] = -n / 2 * spread
    known: dict[str, Any] = {name: finite(figure) for name, figure in figures.items()}
    return RegressionFit(
        regression_id="regression_1",
        target=design.target.column.name if design.target else "",
        family="gaussian",
        terms=tuple(term.name for term in design.terms),
        has_intercept=design.has_intercept,
        covariance=robust or "classic",
        method=line.method,
        digits=line.digits,
        n_rows=n,
        n_left_out=design.n_left_out,
        n_steps=line.n_steps,
        df_model=q,
        df_residual=df,
        r_squared=r2,
        condition=finite(solution.condition),
        reason=reason,
        evidence_sql=design.evidence_sql,
        residual_ss=finite(residual) if n else None,
        **known,
    )
