"""Sizes of differences between means, with their 95 % intervals."""

from __future__ import annotations

import math

from dsp.inference.base import Z95, Effect, Group, Interval, effect, in_range, root
from dsp.inference.groups import pooled_variance, student_t, welch_df
from dsp.inference.tails import t_limit

MOST_T = 300
"""Size of t up to which the noncentral t distribution gives the interval."""


@in_range
def mean_difference(a: Group, b: Group) -> Effect | None:
    """Return the difference of two means with Welch's interval.

    References
    ----------
    `scipy.stats.ttest_ind` with ``equal_var=False``, ``confidence_interval``.
    """
    if min(a.n, b.n) < 1:
        return None
    value = a.mean - b.mean
    if min(a.n, b.n) < 2 or not a.variance + b.variance > 0:
        return effect("mean_difference", value)
    half = t_limit(welch_df(a, b)) * math.sqrt(a.variance / a.n + b.variance / b.n)
    return effect("mean_difference", value, (value - half, value + half), "Welch t")


@in_range
def cohens_d(a: Group, b: Group) -> Effect | None:
    """Return the difference of two means in pooled standard deviations.

    The interval inverts the noncentral t distribution; where t is above 300 it is
    normal with the variance of Hedges and Olkin.

    References
    ----------
    Cohen 1988; Steiger and Fouladi 1997; Hedges and Olkin 1985, eq. 5.14.
    """
    variance = pooled_variance((a, b)) if min(a.n, b.n) > 0 else None
    test = student_t(a, b)
    if variance is None or test is None:
        return None
    d = (a.mean - b.mean) / math.sqrt(variance)
    factor = math.sqrt(a.n / (a.n + b.n) * b.n)
    df = a.n + b.n - 2
    if abs(test.statistic) <= MOST_T:
        low, high = _noncentral_t(test.statistic, df)
        return effect("cohens_d", d, (low / factor, high / factor), "noncentral t")
    half = Z95 * math.sqrt(1 / factor**2 + d * d / (2 * df))
    return effect("cohens_d", d, (d - half, d + half), "normal, large sample")


@in_range
def hedges_g(a: Group, b: Group) -> Effect | None:
    """Return Cohen's d corrected for the bias of few values, with its interval.

    References
    ----------
    Hedges 1981, Journal of Educational Statistics 6, with the exact factor.
    """
    found = cohens_d(a, b)
    df = a.n + b.n - 2
    if found is None or df < 2:
        return None
    factor = math.exp(
        math.lgamma(df / 2) - math.lgamma((df - 1) / 2) - math.log(df / 2) / 2
    )
    ends = None
    if found.low is not None and found.high is not None:
        ends = (found.low * factor, found.high * factor)
    return effect("hedges_g", found.value * factor, ends, found.method)


def shares_of_spread(
    f: float, df_between: int, df_within: int
) -> tuple[Effect | None, ...]:
    """Return eta², omega² and epsilon² of an analysis of variance.

    Shares of the spread that lie between groups: of the data, and two estimates of that
    of the population, never below 0. All carry the interval of the share of the
    population, from the noncentral F distribution.

    References
    ----------
    Olejnik and Algina 2003; Steiger 2004, Psychological Methods 9.
    """
    if df_between < 1 or df_within < 1 or not (math.isfinite(f) and f >= 0):
        return ()
    n = df_between + df_within + 1
    explained = f * df_between
    eta = explained / (explained + df_within)
    excess = (f - 1) * df_between
    omega = max(0.0, excess / (excess + n))
    epsilon = max(0.0, excess / (explained + df_within))
    ends = _noncentral_f(f, df_between, df_within)
    interval = (ends[0] / (ends[0] + n), ends[1] / (ends[1] + n)) if ends else None
    named = {"eta_squared": eta, "omega_squared": omega, "epsilon_squared": epsilon}
    return tuple(
        effect(name, value, interval, "noncentral F") for name, value in named.items()
    )


def _noncentral_t(t: float, df: float) -> Interval:
    from scipy.special import nctdtr

    if t < 0:
        low, high = _noncentral_t(-t, df)
        return -high, -low
    spread = 3 * math.sqrt(1 + t * t / (2 * df))

    def below(nc: float) -> float:
        return float(nctdtr(df, nc, t))

    low, high = t - spread, t + spread
    while below(low) < 0.975:
        low -= spread
    while below(high) > 0.025:
        high += spread
    return (
        root(lambda nc: below(nc) - 0.975, low, t),
        root(lambda nc: below(nc) - 0.025, min(t, high), high),
    )


def _noncentral_f(f: float, df: int, df_residual: int) -> Interval | None:
    """Return the ends of the 95 % interval of the noncentrality of F."""
    from scipy.special import ncfdtr

    x = f * df
    if x > 1e6:
        # The noncentrality is normal here: mean x - df, variance by the delta method.
        half = Z95 * math.sqrt(2 * (df + 2 * (x - df)) + 2 * x * x / df_residual)
        return max(0.0, x - df - half), x - df + half

    def below(nc: float) -> float:
        return float(ncfdtr(df, df_residual, nc, f))

    most = x + 20 + 5 * math.sqrt(2 * df + 4 * x + 2 * x * x / df_residual)
    while below(most) > 0.025:
        most *= 2
    ends = []
    for p in (0.975, 0.025):
        if below(0.0) <= p:
            ends.append(0.0)
            continue
        ends.append(root(lambda nc, p=p: below(nc) - p, 0.0, most))  # type: ignore[misc]
    return (ends[0], ends[1]) if all(map(math.isfinite, ends)) else None
