"""Multiplicity control: Holm over every test that ran, found or not.

Tests of one detector are a family. The chance of a false claim is shared out evenly over
the families, and Holm's procedure keeps each family to its part, so that the chance of
any false claim at all stays what it is, and ten tests of a trend do not pay for ten
thousand of lags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALPHA = 0.005
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


def holm_by_family(
    p_values: Sequence[float], families: Sequence[str], n_tests: Mapping[str, int]
) -> list[float]:
    """Return adjusted p values: Holm within each family, times the number of families.

    Parameters
    ----------
    p_values, families
        The p values at hand, and the family of each.
    n_tests
        Tests that ran in each family.

    References
    ----------
    Bonferroni over families: Wiens and Dmitrienko (2005); Holm (1979) within them.

    Examples
    --------
    >>> holm_by_family([0.001, 0.001], ["lag", "trend"], {"lag": 900, "trend": 10})
    [1.0, 0.02]
    """
    known = {name for name, n in n_tests.items() if n} | set(families)
    adjusted = [1.0] * len(p_values)
    for family in sorted(set(families)):
        places = [i for i, name in enumerate(families) if name == family]
        within = holm([p_values[i] for i in places], n_tests.get(family, 0))
        for i, q in zip(places, within, strict=True):
            adjusted[i] = min(1.0, q * len(known))
    return adjusted
