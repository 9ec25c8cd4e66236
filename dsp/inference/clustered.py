"""Tests of regression terms where rows cluster in entities or in stretches of time.

A test that takes rows for independent shouts where they are not: customers own several
rows, and what wandered yesterday wanders today. Here the variance of the score of a term
is measured between clusters; where that is clearly more than rows by themselves would
give, it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dsp.inference.tails import f_tail

CLEARLY = 4.0
"""Standard errors by which clusters must vary more than rows, to count."""
MIN_CLUSTERS = 12
MAX_INFLATION = 1e9


class Inflation(NamedTuple):
    """How much more the score varies between clusters than rows alone explain.

    Attributes
    ----------
    factor
        Variance between clusters over variance of independent rows, at least 1.
    df
        Degrees of freedom that carry it.
    name
        Which clusters.
    """

    factor: float
    df: float
    name: str


class ScoreTest(NamedTuple):
    """A term in a regression.

    Attributes
    ----------
    statistic
        F, the allowance for clusters included.
    df, df_residual
        Its degrees of freedom.
    effect
        Share of the variance that the term explains, 0 to 1.
    unit
        What varies independently: ``row``, or the name of the clusters.
    inflation
        Factor of the variance by clusters.
    """

    statistic: float
    df: float
    df_residual: float
    p_value: float
    effect: float
    unit: str
    inflation: float = 1.0


def inflation(
    score: Any, clusters: Any, name: str, *, least: float | None = None
) -> Inflation:
    """Compare the variance of sums over clusters with that of independent rows.

    Parameters
    ----------
    score
        Contribution of each row, mean 0.
    clusters
        Code of each row's cluster; rows with -1 stand alone.
    least
        Factor from which it counts; four standard errors of chance when None.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.repeat([1.0, -1.0] * 50, 10)
    >>> round(inflation(wave, np.repeat(np.arange(100), 10), "day").factor)
    10
    """
    import numpy as np

    alone = float(score @ score)
    known = clusters >= 0
    sums = np.bincount(clusters[known], weights=score[known])
    sizes = np.bincount(clusters[known])
    sums = sums[sizes > 0]
    groups = len(sums)
    if groups < MIN_CLUSTERS or alone <= 0:
        return Inflation(1.0, float(max(len(score) - 1, 1)), "row")
    outside = score[~known]
    between = float(sums @ sums) + float(outside @ outside)
    factor = between / alone
    # What chance gives: the sums of few clusters vary by themselves.
    fourth = float(sums**2 @ sums**2) / max(float(sums @ sums), 1e-300) ** 2
    noise = np.sqrt(max(fourth - 1.0 / groups, 2.0 / groups))
    if factor <= (1.0 + CLEARLY * noise if least is None else least):
        return Inflation(1.0, float(max(len(score) - 1, 1)), "row")
    # Few large clusters carry less than many equal ones.
    df = max(1.0, min(groups - 1.0, 3.0 / max(fourth, 1e-12)))
    return Inflation(min(factor, MAX_INFLATION), df, name)


def score_test(
    fit: Any, response: Any, df: float, clusters: Mapping[str, Any]
) -> ScoreTest | None:
    """Test what a term explains, allowing for every kind of clusters.

    Parameters
    ----------
    fit
        What the term explains of each row, by least squares (mean 0).
    response
        The response of the same rows, mean 0.
    df
        Free parameters of the term.
    clusters
        Codes of each row's cluster, by the name of the unit.

    Returns
    -------
    ScoreTest or None
        None where nothing can be tested.
    """
    import numpy as np

    n = len(response)
    rest = response - fit
    left, power = float(rest @ rest), float(fit @ fit)
    total = left + power
    if n - df - 1 < 3 or not total > 0:
        return None
    if left <= total * 1e-15:
        return ScoreTest(1e12, df, n - df - 1, 0.0, 1.0, "row")
    f = power / df / (left / (n - df - 1))
    worst = Inflation(1.0, n - df - 1, "row")
    score = fit * rest
    score = score - score.mean()
    # Rows that vary more where the term reaches far say less (White 1980).
    uneven = float(score @ score) * (n - df - 1) / (power * left) if power > 0 else 1.0
    if power > 0:
        worst = _worst(score, clusters, worst)
    f /= max(worst.factor * max(uneven, 1.0), 1.0)
    p = f_tail(f, df, max(worst.df, 1.0))
    return ScoreTest(
        float(f),
        df,
        worst.df,
        float(np.clip(p, 0, 1)),
        power / total,
        worst.name,
        worst.factor * max(uneven, 1.0),
    )


def _worst(score: Any, clusters: Mapping[str, Any], alone: Inflation) -> Inflation:
    """Return the largest inflation, where any shows more than chance would.

    Stretches of time are one kind of clusters: when one length of them is clearly
    inflated, the largest figure of all lengths counts.
    """
    worst = alone
    for name, codes in clusters.items():
        found = inflation(score, codes, name)
        if found.factor > worst.factor:
            worst = found
    if worst.factor > 1:
        kind = worst.name.split()[-1].rstrip("s")
        for name, codes in clusters.items():
            if name.split()[-1].rstrip("s") == kind and name != worst.name:
                found = inflation(score, codes, name, least=1.0)
                if found.factor > worst.factor:
                    worst = found
    return worst
