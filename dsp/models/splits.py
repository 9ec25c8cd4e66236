"""Which rows are fitted on and which are held out: by time, by entity, or by lot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HOLDOUT = 0.2
N_STRATA = 10
MOST_ALIKE = 0.1
SMALL = 5_000
"""Below this many rows five folds are made, else three."""


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are divided.

    Attributes
    ----------
    train, test
        Positions of rows; the test rows are the hold-out, which no choice sees.
    folds
        Pairs of positions within `train`: to fit on and to score.
    kind
        ``time``, ``group``, ``stratified`` or ``random``.
    n_tied
        Rows that stay together with another one, since they are alike or share an
        entity.
    """

    train: Any
    test: Any
    folds: tuple[tuple[Any, Any], ...]
    kind: str
    n_tied: int = 0


def split(y: Any, *, groups: Any, is_ordered: bool, is_number: bool, seed: int) -> Split:
    """Return hold-out and folds.

    Parameters
    ----------
    y
        Numbers, or codes of classes; strata of the lot (numbers by their tenths).
    groups
        Int64, one a row: rows of a group are never divided between two folds.
    is_ordered
        Rows come in the order of time: the hold-out is the last fifth, and every fold
        is scored on rows after those it was fitted on.
    """
    import numpy as np

    rows = np.arange(len(y))
    n_tied = len(y) - len(np.unique(groups))
    if is_ordered:
        cut = int(len(y) * (1 - HOLDOUT))
        train, test = rows[:cut], rows[cut:]
        return Split(train, test, tuple(forward(len(train))), "time", n_tied)
    strata = strata_of(y, is_number=is_number)
    place = deal(groups, strata, round(1 / HOLDOUT), seed=seed)
    train, test = rows[place != 0], rows[place == 0]
    folds = draw(y[train], groups=groups[train], is_number=is_number, seed=seed + 1)
    kind = "random" if is_number else "stratified"
    return Split(train, test, tuple(folds), kind, n_tied)


def forward(n: int) -> list[tuple[Any, Any]]:
    """Return folds that go forward in time: each scores the rows after those it fits."""
    import numpy as np

    n_folds = 5 if n < SMALL else 3
    edges = np.linspace(0, n, n_folds + 2).astype(int)
    # The first fold fits on a sixth; a fit on fewer rows says little about the last one.
    return [
        (np.arange(edges[i]), np.arange(edges[i], edges[i + 1]))
        for i in range(1, n_folds + 1)
        if edges[i] >= 2 and edges[i + 1] > edges[i]
    ]


def draw(y: Any, *, groups: Any, is_number: bool, seed: int) -> list[tuple[Any, Any]]:
    """Return folds by lot, alike in their strata."""
    import numpy as np

    n_folds = 5 if len(y) < SMALL else 3
    place = deal(groups, strata_of(y, is_number=is_number), n_folds, seed=seed)
    rows = np.arange(len(y))
    folds = [(rows[place != fold], rows[place == fold]) for fold in range(n_folds)]
    return [(fit, score) for fit, score in folds if len(fit) and len(score)]


def strata_of(y: Any, *, is_number: bool) -> Any:
    """Return classes as they are, numbers by tenths of their rows."""
    import numpy as np

    if not is_number:
        return np.asarray(y, dtype="int64")
    edges = np.unique(np.quantile(y, np.linspace(0, 1, N_STRATA + 1)[1:-1]))
    return np.searchsorted(edges, y, side="right")


def deal(groups: Any, strata: Any, n_hands: int, *, seed: int) -> Any:
    """Return the hand of every row: groups are dealt in turn, stratum by stratum.

    A group counts for the stratum of its first row. Large groups come first, each to
    the hand that has the fewest rows of the stratum; the others go round in an order
    drawn by the seed.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    _, first, member, sizes = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    hand = np.empty(len(first), dtype="int64")
    stratum = strata[first]
    filled = np.zeros(n_hands)
    turn = 0
    for value in np.unique(stratum):
        own = np.flatnonzero(stratum == value)
        own = own[rng.permutation(len(own))]
        order = own[np.argsort(-sizes[own], kind="stable")]
        n_large = int((sizes[order] > 1).sum())
        for group in order[:n_large]:
            hand[group] = int(np.argmin(filled))
            filled[hand[group]] += sizes[group]
        rest = order[n_large:]
        hand[rest] = (turn + np.arange(len(rest))) % n_hands
        filled += np.bincount(hand[rest], minlength=n_hands)
        turn = (turn + len(rest)) % n_hands
    return hand[member]


def tied(X: Any, entity: Any = None) -> Any:
    """Return a group for every row: rows alike in every feature, or of one entity.

    Parameters
    ----------
    X
        Float64 [n, p]; NaN counts as equal to NaN. Where a tenth of the rows or more are
        alike, the columns say too little for likeness to mean anything, and it is not
        looked at.
    entity
        Int64 [n], -1 where it is not known, or None. Rows of one entity are a group;
        copies across entities join them.
    """
    import numpy as np

    n = len(X)
    keys = _hashed(X)
    _, alike, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    if n and sizes.max() >= max(MOST_ALIKE * n, 5):
        alike = np.arange(n)
    if entity is None:
        return alike.astype("int64")
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    known = np.flatnonzero(entity >= 0)
    n_alike = int(alike.max()) + 1 if n else 0
    size = n_alike + (int(entity.max()) + 1 if len(known) else 0)
    links = coo_matrix(
        (np.ones(len(known)), (alike[known], n_alike + entity[known])), (size, size)
    )
    _, part = connected_components(links, directed=False)
    return part[alike].astype("int64")


def _hashed(X: Any) -> Any:
    """Return 64 bits for every row; equal rows have equal bits."""
    import numpy as np

    found = np.zeros(len(X), dtype="uint64")
    for j in range(X.shape[1]):
        # Adding zero makes one of both zeros.
        bits = np.ascontiguousarray(X[:, j] + 0.0).view("uint64")
        bits = np.where(np.isnan(X[:, j]), np.uint64(0x7FF8000000000000), bits)
        mixed = (found ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        found = mixed ^ (mixed >> np.uint64(29)) ^ np.uint64(j + 1)
    return found
