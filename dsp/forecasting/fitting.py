"""Least squares for many series at once: Levenberg and Marquardt, one step for all."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Floats, Residuals

STEP = 1e-6
DAMPING, EASE, RAISE, LIMIT = 1e-2, 0.2, 8.0, 1e7
REACH = 3.0
"""How far a parameter may move in one step."""


def least_squares(
    residuals: Residuals,
    start: Floats,
    *,
    rounds: int = 12,
    tolerance: float = 1e-6,
) -> tuple[Floats, Floats]:
    """Minimise the sum of squared residuals of every series by itself.

    Parameters
    ----------
    residuals
        Called with parameters [P, G, s] and the indices of s series; returns [T, G, s].
        Entries that are not finite make a trial fail.
    start
        Parameters [P, S], without bounds.
    rounds
        Calls of `residuals` at most.
    tolerance
        A series is done when a step improves it by less than this share.

    Returns
    -------
    parameters, cost
        Arrays [P, S] and [S]; the cost is infinite where every trial failed.

    References
    ----------
    Marquardt (1963), SIAM Journal on Applied Mathematics 11, 431-441; slopes are taken
    from differences, all of them in the call that judges a trial.
    """
    import numpy as np

    n_parameters, n_series = start.shape
    best, cost = start.copy(), np.full(n_series, np.inf)
    damping = np.full(n_series, DAMPING)
    curve = np.zeros((n_series, n_parameters, n_parameters))
    slope = np.zeros((n_series, n_parameters))
    trial, active = start.copy(), np.arange(n_series)
    steps = STEP * np.eye(n_parameters)[:, :, None]
    for left in range(rounds - 1, -1, -1):
        here = trial[:, active]
        points = np.concatenate(
            [here[:, None, :], here[:, None, :] + (steps if left else steps[:, :0])], 1
        )
        found = residuals(points, active)
        new = np.einsum("ts,ts->s", found[:, 0], found[:, 0])
        is_better = np.isfinite(new) & (new < cost[active])
        gain = np.where(
            np.isfinite(cost[active]), cost[active] - new, np.inf
        ) > tolerance * np.maximum(new, 1e-300)
        better = active[is_better]
        cost[better], best[:, better] = new[is_better], here[:, is_better]
        damping[active] *= np.where(is_better, EASE, RAISE)
        if not left:
            break
        if len(better):
            base = found[:, :1, is_better]
            slopes = (found[:, 1:, is_better] - base) / STEP
            _summarise(slopes, base[:, 0], better, (curve, slope))
        stays = np.where(is_better, gain, damping[active] < LIMIT)
        active = active[stays & np.isfinite(cost[active])]
        if len(active) == 0:
            break
        trial[:, active] = best[:, active] + _step(curve, slope, damping, active)
    return best, cost


def _summarise(slopes: Any, base: Any, rows: Any, sums: tuple[Any, Any]) -> None:
    """Keep the normal equations of some series."""
    import numpy as np

    slopes = np.nan_to_num(slopes, nan=0.0, posinf=0.0, neginf=0.0)
    left = np.ascontiguousarray(slopes.transpose(2, 1, 0))
    sums[0][rows] = left @ left.transpose(0, 2, 1)
    sums[1][rows] = (left @ base.T[:, :, None])[:, :, 0]


def _step(curve: Any, slope: Any, damping: Any, rows: Any) -> Any:
    import numpy as np

    matrix = curve[rows]
    diagonal = np.einsum("spp->sp", matrix)
    floor = 1e-9 * (1e-30 + diagonal.max(axis=1, keepdims=True))
    extra = damping[rows][:, None] * (diagonal + floor) + floor
    matrix = matrix + extra[:, :, None] * np.eye(matrix.shape[1])
    step = np.linalg.solve(matrix, -slope[rows][:, :, None])[:, :, 0]
    return np.clip(step, -REACH, REACH).T
