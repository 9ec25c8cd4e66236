"""Autocorrelation of a series: coefficients by lag, and whether there is any."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.base import Test
from dsp.inference.series import scaled


def autocorrelations(values: Any, n_lags: int) -> tuple[float, ...] | None:
    """Return the autocorrelations of lags 1 to `n_lags`; None when all are equal.

    Parameters
    ----------
    values
        Finite numbers, one a period, in order and without gaps.
    n_lags
        Largest lag; less than the number of values.

    References
    ----------
    The r_k of the NIST handbook and `statsmodels.tsa.stattools.acf`: the sum of products
    of deviations k apart over the sum of squared deviations.

    Examples
    --------
    >>> autocorrelations([1.0, 2.0, 3.0, 4.0], 1)
    (0.25,)
    """
    x = scaled(values)
    if x is None:
        return None
    total = math.fsum((x * x).tolist())
    return tuple(
        math.fsum((x[lag:] * x[:-lag]).tolist()) / total for lag in range(1, n_lags + 1)
    )


def partial_autocorrelations(acf: tuple[float, ...]) -> tuple[float | None, ...]:
    """Return the partial autocorrelations of lags 1 on, from the autocorrelations.

    None from where earlier lags explain the series in full.

    References
    ----------
    Durbin and Levinson's recursion; agrees with `statsmodels.tsa.stattools.pacf` with
    ``method="ldbiased"``.

    Examples
    --------
    >>> partial_autocorrelations((0.5, 0.25))
    (0.5, 0.0)
    """
    import numpy as np

    r = np.asarray(acf, dtype=float)
    phi = np.zeros(len(r))
    found: list[float | None] = []
    rest = 1.0
    for k in range(len(r)):
        if rest <= 1e-14:
            found.append(None)
            continue
        last = float(r[k] - phi[:k] @ r[:k][::-1]) / rest
        phi[:k] = phi[:k] - last * phi[:k][::-1]
        phi[k] = last
        rest *= (1 - last) * (1 + last)
        found.append(last)
    return tuple(found)


def white_noise_bound(n: int) -> float:
    """Return what 95 of 100 autocorrelations of `n` unrelated values stay within."""
    return 1.959963984540054 / math.sqrt(n)


def ljung_box(acf: tuple[float, ...], n: int) -> Test:
    """Test whether the autocorrelations of `n` values are zero, all lags together.

    References
    ----------
    Ljung and Box (1978); `statsmodels.stats.diagnostic.acorr_ljungbox`.
    """
    from scipy.special import chdtrc

    total = math.fsum(r * r / (n - k) for k, r in enumerate(acf, 1))
    q = n * (n + 2) * total
    return Test("Ljung-Box test", q, float(chdtrc(len(acf), q)), len(acf))
