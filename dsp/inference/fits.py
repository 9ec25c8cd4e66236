"""Families of distributions fitted by maximum likelihood from sums, and how far they are.

Nothing here sees the data: a `Summary` of sums gives the parameters, and counts of bins
give the distances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.inference.base import Test


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums of a column of numbers.

    Attributes
    ----------
    n
        Values.
    mean, variance
        Mean and mean squared deviation (over n).
    low, high
        Smallest and largest value.
    is_whole
        Whether all are whole numbers.
    log_mean, log_variance
        The same of the natural logarithms; None when a value is not above zero.
    log_factorials
        Sum of the logarithms of the factorials of whole values.
    """

    n: int
    mean: float
    variance: float
    low: float
    high: float
    is_whole: bool = False
    log_mean: float | None = None
    log_variance: float | None = None
    log_factorials: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted distribution.

    Attributes
    ----------
    family
        Name of the family.
    parameters
        Parameters by name.
    cdf
        The distribution function, of an array.
    log_likelihood
        Of the data; None where it is not known.
    """

    family: str
    parameters: dict[str, float]
    cdf: Callable[[Any], Any]
    log_likelihood: float | None = None

    @property
    def aic(self) -> float | None:
        """Akaike's information criterion; lower is better."""
        if self.log_likelihood is None:
            return None
        return 2 * len(self.parameters) - 2 * self.log_likelihood


def fits(summary: Summary) -> list[Fit | None]:
    """Return the fit of every family of `FAMILIES`, None where there is none.

    References
    ----------
    `scipy.stats`: ``norm.fit(x)``, ``lognorm.fit(x, floc=0)``, ``expon.fit(x, floc=0)``,
    ``gamma.fit(x, floc=0)``, ``uniform.fit(x)``.

    Examples
    --------
    >>> normal = fits(Summary(n=4, mean=2.0, variance=1.25, low=0.5, high=3.5))[0]
    >>> normal.parameters["mean"], round(normal.parameters["sd"], 3)
    (2.0, 1.118)
    """
    if summary.n < 2 or not summary.low < summary.high or summary.variance <= 0:
        return [None] * len(FAMILIES)
    return [fit(summary) for fit in FAMILIES.values()]


def _normal(s: Summary) -> Fit:
    from scipy.special import ndtr

    sd = math.sqrt(s.variance)
    likelihood = -s.n / 2 * (math.log(2 * math.pi * s.variance) + 1)
    parameters = {"mean": s.mean, "sd": sd}
    return Fit("normal", parameters, lambda x: ndtr((x - s.mean) / sd), likelihood)


def _lognormal(s: Summary) -> Fit | None:
    import numpy as np
    from scipy.special import ndtr

    if s.log_mean is None or not s.log_variance:
        return None
    mu, sigma = s.log_mean, math.sqrt(s.log_variance)
    normal = -s.n / 2 * (math.log(2 * math.pi * s.log_variance) + 1)

    def cdf(x: Any) -> Any:
        return ndtr((np.log(np.maximum(x, 5e-324)) - mu) / sigma)

    return Fit("lognormal", {"mu": mu, "sigma": sigma}, cdf, normal - s.n * mu)


def _exponential(s: Summary) -> Fit | None:
    import numpy as np

    if s.low < 0 or s.mean <= 0:
        return None
    likelihood = -s.n * (math.log(s.mean) + 1)

    def cdf(x: Any) -> Any:
        return -np.expm1(-np.maximum(x, 0.0) / s.mean)

    return Fit("exponential", {"mean": s.mean}, cdf, likelihood)


def _gamma(s: Summary) -> Fit | None:
    import numpy as np
    from scipy.special import gammainc, gammaln

    if s.log_mean is None:
        return None
    shape = gamma_shape(math.log(s.mean) - s.log_mean)
    if shape is None:
        return None
    scale = s.mean / shape
    likelihood = s.n * (
        (shape - 1) * s.log_mean - shape - shape * math.log(scale) - float(gammaln(shape))
    )

    def cdf(x: Any) -> Any:
        return gammainc(shape, np.maximum(x, 0.0) / scale)

    return Fit("gamma", {"shape": shape, "scale": scale}, cdf, likelihood)


def _uniform(s: Summary) -> Fit:
    import numpy as np

    # Whole numbers stand for what is rounded to them.
    low, high = (s.low - 0.5, s.high + 0.5) if s.is_whole else (s.low, s.high)
    width = high - low
    likelihood = -s.n * math.log(width) if math.isfinite(width) else None

    def cdf(x: Any) -> Any:
        return np.clip((x / 2 - low / 2) / (high / 2 - low / 2), 0.0, 1.0)

    return Fit("uniform", {"low": s.low, "high": s.high}, cdf, likelihood)


def _poisson(s: Summary) -> Fit | None:
    import numpy as np
    from scipy.special import pdtr

    if not s.is_whole or s.low < 0 or s.mean <= 0:
        return None
    likelihood = None
    if s.log_factorials is not None:
        likelihood = s.n * (s.mean * math.log(s.mean) - s.mean) - s.log_factorials

    def cdf(x: Any) -> Any:
        return np.where(x < 0, 0.0, pdtr(np.floor(np.maximum(x, 0.0)), s.mean))

    return Fit("poisson", {"mean": s.mean}, cdf, likelihood)


FAMILIES: dict[str, Callable[[Summary], Fit | None]] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "exponential": _exponential,
    "gamma": _gamma,
    "uniform": _uniform,
    "poisson": _poisson,
}
"""What fits each family."""


def gamma_shape(gap: float) -> float | None:
    """Return the shape k with ``ln k - digamma(k) = gap``, or None when there is none.

    Parameters
    ----------
    gap
        Logarithm of the mean less mean of the logarithms.

    References
    ----------
    Minka 2002, Estimating a Gamma distribution: his start and his Newton step.
    """
    from scipy.special import digamma, polygamma

    if not gap > 1e-12:
        return None
    k = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(60):
        miss = math.log(k) - float(digamma(k)) - gap
        inverse = 1 / k + miss / (k * k * (1 / k - float(polygamma(1, k))))
        if not inverse > 0:
            return None
        before, k = k, 1 / inverse
        if abs(k - before) <= 1e-14 * k:
            break
    return k


def distance(
    fit: Fit, edges: Sequence[float], counts: Sequence[int]
) -> tuple[float, float]:
    """Return bounds of the Kolmogorov-Smirnov distance of a fit from counted bins.

    Parameters
    ----------
    edges
        Upper edges of the bins, included; the last one is the largest value.
    counts
        Values in each bin; the first one has all below too.

    Returns
    -------
    tuple
        The distance at the edges, and what the distance anywhere is at most.
    """
    import numpy as np

    fitted = np.asarray(fit.cdf(np.asarray(edges, dtype=float)), dtype=float)
    seen = np.cumsum(counts) / sum(counts)
    at_edges = float(np.max(np.abs(seen - fitted)))
    before_seen = np.concatenate([[0.0], seen[:-1]])
    before_fitted = np.concatenate([[0.0], fitted[:-1]])
    between = max(
        float(np.max(seen - before_fitted)), float(np.max(fitted - before_seen))
    )
    return at_edges, max(at_edges, between, 1.0 - float(fitted[-1]))


def goodness(
    fit: Fit, edges: Sequence[float], counts: Sequence[int], *, n_bins: int
) -> Test | None:
    """Test by chi-square whether bins are as a fit says, or None for too few bins.

    Neighbouring bins are joined until each is expected to hold a share of one over
    `n_bins`. The degrees of freedom are those of known parameters, bins less one: with
    parameters estimated from the values the statistic lies between them and the bins
    less one less the parameters, so the p value is never too small.

    References
    ----------
    Chernoff and Lehmann 1954, The use of maximum likelihood estimates in chi-square
    tests for goodness of fit.
    """
    import numpy as np
    from scipy.special import chdtrc

    fitted = np.asarray(fit.cdf(np.asarray(edges[:-1], dtype=float)), dtype=float)
    shares = np.diff(np.concatenate([[0.0], fitted, [1.0]]))
    expected, observed = [0.0], [0]
    for share, count in zip(shares, counts, strict=True):
        if expected[-1] >= 1 / n_bins:
            expected.append(0.0)
            observed.append(0)
        expected[-1] += float(share)
        observed[-1] += count
    if len(expected) > 1 and expected[-1] < 1 / n_bins:
        rest, n_rest = expected.pop(), observed.pop()
        expected[-1] += rest
        observed[-1] += n_rest
    if len(expected) < 3:
        return None
    n = sum(observed)
    statistic = math.fsum(
        (o - n * e) ** 2 / (n * e) for o, e in zip(observed, expected, strict=True)
    )
    df = len(expected) - 1
    return Test("chi-square test", statistic, float(chdtrc(df, statistic)), df)
