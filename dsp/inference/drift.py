"""How far two distributions are apart, from counts of both, and how surely they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

EXACT = 4_000
"""Values of both samples up to which the p value of Kolmogorov and Smirnov is exact."""

LEAST_EXPECTED = 5.0
"""Values expected in a bin from which on the chi-square test may rely on it."""


def stability_index(a: Sequence[int], b: Sequence[int], *, floor: float) -> float | None:
    """Return the population stability index of two lists of counts, or None without any.

    Parameters
    ----------
    a, b
        Counts of the same bins; the index is the same either way round.
    floor
        Least share of a bin: empty ones would make the index infinite.

    References
    ----------
    Siddiqi 2006, Credit Risk Scorecards, chapter 8: below 0.1 no change to speak of,
    above 0.25 a large one.

    Examples
    --------
    >>> round(stability_index([50, 50], [60, 40], floor=1e-4), 6)
    0.040547
    """
    n, m = sum(a), sum(b)
    if not (n and m):
        return None
    shares = [(max(x / n, floor), max(y / m, floor)) for x, y in zip(a, b, strict=True)]
    return math.fsum((q - p) * math.log(q / p) for p, q in shares)


def jensen_shannon(a: Sequence[int], b: Sequence[int]) -> float | None:
    """Return the distance of two lists of counts in bits (0-1), or None without any.

    References
    ----------
    `scipy.spatial.distance.jensenshannon` with ``base=2``.

    Examples
    --------
    >>> jensen_shannon([1, 0], [0, 3])
    1.0
    """
    n, m = sum(a), sum(b)
    if not (n and m):
        return None
    divergence = 0.0
    for x, y in zip(a, b, strict=True):
        p, q = x / n, y / m
        divergence += p * math.log2(2 * p / (p + q)) if p else 0.0
        divergence += q * math.log2(2 * q / (p + q)) if q else 0.0
    return math.sqrt(max(0.0, divergence) / 2)


def cohens_h(p: float, q: float) -> float:
    """Return how far a share `q` is from a share `p`: positive when it is larger.

    References
    ----------
    Cohen 1988, Statistical Power Analysis, chapter 6: 0.2 is small, 0.5 medium;
    `statsmodels.stats.proportion.proportion_effectsize`.

    Examples
    --------
    >>> round(cohens_h(0.1, 0.2), 4)
    0.2838
    """
    return 2 * math.asin(math.sqrt(q)) - 2 * math.asin(math.sqrt(p))


def frequent(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """Return the positions of bins that a chi-square test may rely on.

    Both tables would be expected to have `LEAST_EXPECTED` values or more in them.
    """
    n, m = sum(a), sum(b)
    share = min(n, m) / (n + m) if n + m else 0.0
    pairs = enumerate(zip(a, b, strict=True))
    return [i for i, (x, y) in pairs if (x + y) * share >= LEAST_EXPECTED]


def pooled(a: Sequence[int], b: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return two lists of counts whose bins that are not `frequent` are one, the last.

    Examples
    --------
    >>> pooled([50, 1, 0], [40, 2, 1])
    ([50, 1], [40, 3])
    """
    kept = frequent(a, b)
    one, two = [a[i] for i in kept], [b[i] for i in kept]
    return [*one, sum(a) - sum(one)], [*two, sum(b) - sum(two)]


def greatest_distance(a: Sequence[int], b: Sequence[int]) -> float | None:
    """Return the greatest distance of two cumulative distributions (0-1), or None.

    Parameters
    ----------
    a, b
        Counts of the same values in ascending order.

    Examples
    --------
    >>> greatest_distance([2, 2], [1, 3])
    0.25
    """
    n, m = sum(a), sum(b)
    if not (n and m):
        return None
    seen_a = seen_b = 0
    greatest = 0.0
    for x, y in zip(a, b, strict=True):
        seen_a, seen_b = seen_a + x, seen_b + y
        greatest = max(greatest, abs(seen_a / n - seen_b / m))
    return greatest


def effective_size(n: int, m: int) -> int:
    """Return the size of one sample that tells as much as two, at least 1."""
    return max(round(n * m / (n + m)), 1)


def ks_p_value(distance: float, n: int, m: int) -> float | None:
    """Return the p value of a Kolmogorov-Smirnov distance of two samples, or None.

    Exact for up to `EXACT` values of both, else the distribution of one sample of
    `effective_size`. Ties make both too large, never too small.

    References
    ----------
    `scipy.stats.ks_2samp` with ``method="exact"`` and ``method="asymp"``; Hodges 1958,
    The significance probability of the Smirnov two-sample test; Simard, L'Ecuyer 2011.
    """
    if not (n and m):
        return None
    if n + m <= EXACT:
        return _paths_outside(distance, min(n, m), max(n, m))
    return _one_sample(distance, effective_size(n, m))


@cache
def _paths_outside(distance: float, n: int, m: int) -> float:
    """Return the share of orders of n and m values that reach a distance.

    Walks along all orders at once, one value a step; what leaves the band around the
    diagonal is counted and taken out. All terms are positive, so that small p values keep
    their digits.
    """
    import numpy as np

    limit = round(distance * n * m)
    if limit <= 0:
        return 1.0
    inside = np.zeros(n + 2)
    inside[0] = 1.0
    outside, total = 0.0, n + m
    low = high = 0
    for step in range(1, total + 1):
        left = total - step + 1
        # Position i: i values of the first sample among the first `step`.
        i = np.arange(low, high + 1)
        moved = inside[low : high + 1] / left
        stayed = moved * (m - (step - 1 - i))
        inside[low : high + 1] = stayed
        inside[low + 1 : high + 2] += moved * (n - i)
        high = min(high + 1, n)
        centre = step * n
        least = max((centre - limit) // total + 1, 0, step - m)
        most = min(-(-(centre + limit) // total) - 1, n)
        if low < least:
            outside += float(inside[low:least].sum())
            inside[low:least] = 0.0
            low = least
        if high > most:
            outside += float(inside[most + 1 : high + 1].sum())
            inside[most + 1 : high + 1] = 0.0
            high = most
        if low > high:
            break
    return min(1.0, outside)


def _one_sample(distance: float, n: int) -> float:
    """Return the p value of a distance of one sample of `n` values from its law."""
    from scipy.special import smirnov

    squared = n * distance * distance
    if n > 140 and squared >= 370.0:
        return 0.0
    if n > 140 and (squared >= 2.2 or distance >= 0.5):
        return min(1.0, 2 * float(smirnov(n, distance)))
    if n > 140 and n * distance > 1 and (n > 100_000 or n * distance**1.5 > 1.4):
        return min(1.0, max(0.0, 1 - _pelz_good(n, distance)))
    # Rare here, and worth the second that it takes to load.
    from scipy.stats import kstwo

    return float(kstwo.sf(distance, n))


def _pelz_good(n: int, distance: float) -> float:
    """Return the distribution function of the distance by an asymptotic series.

    References
    ----------
    Pelz and Good 1976, Approximating the lower tail-areas of the Kolmogorov-Smirnov
    one-sample statistic.
    """
    z = math.sqrt(n) * distance
    z2, pi2 = z * z, math.pi**2
    if -pi2 / 8 / z2 < -708:
        return 0.0
    last = math.ceil(16 * z / math.pi)
    sums = [0.0, 0.0, 0.0, 0.0]
    for k in range(1, last + 1):
        odd = (2 * k - 1) ** 2
        weight = math.exp(-pi2 / 8 / z2 * odd)
        terms = (
            1.0,
            -z2 + pi2 / 4 * odd,
            6 * z2**3
            + 2 * z2**2
            + (2 * z2**2 - 5 * z2) * pi2 / 4 * odd
            + pi2**2 * (1 - 2 * z2) / 16 * odd**2,
            -30 * z2**3
            - 90 * z2**4
            + pi2 * (135 * z2**2 - 96 * z2**3) / 4 * odd
            + pi2**2 * (212 * z2**2 - 60 * z2) / 16 * odd**2
            + pi2**3 * (5 - 30 * z2) / 64 * odd**3,
        )
        sums = [s + weight * t for s, t in zip(sums, terms, strict=True)]
    root = math.sqrt(2 * math.pi)
    scales = (z, 6 * z2**2, 72 * z**7, 6480 * z2**5)
    sums = [s * root / scale for s, scale in zip(sums, scales, strict=True)]
    for k in range(1, last + 1):
        weight = math.exp(-pi2 / 2 / z2 * k * k) * k * k
        sums[2] -= weight * pi2 * root / (36 * z**3)
        sums[3] += weight * (3 * z2 - pi2 * k * k) * pi2 * root / (216 * z**6)
    return math.fsum(s / n ** (i / 2) for i, s in enumerate(sums))
