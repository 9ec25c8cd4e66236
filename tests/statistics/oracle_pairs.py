"""How two columns relate, worked out by numpy, pandas, scipy and statsmodels alone."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from tests.statistics.oracle_columns import frozen, number_of

if TYPE_CHECKING:
    import pyarrow as pa

Found = tuple[float | None, float | None]
"""A value or statistic, and a p value."""


def numbers(array: pa.ChunkedArray) -> np.ndarray:
    """Return the values of a column as doubles by row, NaN where there is no number."""
    x = np.array(
        [np.nan if v is None else number_of(v) for v in array.to_pylist()], float
    )
    return np.where(np.isfinite(x), x, np.nan)


def levels(array: pa.ChunkedArray) -> list[Any]:
    """Return the values of a column by row, None where there is none."""
    isnan = array.to_pandas().isna()
    listed = zip(array.to_pylist(), isnan, strict=True)
    return [None if is_missing else frozen(v) for v, is_missing in listed]


def both(x: Sequence[Any], y: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of the rows that have both."""
    frame = pd.DataFrame({"x": pd.Series(x), "y": pd.Series(y)}).dropna()
    return frame["x"].to_numpy(), frame["y"].to_numpy()


def scaled(x: np.ndarray) -> np.ndarray:
    """Return numbers moved to their median and scaled into [-1, 1]."""
    x = x.astype(float)
    if not len(x) or x.min() == x.max():
        return np.zeros(len(x))
    for _ in range(2):
        x = np.ldexp(x, -int(np.frexp(np.abs(x).max())[1]) - 1)
        x = x - np.median(x)
    return x


def pearson(x: np.ndarray, y: np.ndarray) -> Found:
    """Return Pearson's r and its p value."""
    u, v = scaled(x), scaled(y)
    if len(x) < 2 or not u.any() or not v.any():
        return None, None
    u, v = u - math.fsum(u) / len(u), v - math.fsum(v) / len(v)
    r = math.fsum(u * v) / math.sqrt(math.fsum(u * u) * math.fsum(v * v))
    return r, p_of(r, len(x))


def p_of(r: float, n: int) -> float | None:
    """Return the p value of a correlation."""
    if n < 3:
        return None
    rest = max(0.0, 1 - r * r)
    return (
        float(2 * stats.t.sf(abs(r) * math.sqrt((n - 2) / rest), n - 2)) if rest else 0.0
    )


def spearman(x: np.ndarray, y: np.ndarray) -> Found:
    """Return Spearman's rho and its p value."""
    return pearson(stats.rankdata(x), stats.rankdata(y))


def cramers_v(x: np.ndarray, y: np.ndarray) -> Found:
    """Return Cramér's V without its bias, and the p value of chi-square."""
    table = pd.crosstab(x, y).to_numpy()
    if min(table.shape) < 2:
        return None, None
    test, n, (r, k) = stats.chi2_contingency(table, correction=False), len(x), table.shape
    square = max(0.0, test.statistic / n - (r - 1) * (k - 1) / (n - 1))
    most = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return (math.sqrt(square / most) if most > 0 else None), float(test.pvalue)


def groups_of(by: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """Return the numbers of each group, in the order of the groups."""
    numbers_of: dict[Any, list[float]] = {}
    for level, value in zip(by, x, strict=True):
        numbers_of.setdefault(level, []).append(value)
    return [np.array(numbers_of[level], float) for level in sorted(numbers_of)]


def correlation_ratio(by: np.ndarray, x: np.ndarray) -> Found:
    """Return eta, and the p value of Welch's or, failing that, the classic F test."""
    x = scaled(x)
    groups = groups_of(by, x)
    if len(groups) < 2 or not x.any():
        return None, None
    within = math.fsum(v for g in groups for v in (g - math.fsum(g) / len(g)) ** 2)
    whole = math.fsum((x - math.fsum(x) / len(x)) ** 2)
    test = f_test(groups)
    return math.sqrt(max(0.0, 1 - within / whole)), None if test is None else test[1]


def f_test(groups: Sequence[np.ndarray]) -> tuple[float, float] | None:
    """Return Welch's analysis of variance, or else the classic one."""
    if all(len(g) > 1 and np.ptp(g) > 0 for g in groups):
        found = anova_oneway(list(groups), use_var="unequal")
        return float(found.statistic), float(found.pvalue)
    if sum(map(len, groups)) == len(groups) or all(np.ptp(g) == 0 for g in groups):
        return None
    found = stats.f_oneway(*groups)
    return float(found.statistic), float(found.pvalue)


def information(x: np.ndarray, y: np.ndarray) -> Found:
    """Return mutual information in nats less its bias, and the p value of a G test."""
    table = pd.crosstab(x, y).to_numpy()
    if min(table.shape) < 2:
        return None, None
    n = table.sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    entropies = [stats.entropy(part.ravel() / n) for part in (rows, columns, table)]
    plain = entropies[0] + entropies[1] - entropies[2]
    bias = ((table > 0).sum() - len(rows) - len(columns) + 1) / (2 * n)
    test = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    return max(0.0, float(plain - bias)), float(test.pvalue)


def binned(x: np.ndarray) -> np.ndarray:
    """Return in which bin each number lies; bins end at quantiles."""
    known = np.sort(x[~np.isnan(x)])
    edges = []
    for share in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
        place = (len(known) - 1) * share
        low, part = math.floor(place), place - math.floor(place)
        high = known[min(low + 1, len(known) - 1)]
        edges.append(known[low] * (1 - part) + high * part if part else known[low])
    ends = np.unique([edge for edge in edges if edge < known[-1]])
    return np.where(np.isnan(x), np.nan, np.searchsorted(ends, x, side="left"))


def distance_correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return the distance correlation, from all pairs of rows."""
    x, y = scaled(x), scaled(y)
    if len(x) < 2 or not x.any() or not y.any():
        return None
    centred = []
    for values in (x, y):
        away = np.abs(values[:, None] - values[None, :])
        by_row, by_column = away.mean(axis=1)[:, None], away.mean(axis=0)[None, :]
        centred.append(away - by_row - by_column + away.mean())
    a, b = centred
    shared = (a * b).mean() / math.sqrt((a * a).mean() * (b * b).mean())
    return math.sqrt(max(0.0, shared))


GROUP_TESTS: dict[str, Callable[..., Any]] = {
    "Welch t test": lambda g: stats.ttest_ind(*g, equal_var=False),
    "Student t test": lambda g: stats.ttest_ind(*g),
    "one-way ANOVA": lambda g: stats.f_oneway(*g),
    "Welch ANOVA": lambda g: anova_oneway(list(g), use_var="unequal"),
    "Bartlett test": lambda g: stats.bartlett(*g),
    "Kruskal-Wallis test": lambda g: stats.kruskal(*g),
}


def group_test(name: str, groups: Sequence[np.ndarray]) -> Found:
    """Return the statistic and p value of a test of groups."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = GROUP_TESTS[name](groups)
    return float(found.statistic), float(found.pvalue)
