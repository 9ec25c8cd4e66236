"""Multiplicity control: Holm over every test that ran, found or not."""

from __future__ import annotations

from collections.abc import Sequence

ALPHA = 0.01
"""Chance that anything false is said of a table of nothing but noise."""


def holm(p_values: Sequence[float], n_tests: int) -> list[float]:
    """Return Holm's adjusted p values in the order given.

    Parameters
    ----------
    p_values
        The p values at hand. Those that are not given count as larger, which can only
        raise the result.
    n_tests
        Tests in the family, at least ``len(p_values)``.

    References
    ----------
    Holm (1979); with all p values given it agrees with
    ``statsmodels.stats.multitest.multipletests(method="holm")``.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03], 3)
    [0.03, 0.06, 0.06]
    """
    family = max(n_tests, len(p_values))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, p_values[i] * (family - rank)))
        adjusted[i] = highest
    return adjusted
