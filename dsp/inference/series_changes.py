"""Change points of a series: steps that autocorrelation and a line do not explain.

Of the level, and of the spread about it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from dsp.inference.series import centred, scaled

MIN_VALUES = 30
"""Fewer values are not searched."""
MOST_CHANGES = 8
"""Change points of a series at most."""
_MOST_BLOCKS = 200
_MOST_ORDER = 4
_LEAST_PENALTY = 16.0


@dataclass(frozen=True, slots=True)
class Change:
    """A step of the level.

    Attributes
    ----------
    index
        Position of the first value after it, from 0.
    before, after
        Mean of the values since the change before, and up to the next one.
    effect
        After less before in standard deviations of what the steps leave.
    gain
        How much worse the criterion is without this change (in units of log likelihood
        times two, after the penalty).
    """

    index: int
    before: float
    after: float
    effect: float
    gain: float


def change_points(values: Any) -> tuple[Change, ...]:
    """Return the steps of the level of a series, in order; empty without any.

    The best division into k + 1 stretches of constant level is found for each k up to
    eight (exactly, on at most 200 blocks; each change is then moved to the best value
    near it). What remains, with a line or without, is fitted by an autoregression of up
    to four lags, and the k with the least criterion wins: n log of its variance, log n a
    parameter, and 3 log n a change (16 at least). A series that wanders is explained by
    its autoregression, one that rises by its line; neither makes changes.

    Parameters
    ----------
    values
        Finite numbers, one a period, in order, without gaps and season (30 or more).

    Notes
    -----
    Each stretch has at least 5 values and 2.5 % of them, and at least half of a step must
    be there without the tenth of the values at either end: outliers make no changes.

    References
    ----------
    Auger and Lawrence (1989), Bulletin of Mathematical Biology 51, 39-54 (the division);
    Zhang and Siegmund (2007), Biometrics 63, 22-32 (the penalty); Burg (1968) and Chakar
    et al. (2017), Bernoulli 23, 1408-1447 (autoregression with changes).

    Examples
    --------
    >>> found = change_points([0, 1, 0, 1, 1] * 5 + [9, 8, 8, 9, 8] * 5)
    >>> [(c.index, c.before, c.after) for c in found]
    [(25, 0.6, 8.4)]
    """
    import numpy as np

    x = scaled(values) if len(values) >= MIN_VALUES else None
    if x is None:
        return ()
    n = len(x)
    shortest = max(5, math.ceil(n / 40))
    line = centred(np.arange(n)) / n
    slope = float(line @ x) / float(line @ line)
    scored: dict[tuple[int, ...], float] = {(): _score(x, (), line)}
    for at in _divisions(x, shortest):
        scored[at] = _criterion(_rest(x, at), len(at), 1)
    for at in _divisions(x - slope * line, shortest):
        found = _criterion(_rest(x, at, line), len(at), 2)
        scored[at] = min(found, scored.get(at, math.inf))
    best = min(scored, key=lambda at: (scored[at], len(at)))
    return _changes(values, x, line, best)


def spread_changes(values: Any, changes: Sequence[Change] = ()) -> tuple[Change, ...]:
    """Return where values begin to spread more or less about what is expected of them.

    Steps of the level are taken off, and what the past explains (an autoregression of up
    to four lags); steps of the square root of the magnitude of the rest are changes of
    the spread. The root tames outliers: heavy tails alone make few changes. `before`,
    `after` and `effect` are of that root. None are looked for where half of the rest is
    nothing.

    Parameters
    ----------
    values
        As in `change_points`.
    changes
        Its outcome.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(size=200)
    >>> found = spread_changes(noise * np.repeat([1, 4], 100))
    >>> [95 <= c.index <= 105 for c in found]
    [True]
    """
    import numpy as np

    x = scaled(values) if len(values) >= MIN_VALUES else None
    if x is None:
        return ()
    rest = _rest(x, tuple(c.index for c in changes))
    news = _innovations(rest)
    n_before = len(rest) - len(news)
    size = np.sqrt(np.abs(news))
    if float(np.median(size)) <= 1e-6 * float(size.max()):
        return ()
    found = change_points(size)
    return tuple(replace(c, index=c.index + n_before) for c in found)


def _innovations(rest: Any) -> Any:
    """Return what the autoregression of the least criterion leaves of later values."""
    import numpy as np

    n, weights = len(rest), np.ones(1)
    best, chosen = math.inf, weights
    for power, weights in _burg(rest):
        order = len(weights) - 1
        criterion = n * math.log(max(power, 1e-26)) + order * math.log(n)
        if criterion < best:
            best, chosen = criterion, weights
    return np.convolve(rest, chosen, "valid")


def _changes(values: Any, x: Any, line: Any, best: tuple[int, ...]) -> tuple[Change, ...]:
    """Return changes that the criterion is worse without, and not made by an outlier."""
    import numpy as np

    while best:
        score = _score(x, best, line)
        gains = [
            _score(x, best[:i] + best[i + 1 :], line) - score
            if _is_carried(x, best, i)
            else -math.inf
            for i in range(len(best))
        ]
        worst = min(range(len(best)), key=lambda i: gains[i])
        if gains[worst] > 0:
            break
        best = best[:worst] + best[worst + 1 :]
    edges = [0, *best, len(x)]
    sd = math.sqrt(float(_rest(x, best).var()))
    given = np.asarray(values, dtype=float)
    moved = [float(x[a:b].mean()) for a, b in pairwise(edges)]
    means = [math.fsum(given[a:b].tolist()) / (b - a) for a, b in pairwise(edges)]
    return tuple(
        Change(
            index=at,
            before=means[i],
            after=means[i + 1],
            effect=(moved[i + 1] - moved[i]) / sd if sd > 0 else math.inf,
            gain=gains[i],
        )
        for i, at in enumerate(best)
    )


def _is_carried(x: Any, at: tuple[int, ...], i: int) -> bool:
    """Tell whether at least half of a step is there without the outer tenths."""
    import numpy as np

    edges = [0, *at, len(x)]
    sides = (x[edges[i] : edges[i + 1]], x[edges[i + 1] : edges[i + 2]])
    whole = float(sides[1].mean() - sides[0].mean())
    inner = []
    for side in sides:
        cut = max(1, len(side) // 10)
        inner.append(float(np.sort(side)[cut:-cut].mean()))
    return (inner[1] - inner[0]) * math.copysign(1, whole) >= abs(whole) / 2


def _score(x: Any, at: tuple[int, ...], line: Any) -> float:
    """Return the criterion of steps at some places, with a line or without."""
    return min(
        _criterion(_rest(x, at), len(at), 1),
        _criterion(_rest(x, at, line), len(at), 2),
    )


def _rest(x: Any, at: tuple[int, ...], line: Any = None) -> Any:
    """Return what steps at some places, and a line, leave of a series."""
    import numpy as np

    def level(y: Any) -> Any:
        out = np.empty(len(y))
        for a, b in zip((0, *at), (*at, len(y)), strict=True):
            out[a:b] = y[a:b] - y[a:b].mean()
        return out

    rest = level(x)
    if line is None:
        return rest
    straight = level(line)
    return rest - float(straight @ rest) / float(straight @ straight) * straight


def _criterion(rest: Any, n_changes: int, n_fixed: int) -> float:
    """Return the least criterion of autoregressions of what is left."""
    n = len(rest)
    powers = [power for power, _ in _burg(rest)]
    penalty = max(_LEAST_PENALTY, 3 * math.log(n))
    return min(
        n * math.log(max(power, 1e-26))
        + (order + n_fixed) * math.log(n)
        + n_changes * penalty
        for order, power in enumerate(powers)
    )


def _burg(x: Any) -> list[tuple[float, Any]]:
    """Return the variance that autoregressions of 0, 1, 2 ... lags leave, and weights.

    The weights give what is left of a value from it and the ones before it.
    """
    import numpy as np

    power, weights = float(x @ x) / len(x), np.ones(1)
    found = [(power, weights)]
    forward, backward = x[1:], x[:-1]
    for _ in range(_MOST_ORDER):
        both = float(forward @ forward) + float(backward @ backward)
        if both <= 0 or power <= 0:
            break
        k = 2 * float(forward @ backward) / both
        power *= max(0.0, (1 - k) * (1 + k))
        longer = np.append(weights, 0.0)
        weights = longer - k * longer[::-1]
        found.append((power, weights))
        forward, backward = (
            (forward - k * backward)[1:],
            (backward - k * forward)[:-1],
        )
    return found


def _divisions(x: Any, shortest: int) -> list[tuple[int, ...]]:
    """Return the best places of 1, 2 ... changes, by dynamic programming on blocks."""
    import numpy as np

    n = len(x)
    size = max(1, math.ceil(n / _MOST_BLOCKS))
    edges = np.append(np.arange(0, n - size // 2, size), n)
    sums = np.concatenate([[0.0], np.cumsum(x)])
    m = len(edges)
    length = (edges[None, :] - edges[:, None]).astype(float)
    allowed = length >= shortest
    total = sums[edges][None, :] - sums[edges][:, None]
    # What a stretch explains: its squared sum over its length.
    gain = np.where(allowed, total**2 / np.where(allowed, length, 1.0), -np.inf)
    best = gain[0].copy()
    back: list[Any] = []
    found = []
    for _ in range(MOST_CHANGES):
        table = best[:, None] + gain
        back.append(table.argmax(axis=0))
        best = table[back[-1], np.arange(m)]
        if not math.isfinite(best[-1]):
            break
        places, at = [], m - 1
        for step in reversed(back):
            at = int(step[at])
            places.append(int(edges[at]))
        found.append(_moved(sums, tuple(reversed(places)), size, shortest))
    return found


def _moved(
    sums: Any, places: tuple[int, ...], size: int, shortest: int
) -> tuple[int, ...]:
    """Return places moved to the best value within a block on either side."""
    import numpy as np

    if size == 1:
        return places
    n, out = len(sums) - 1, list(places)
    for i in range(len(out)):
        left = out[i - 1] if i else 0
        right = out[i + 1] if i + 1 < len(out) else n
        low = max(left + shortest, out[i] - size)
        high = min(right - shortest, out[i] + size)
        if low > high:
            continue
        at = np.arange(low, high + 1)
        gain = (sums[at] - sums[left]) ** 2 / (at - left)
        gain += (sums[right] - sums[at]) ** 2 / (right - at)
        out[i] = int(at[gain.argmax()])
    return tuple(out)
