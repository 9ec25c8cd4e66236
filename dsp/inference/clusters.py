"""Whether rows form separate groups, against a reference without groups."""

from __future__ import annotations

from typing import Any, NamedTuple

MAX_K = 6
STARTS = 4
REFERENCES = 5
STEPS = 30
HINT = 0.985
"""Variance within groups, over that of one reference, from which more are drawn."""


class Clusters(NamedTuple):
    """Groups of rows.

    Attributes
    ----------
    k
        How many.
    labels, centres
        Group of each row; centre of each group.
    ratio
        Variance within groups over that of the reference cut into as many.
    """

    k: int
    labels: Any
    centres: Any
    ratio: float


def find_clusters(z: Any, *, seed: int = 0) -> Clusters | None:
    """Return the number of groups that stands out most from the reference, or None.

    Parameters
    ----------
    z
        Rows by columns, scores of similar spread.
    seed
        Of the starts and of the reference.

    Returns
    -------
    Clusters or None
        None with fewer than 100 rows, or where nothing hints at groups.

    References
    ----------
    k-means (Lloyd 1982) with the starts of k-means++; the gap statistic (Tibshirani,
    Walther, Hastie 2001) with a Gaussian reference of the same covariance, so that
    columns that go together are no groups.
    """
    import numpy as np

    n, d = z.shape
    if n < 100 or d < 2:
        return None
    draw = np.random.default_rng(seed)
    centred = z - z.mean(axis=0)
    shared = centred.T @ centred / (n - 1)
    root = np.linalg.cholesky(shared + 1e-9 * np.eye(d))
    references = [draw.normal(size=(n, d)) @ root.T for _ in range(REFERENCES)]
    if not any(
        k_means(centred, k, draw, starts=2)[0]
        < HINT * k_means(references[0], k, draw, starts=2)[0]
        for k in range(2, MAX_K + 1)
    ):
        return None
    best: Clusters | None = None
    for k in range(2, MAX_K + 1):
        within, labels, centres = k_means(centred, k, draw)
        usual = np.log([k_means(part, k, draw, starts=1)[0] for part in references])
        gap = float(usual.mean()) - float(np.log(max(within, 1e-300)))
        ratio = float(np.exp(-gap))
        if best is None or ratio < 0.97 * best.ratio:
            best = Clusters(k, labels, centres + z.mean(axis=0), ratio)
    return best


def k_means(z: Any, k: int, draw: Any, *, starts: int = STARTS) -> tuple[float, Any, Any]:
    """Return the sum of squares within k groups, the groups and their centres."""
    import numpy as np

    best: tuple[float, Any, Any] | None = None
    for _ in range(starts):
        centres = _spread_out(z, k, draw)
        labels = np.zeros(len(z), dtype=np.int64)
        for step in range(STEPS):
            distance = _distances(z, centres)
            nearest = distance.argmin(axis=1)
            if step and (nearest == labels).all():
                break
            labels = nearest
            for group in range(k):
                inside = labels == group
                if inside.any():
                    centres[group] = z[inside].mean(axis=0)
        within = float(_distances(z, centres).min(axis=1).sum())
        if best is None or within < best[0]:
            best = (within, labels, centres)
    if best is None:
        raise ValueError("k-means needs at least one start")
    return best


def _distances(z: Any, centres: Any) -> Any:
    squares = (z * z).sum(axis=1)[:, None] + (centres * centres).sum(axis=1)[None]
    return (squares - 2 * z @ centres.T).clip(0)


def _spread_out(z: Any, k: int, draw: Any) -> Any:
    import numpy as np

    centres = [z[draw.integers(len(z))]]
    for _ in range(k - 1):
        away = _distances(z, np.array(centres)).min(axis=1)
        total = float(away.sum())
        chance = away / total if total > 0 else None
        centres.append(z[draw.choice(len(z), p=chance)])
    return np.array(centres)
