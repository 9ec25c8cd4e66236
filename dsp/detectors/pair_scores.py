"""Screens all pairs of columns for interactions in one pass over the rows.

What all columns alone leave of the target is multiplied with every pair of columns: the
sums that come out are scores of the interactions, large where there is one.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from dsp.detectors.frame import Frame
from dsp.detectors.gram import BLOCK
from dsp.detectors.terms import Term, design, without


def screened(frame: Frame, names: list[str]) -> list[tuple[str, str, float]]:
    """Return pairs of columns with the rough p value of their interaction.

    Parameters
    ----------
    names
        Dimensions first, then measures; the target is not among them.

    Returns
    -------
    list of tuple
        Every pair with its p value from independent rows, by a chi-square of scores.
    """
    from scipy.special import chdtrc

    target = frame.measures[str(frame.target)]
    mains = tuple(
        design(
            frame,
            Term(form="groups" if name in frame.dimensions else "curve", columns=(name,)),
        )
        for name in names
    )
    rest = without(mains, target.z, target.has)
    sums, powers, place = _products(frame, names, rest)
    variance = float(rest @ rest) / max(target.n, 1)
    found = []
    for a, b in combinations(names, 2):
        left, right = place[a], place[b]
        score = sums[left[0] : left[1], right[0] : right[1]]
        power = powers[left[0] : left[1], right[0] : right[1]]
        known = power > 0
        parts = score[known] ** 2 / power[known]
        df = int(known.sum())
        statistic = float(parts.sum())
        if b in frame.measures and a in frame.dimensions:
            # A slope of all is no interaction.
            statistic -= float(score.sum()) ** 2 / max(float(power.sum()), 1e-300)
            df -= 1
        elif a in frame.dimensions:
            df = (score.shape[0] - 1) * (score.shape[1] - 1)
        if df < 1 or variance <= 0:
            continue
        found.append((a, b, float(chdtrc(df, max(statistic, 0.0) / variance))))
    return found


def _products(
    frame: Frame, names: list[str], rest: Any
) -> tuple[Any, Any, dict[str, tuple[int, int]]]:
    """Return sums of rest x a x b, and of (a x b)^2, over the rows, for all columns."""
    import numpy as np

    place: dict[str, tuple[int, int]] = {}
    width = 0
    for name in names:
        k = len(frame.dimensions[name].labels) if name in frame.dimensions else 1
        place[name] = (width, width + k)
        width += k
    sums, powers = np.zeros((width, width)), np.zeros((width, width))
    known = rest != 0
    for start in range(0, frame.n, BLOCK):
        rows = slice(start, min(start + BLOCK, frame.n))
        block = np.zeros((rows.stop - rows.start, width))
        for name in names:
            at = place[name][0]
            if name in frame.dimensions:
                code = frame.dimensions[name].code[rows]
                has = np.flatnonzero(code >= 0)
                block[has, at + code[has]] = 1.0
            else:
                block[:, at] = frame.measures[name].z[rows]
        sums += block.T @ (block * rest[rows, None])
        square = block * block
        powers += square.T @ (square * known[rows, None])
    return sums, powers, place
