"""Hartigan's dip: how far a distribution is from any with one peak."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

P_VALUES = (
    *(0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1),
    *(0.05, 0.02, 0.01, 0.005, 0.002, 0.001),
)
"""Upper tails that `LEVELS` holds."""
# 20,000 samples a size (8,000 from 1,000 on), numpy's default_rng(20240229), in order.
LEVELS = {
    10: (
        *(0.1935, 0.2285, 0.2477, 0.2701, 0.2853, 0.298, 0.3092, 0.3231, 0.3468),
        *(0.3759, 0.413, 0.4424, 0.4769, 0.5061, 0.5264, 0.5508, 0.5668),
    ),
    20: (
        *(0.2128, 0.2372, 0.255, 0.2785, 0.2958, 0.3113, 0.3272, 0.347, 0.3685),
        *(0.3951, 0.4349, 0.4688, 0.5091, 0.5415, 0.5664, 0.596, 0.6114),
    ),
    50: (
        *(0.2214, 0.2498, 0.2674, 0.2912, 0.3094, 0.3274, 0.3451, 0.3643, 0.3868),
        *(0.4145, 0.4571, 0.4952, 0.5417, 0.5742, 0.6004, 0.6292, 0.6492),
    ),
    100: (
        *(0.2292, 0.2558, 0.2738, 0.2976, 0.3172, 0.336, 0.3549, 0.3752, 0.3989),
        *(0.4279, 0.4725, 0.5114, 0.5554, 0.5887, 0.625, 0.6626, 0.6827),
    ),
    200: (
        *(0.234, 0.2621, 0.2805, 0.3045, 0.325, 0.3436, 0.3624, 0.3834, 0.4063),
        *(0.4368, 0.4825, 0.5213, 0.5696, 0.6032, 0.6306, 0.6809, 0.7143),
    ),
    500: (
        *(0.2393, 0.2668, 0.2847, 0.3087, 0.3289, 0.348, 0.3677, 0.3881, 0.4125),
        *(0.4442, 0.4896, 0.5315, 0.5818, 0.6155, 0.6459, 0.6841, 0.7181),
    ),
    1000: (
        *(0.2405, 0.2702, 0.2882, 0.3133, 0.3318, 0.3514, 0.3706, 0.3916, 0.4167),
        *(0.4483, 0.4948, 0.5359, 0.5902, 0.6262, 0.6535, 0.693, 0.7466),
    ),
    5000: (
        *(0.2423, 0.273, 0.2923, 0.3171, 0.3372, 0.3578, 0.377, 0.3973, 0.4209),
        *(0.4522, 0.5031, 0.5435, 0.5934, 0.6255, 0.6602, 0.7122, 0.7377),
    ),
}
"""Dips of uniform samples by their size, times its root, in the order of `P_VALUES`."""


@dataclass(frozen=True, slots=True)
class Dip:
    """The dip of a distribution.

    Attributes
    ----------
    distance
        Greatest distance (0-0.25) to the nearest distribution function with one peak.
    low, high
        Where that one has its peak.
    """

    distance: float
    low: float
    high: float


def dip(x: Sequence[float], below: Sequence[float], up_to: Sequence[float]) -> Dip | None:
    """Return the dip of a distribution function that is linear or has equal steps.

    Parameters
    ----------
    x
        Points in ascending order, all different; None is returned for fewer than two.
    below, up_to
        Shares (0-1) of the distribution below and up to each point. Equal where the
        function is linear between points, as that of a histogram; one over the size
        apart in a sample of different values.

    References
    ----------
    J. A. Hartigan and P. M. Hartigan 1985, The dip test of unimodality, and algorithm
    AS 217 of P. M. Hartigan, here for histograms too.

    Examples
    --------
    >>> shares = [0, 0.5, 0.5, 1]  # two even blocks, from 0 to 1 and from 9 to 10
    >>> round(dip([0.0, 1.0, 9.0, 10.0], shares, shares).distance, 4)
    0.2222
    """
    if len(x) < 2:
        return None
    before = _convex_links(x, below)
    after = _concave_links(x, up_to)
    low, high = 0, len(x) - 1
    # The steps of a sample cannot be passed by less than half of them.
    found = min(u - b for u, b in zip(up_to, below, strict=True))
    while low < high:
        under, over = _chain(before, high, low), _chain(after, low, high)
        distance, first, last = _widest(x, below, up_to, under=under, over=over)
        if distance < found:
            break
        left = [i for i in under if i <= first]
        right = [i for i in over if i >= last]
        for end, start in pairwise(left):
            line = _line(x, below, start, end)
            found = max(found, *(up_to[i] - line(i) for i in range(start, end + 1)))
        for start, end in pairwise(right):
            line = _line(x, up_to, start, end)
            found = max(found, *(line(i) - below[i] for i in range(start, end + 1)))
        if (low, high) == (first, last):
            break
        low, high = first, last
    return Dip(found / 2, x[low], x[high])


def dip_p_value(distance: float, n: int) -> float:
    """Return the probability that n values of one peak have so great a dip, or greater.

    Of the uniform distribution, which is the least favourable; interpolated between
    simulated samples, and from 0.001 to 1 only: what is rarer is given as 0.001.

    Examples
    --------
    >>> dip_p_value(0.1, 100), dip_p_value(0.0, 100)
    (0.001, 1.0)
    """
    sizes = sorted(LEVELS)
    size = min(max(n, sizes[0]), sizes[-1])
    above = bisect_left(sizes, size)
    around = [sizes[max(0, above - 1)], sizes[above]]
    low, high = (_tail(LEVELS[k], distance * math.sqrt(n)) for k in around)
    if around[0] == around[1]:
        return high
    part = math.log(size / around[0]) / math.log(around[1] / around[0])
    return low + (high - low) * part


def _tail(levels: Sequence[float], value: float) -> float:
    """Return the upper tail at a value, between the levels that are known."""
    place = bisect_left(levels, value)
    if place == len(levels):
        return P_VALUES[-1]
    start, p_start = (levels[place - 1], P_VALUES[place - 1]) if place else (0.0, 1.0)
    part = (value - start) / (levels[place] - start)
    return p_start + (P_VALUES[place] - p_start) * part


def _convex_links(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """Return the vertex before each point in the greatest convex minorant up to it."""
    links = [0] * len(x)
    for j in range(1, len(x)):
        i = j - 1
        while i > 0:
            k = links[i]
            if (x[j] - x[i]) * (y[i] - y[k]) < (x[i] - x[k]) * (y[j] - y[i]):
                break
            i = k
        links[j] = i
    return links


def _concave_links(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """Return the vertex after each point in the least concave majorant from it."""
    last = len(x) - 1
    turned = _convex_links([-v for v in reversed(x)], [-v for v in reversed(y)])
    return [last - link for link in reversed(turned)]


def _chain(links: Sequence[int], start: int, end: int) -> list[int]:
    chain = [start]
    while chain[-1] != end:
        chain.append(links[chain[-1]])
    return chain


def _line(
    x: Sequence[float], y: Sequence[float], start: int, end: int
) -> Callable[[int], float]:
    slope = (y[end] - y[start]) / (x[end] - x[start])
    return lambda i: y[start] + (x[i] - x[start]) * slope


def _widest(
    x: Sequence[float],
    below: Sequence[float],
    up_to: Sequence[float],
    *,
    under: Sequence[int],
    over: Sequence[int],
) -> tuple[float, int, int]:
    """Return the greatest gap between minorant and majorant, and the vertices around it.

    The first vertex is of the minorant (at or before the gap), the second one of the
    majorant (at or after it).
    """
    i, j = len(under) - 2, 1
    distance, first, last = 0.0, under[-1], over[-1]
    if len(under) == len(over) == 2:
        return max(up_to[k] - below[k] for k in (first, last)), first, last
    while True:
        if under[i] > over[j]:
            line = _line(x, below, under[i + 1], under[i])
            gap = up_to[over[j]] - line(over[j])
            if gap >= distance:
                distance, first, last = gap, under[i + 1], over[j]
            j += 1
        else:
            line = _line(x, up_to, over[j - 1], over[j])
            gap = line(under[i]) - below[under[i]]
            if gap >= distance:
                distance, first, last = gap, under[i], over[j]
            i -= 1
        i, j = max(i, 0), min(j, len(over) - 1)
        if under[i] == over[j]:
            return distance, first, last
