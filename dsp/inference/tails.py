"""Tail probabilities of the usual distributions, from `scipy.special`.

`scipy.stats` gives the same figures and costs more than a second to import.
"""

from __future__ import annotations


def normal_tails(z: float) -> float:
    """Return the two-sided p value of a standard normal z (`scipy.stats.norm`)."""
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(z)))


def t_tails(t: float, df: float) -> float:
    """Return the two-sided p value of Student's t (`scipy.stats.t`)."""
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(t)))


def t_limit(df: float, *, level: float = 0.95) -> float:
    """Return the t that is exceeded in size with probability 1 - `level`."""
    from scipy.special import stdtrit

    return -float(stdtrit(df, (1 - level) / 2))


def f_tail(f: float, df: float, df_residual: float) -> float:
    """Return the upper p value of F (`scipy.stats.f`)."""
    from scipy.special import fdtrc

    return float(fdtrc(df, df_residual, f))


def chi_square_tail(x: float, df: float) -> float:
    """Return the upper p value of chi-square (`scipy.stats.chi2`)."""
    from scipy.special import chdtrc

    return float(chdtrc(df, x))


def chi_square_limit(p_value: float, df: float) -> float:
    """Return the chi-square that is exceeded with probability `p_value`."""
    from scipy.special import chdtri

    return float(chdtri(df, p_value))
