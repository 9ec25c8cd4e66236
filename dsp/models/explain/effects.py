"""What a model says along a column: partial dependence and accumulated local effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dsp.models.coding import Column

Output = Callable[[Any], Any]
N_POINTS = 20
MAX_LEVELS = 12
N_ROWS = 400
MISSING = "(missing)"
Z = 1.959963984540054


def grid_of(column: Column, X: Any) -> list[tuple[float | None, str | None, float]]:
    """Return the points of a column: number, level, and the value to put in.

    Quantiles of numbers; the most frequent levels of categories, and missing ones.
    """
    import numpy as np

    x = X[:, column.positions[0]]
    if column.kind != "category":
        known = x[np.isfinite(x)]
        if len(known) == 0:
            return []
        points = _seen(known, np.linspace(0.01, 0.99, N_POINTS))
        return [(float(p), None, float(p)) for p in points]
    codes = [float(c) for c in range(min(len(column.levels), MAX_LEVELS))]
    found: list[tuple[float | None, str | None, float]] = [
        (None, column.levels[int(code)], code) for code in codes if (x == code).any()
    ]
    if np.isnan(x).any():
        found.append((None, MISSING, float("nan")))
    return found


def partial_dependence(
    output: Output, X: Any, column: Column, *, seed: int
) -> list[dict[str, Any]]:
    """Return the mean output with a column set to one value after another.

    Parameters
    ----------
    output
        Numbers [n] or probabilities [n, classes] of coded rows.
    X
        Coded rows; 400 of them are drawn.

    Returns
    -------
    list
        A point for every value and output: ``position``, ``output`` (its place), ``x`` or
        ``level``, ``value``, ``low`` and ``high`` (95 % of the mean), ``n_rows``.

    References
    ----------
    Friedman: Greedy function approximation. Annals of Statistics 29 (2001);
    `sklearn.inspection.partial_dependence` with ``method="brute"``.
    """
    import numpy as np

    rows = _some(X, seed)
    grid = grid_of(column, X)
    found: list[dict[str, Any]] = []
    for position, (x, level, value) in enumerate(grid, start=1):
        changed = rows.copy(order="F")
        changed[:, column.positions[0]] = value
        answer = output(changed)
        answer = answer[:, None] if answer.ndim == 1 else answer
        mean = answer.mean(axis=0)
        error = Z * answer.std(axis=0) / np.sqrt(len(rows))
        found += [
            {
                "position": position,
                "output": k,
                "x": x,
                "level": level,
                "value": float(mean[k]),
                "low": float(mean[k] - error[k]),
                "high": float(mean[k] + error[k]),
                "n_rows": len(rows),
            }
            for k in range(answer.shape[1])
        ]
    return found


def accumulated_effects(
    output: Output, X: Any, column: Column, *, seed: int
) -> list[dict[str, Any]]:
    """Return how the output changes along a number, from neighbours to neighbours.

    Where columns go together, partial dependence asks of rows that cannot be; these
    effects ask only of small steps from rows that are. Their mean over the rows is zero.

    References
    ----------
    Apley, Zhu: Visualizing the effects of predictor variables in black box supervised
    learning models. JRSS B 82 (2020).
    """
    import numpy as np

    place = column.positions[0]
    rows = _some(X[np.isfinite(X[:, place])], seed)
    if len(rows) < 2:
        return []
    x = rows[:, place]
    edges = _seen(x, np.linspace(0, 1, N_POINTS + 1))
    if len(edges) < 3:
        return []
    inside = np.clip(np.searchsorted(edges, x, side="left") - 1, 0, len(edges) - 2)
    low, high = rows.copy(order="F"), rows.copy(order="F")
    low[:, place], high[:, place] = edges[inside], edges[inside + 1]
    steps = output(high) - output(low)
    steps = steps[:, None] if steps.ndim == 1 else steps
    counts = np.bincount(inside, minlength=len(edges) - 1)
    found: list[dict[str, Any]] = []
    for k in range(steps.shape[1]):
        sums = np.bincount(inside, weights=steps[:, k], minlength=len(edges) - 1)
        path = np.concatenate([[0.0], np.cumsum(sums / np.maximum(counts, 1))])
        middle = (path[1:] + path[:-1]) / 2
        path = path - float((middle * counts).sum() / counts.sum())
        for position, (edge, value) in enumerate(zip(edges, path, strict=True), start=1):
            found.append(
                {
                    "position": position,
                    "output": k,
                    "x": float(edge),
                    "level": None,
                    "value": float(value),
                    "low": None,
                    "high": None,
                    "n_rows": len(rows),
                }
            )
    return found


def interactions(
    output: Output, X: Any, columns: Sequence[Column], *, seed: int, n: int = 40
) -> list[tuple[str, str, float]]:
    """Return how far pairs of columns act together: H, from 0 (not at all) to 1.

    Of classes the outputs of all are looked at together. Costs n² predictions a pair.

    References
    ----------
    Friedman, Popescu: Predictive learning via rule ensembles. Annals of Applied
    Statistics 2 (2008), eq. 44.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    rows = X[np.sort(rng.choice(len(X), min(n, len(X)), replace=False))]

    def mean_at(places: Sequence[int]) -> Any:
        """Return the mean output at the rows' own values of some positions."""
        m = len(rows)
        many = np.repeat(rows[None, :, :], m, axis=0)
        for place in places:
            many[:, :, place] = rows[:, None, place]
        answer = output(np.asfortranarray(many.reshape(m * m, -1)))
        answer = answer.reshape(m, m, -1).mean(axis=1)
        return answer - answer.mean(axis=0)

    alone = [mean_at(column.positions) for column in columns]
    found = []
    for i, one in enumerate(columns):
        for j in range(i + 1, len(columns)):
            both = mean_at([*one.positions, *columns[j].positions])
            size = float((both**2).sum())
            rest = float(((both - alone[i] - alone[j]) ** 2).sum())
            h = min(1.0, np.sqrt(rest / size)) if size > 1e-20 else 0.0
            found.append((one.name, columns[j].name, float(h)))
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _seen(x: Any, shares: Any) -> Any:
    """Return quantiles that are values of rows: nobody has two and a half children."""
    import numpy as np

    return np.unique(np.quantile(x, shares, method="inverted_cdf"))


def _some(X: Any, seed: int) -> Any:
    import numpy as np

    if len(X) <= N_ROWS:
        return X
    rng = np.random.default_rng(seed)
    return X[np.sort(rng.choice(len(X), N_ROWS, replace=False))]
