"""Tests and strength of relation in tables of counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dsp.inference.base import Z95, Effect, Test, effect, outcome, root
from dsp.inference.correlation import fisher_interval
from dsp.inference.tails import chi_square_tail

Counts = Sequence[Sequence[int]]


def chi_square(table: Counts) -> Test | None:
    """Test whether the rows and columns of a table of counts are independent.

    Empty rows and columns are left out; no continuity correction.

    References
    ----------
    `scipy.stats.chi2_contingency` with ``correction=False``.
    """
    df = _df(table)
    if df is None:
        return None
    statistic = math.fsum((count - e) ** 2 / e for count, e in _cells(table))
    return outcome("chi-square test", statistic, chi_square_tail(statistic, df), df)


def g_test(table: Counts) -> Test | None:
    """Test independence by the ratio of likelihoods.

    Empty rows and columns are left out; no continuity correction.

    References
    ----------
    `scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"``.
    """
    df = _df(table)
    if df is None:
        return None
    terms = (count * math.log(count / e) for count, e in _cells(table) if count)
    statistic = max(0.0, 2 * math.fsum(terms))
    return outcome("G test", statistic, chi_square_tail(statistic, df), df)


def least_expected(table: Counts) -> float | None:
    """Return the smallest count expected under independence; None for an empty table."""
    return min((e for _, e in _cells(table)), default=None)


def fisher_exact(table: Counts) -> Test | None:
    """Test independence in a table of two rows and two columns, for any counts.

    Sums the chances of all tables with the same margins that are no likelier (within
    1e-7) than this one. The statistic is the count of the first cell.

    References
    ----------
    `scipy.stats.fisher_exact`.

    Examples
    --------
    >>> round(fisher_exact([[8, 2], [1, 5]]).p_value, 6)
    0.034965
    """
    (a, b), (c, d) = table
    if min(a + b, c + d, a + c, b + d) < 1:
        return None
    chances = dict(_chances(table))
    most = chances[a] * (1 + 1e-7)
    total = math.fsum(chances.values())
    p = math.fsum(w for w in chances.values() if w <= most) / total
    return outcome("Fisher exact test", a, p)


def cramers_v(table: Counts) -> float | None:
    """Return Cramér's V of a table of counts, corrected for bias (0-1), or None.

    References
    ----------
    Bergsma 2013, A bias-correction for Cramér's V and Tschuprow's T.
    """
    test = chi_square(table)
    n = sum(map(sum, table))
    if test is None or n < 2:
        return None
    k, m = _shape(table)
    phi2 = max(0.0, test.statistic / n - (k - 1) * (m - 1) / (n - 1))
    smaller = min(k - (k - 1) ** 2 / (n - 1), m - (m - 1) ** 2 / (n - 1)) - 1
    return min(1.0, math.sqrt(phi2 / smaller)) if smaller > 0 else None


def cramers_v_effect(table: Counts) -> Effect | None:
    """Return Cramér's V, corrected for bias, with its interval.

    The interval inverts the noncentral chi-square distribution.

    References
    ----------
    Smithson 2003, Confidence intervals, chapter 4, without adding degrees of freedom.
    """
    value, test = cramers_v(table), chi_square(table)
    if value is None or test is None:
        return None
    scale = sum(map(sum, table)) * (min(_shape(table)) - 1)
    ends = _noncentral(test.statistic, test.df or 1)
    low, high = (min(1.0, math.sqrt(end / scale)) for end in ends)
    return effect("cramers_v", value, (low, high), "noncentral chi-square")


def phi(table: Counts) -> Effect | None:
    """Return the correlation of two columns of two values each, with Fisher's interval.

    References
    ----------
    `scipy.stats.pearsonr` of the rows the table counts.
    """
    (a, b), (c, d) = table
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return None
    # Whole numbers up to the last division: margins of millions leave a double.
    value = (a * d - b * c) / math.isqrt(margins << 128) * 2.0**64
    value = max(-1.0, min(1.0, value))
    return effect("phi", value, fisher_interval(value, a + b + c + d), "Fisher z")


def odds_ratio(table: Counts) -> Effect | None:
    """Return the odds ratio of the sample with Woolf's interval; None with an empty cell.

    References
    ----------
    `scipy.stats.contingency.odds_ratio` with ``kind="sample"``.
    """
    (a, b), (c, d) = table
    if min(a, b, c, d) < 1:
        return None
    half = Z95 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    ratio = a * d / (b * c)
    return effect(
        "odds_ratio", ratio, (ratio * math.exp(-half), ratio * math.exp(half)), "Woolf"
    )


def conditional_odds_ratio(table: Counts) -> Effect | None:
    """Return the odds ratio given the margins, with its exact interval.

    None where it is 0 or infinite: at the ends of what the margins allow.

    References
    ----------
    `scipy.stats.contingency.odds_ratio` with ``kind="conditional"``.
    """
    (a, b), (c, d) = table
    low, high = max(0, a - d), min(a + b, a + c)
    if not low < a < high:
        return None
    chances = [(x, w) for x, w in _chances(table) if w > 0]
    logs = [(x, math.log(w)) for x, w in chances]

    def tilted(beta: float) -> list[tuple[int, float]]:
        most = max(log + x * beta for x, log in logs)
        weights = [(x, math.exp(log + x * beta - most)) for x, log in logs]
        total = math.fsum(w for _, w in weights)
        return [(x, w / total) for x, w in weights]

    def mean(beta: float) -> float:
        return math.fsum(x * w for x, w in tilted(beta)) - a

    def at_least(beta: float) -> float:
        return math.fsum(w for x, w in tilted(beta) if x >= a) - 0.025

    def at_most(beta: float) -> float:
        return math.fsum(w for x, w in tilted(beta) if x <= a) - 0.025

    value, first, last = (
        math.exp(root(f, -60.0, 60.0)) for f in (mean, at_least, at_most)
    )
    return effect("odds_ratio", value, (first, last), "exact, conditional")


def _shape(table: Counts) -> tuple[int, int]:
    """Return the rows and columns that are not empty."""
    rows = sum(sum(row) > 0 for row in table)
    return rows, sum(sum(column) > 0 for column in zip(*table, strict=True))


def _df(table: Counts) -> int | None:
    k, m = _shape(table)
    return (k - 1) * (m - 1) if min(k, m) > 1 else None


def _cells(table: Counts) -> Iterator[tuple[int, float]]:
    """Yield count and expected count of every cell whose row and column hold rows."""
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    n = sum(rows)
    for row, r in zip(table, rows, strict=True):
        for count, c in zip(row, columns, strict=True):
            if r and c:
                yield count, r * c / n


def _chances(table: Counts) -> Iterator[tuple[int, float]]:
    """Yield each possible first cell with its chance, in units of the likeliest.

    Ratios of neighbours are multiplied outwards from the likeliest, so that no factorial
    and no difference of logarithms loses digits.
    """
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - n), min(row, column)
    top = min(high, max(low, (row + 1) * (column + 1) // (n + 2)))
    yield top, 1.0
    weight = 1.0
    for x in range(top, high):
        weight *= (row - x) * (column - x) / ((x + 1) * (n - row - column + x + 1))
        yield x + 1, weight
    weight = 1.0
    for x in range(top, low, -1):
        weight *= x * (n - row - column + x) / ((row - x + 1) * (column - x + 1))
        yield x - 1, weight


def _noncentral(x: float, df: float) -> tuple[float, float]:
    """Return the 95 % interval of the noncentrality of a chi-square statistic."""
    from scipy.special import chndtr

    if x > 1e5:
        half = Z95 * math.sqrt(2 * (df + 2 * (x - df)))
        return max(0.0, x - df - half), x - df + half
    most = x + 20 + 5 * math.sqrt(2 * df + 4 * x)
    ends = [
        root(lambda nc, p=p: float(chndtr(x, df, nc)) - p, 0.0, most)  # type: ignore[misc]
        if float(chndtr(x, df, 0.0)) > p
        else 0.0
        for p in (0.975, 0.025)
    ]
    return ends[0], ends[1]
