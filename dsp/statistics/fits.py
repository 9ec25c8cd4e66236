"""Which family of distributions a column of numbers is closest to.

One scan for all columns: counts of some four hundred bins, laid by the quantiles, and
sums of logarithms. The families are fitted to the sums and compared with the bins. Big
tables are sampled by a hash: a closer look would only reject every family.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import DuckEngine, quote
from dsp.inference.base import Test
from dsp.inference.dip import dip, dip_p_value
from dsp.inference.fits import FAMILIES, Fit, Summary, distance, fits, goodness
from dsp.inference.mixtures import two_normals
from dsp.records import ColumnProfile, DistributionFit
from dsp.statistics.base import NUMERIC, SMALL_CHUNK, Column, chunks
from dsp.statistics.moments import float_sql

LEAST = 20
"""Values below which nothing is fitted."""
LEAST_DISTINCT = 6
"""Different values below which a column has no shape."""
MOST_CELLS = 400
"""Whole numbers in a smaller range than this are counted one by one."""
MOST_FACTORIAL = 1e6
"""Whole numbers below this have the likelihood of a Poisson distribution computed."""
CLOSE, NEAR = 0.02, 0.05
"""Distances up to which a fit is called close, or rough."""
BIMODAL = 0.01
"""Dip from which on two peaks are worth a word."""

_CELLS = (
    *((0.01, 16), (0.05, 24), (0.25, 64), (0.5, 80), (0.75, 80), (0.95, 64), (0.99, 24)),
    (1.0, 32),
)
"""Bins up to each known quantile."""
SAMPLE_ROWS = 250_000
"""Rows, about, that are looked at in tables of more than twice as many."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one scan says of a column: edges of bins with their counts, and sums."""

    profile: ColumnProfile
    edges: list[float]
    counts: list[int]
    summary: Summary
    is_sampled: bool
    query: str

    @property
    def bounds(self) -> list[float]:
        """All edges, the smallest value first."""
        low = self.profile.min_number or 0.0
        return [low - 0.5 if self.summary.is_whole else low, *self.edges]


def distribution_fits(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile]
) -> Iterator[DistributionFit]:
    """Yield one fit a measure and family, ranked by distance.

    With many rows every family is rejected, so that the distance says more than the p
    value: Kolmogorov and Smirnov's between the counts and the fit at the edges of the
    bins, with what it is at most anywhere. The row of the family ``bimodal`` is of two
    normal distributions, and its test is Hartigan's dip test for more than one peak.
    """
    where = _sampled(columns)
    usable = [c for c in columns if _has_shape(c)]
    for part in chunks(usable, SMALL_CHUNK):
        for counted in _count(engine, source, part, where=where):
            yield from _records(counted)


def _sampled(columns: Sequence[ColumnProfile]) -> str:
    """Return SQL that picks rows by a hash of what tells rows apart, or nothing.

    No threads and no order of rows can change such a sample. Where too few values tell
    rows apart, equal rows would come or go together, and all rows are looked at.
    """
    n_rows = columns[0].n_rows if columns else 0
    every = n_rows // SAMPLE_ROWS
    if every < 2:
        return ""
    known = [c for c in columns if c.family not in ("nested", "binary")]
    telling = sorted(known, key=lambda c: (-c.n_distinct, c.position))[:3]
    if telling and 4 * telling[0].n_distinct >= n_rows:
        telling = telling[:1]
    elif math.prod(c.n_distinct for c in telling) < 10 * n_rows:
        return ""
    listed = ", ".join(quote(c.column_name) for c in telling)
    return f" where hash({listed}) % {every} = 0"


def _has_shape(profile: ColumnProfile) -> bool:
    return (
        profile.role in ("measure", "target")
        and profile.family in NUMERIC
        and profile.n_distinct >= LEAST_DISTINCT
        and profile.sd is not None
        and 1e-150 < profile.sd < 1e150
        and profile.q01 is not None
        and profile.n_rows - profile.n_null - profile.n_nan - profile.n_infinite >= LEAST
    )


def _edges(profile: ColumnProfile) -> tuple[list[float], bool]:
    """Return upper edges of bins, and whether they lie between whole numbers."""
    low, high = profile.min_number or 0.0, profile.max_number or 0.0
    whole = profile.family == "integer"
    if whole and high - low < MOST_CELLS:
        return [low + 0.5 + i for i in range(int(high - low) + 1)], True
    known = (*(getattr(profile, f"q{q}") for q in ("01", "05", 25, 50, 75, 95, 99)), high)
    edges: list[float] = []
    start = low
    for (_, n), end in zip(_CELLS, known, strict=True):
        edges += [start + (end - start) * (i + 1) / n for i in range(n)]
        start = end
    if whole:
        edges = [math.floor(edge) + 0.5 for edge in edges]
    last = math.floor(high) + 0.5 if whole else high
    return sorted({edge for edge in edges if edge < last} | {last}), whole


def _count(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile], *, where: str
) -> Iterator[_Counted]:
    origin = f"(select * from {source}{where})" if where else source
    laid = [_edges(profile) for profile in columns]
    values, terms = [], []
    for i, (profile, (edges, whole)) in enumerate(zip(columns, laid, strict=True)):
        number, low = _number(profile), profile.min_number or 0.0
        log = f"ln({number}) - {float_sql(_centre(profile))}" if low > 0 else "null"
        counts = whole and low >= 0 and (profile.max_number or 0.0) < MOST_FACTORIAL
        factorial = f"lgamma({number} + 1)" if counts else "null"
        values.append(
            f"{number} as x{i}, {number} - {float_sql(profile.mean or 0.0)} as y{i}, "
            f"cast({log} as double) as l{i}, cast({factorial} as double) as f{i}"
        )
        terms.append(
            f"histogram(x{i}, [{_listed(edges)}]), count(x{i}), fsum(y{i}), "
            f"fsum(y{i} * y{i}), fsum(l{i}), fsum(l{i} * l{i}), fsum(f{i})"
        )
    row = engine.rows(
        f"select {', '.join(terms)} from (select {', '.join(values)} from {origin})"
    )[0]
    for i, (profile, (edges, whole)) in enumerate(zip(columns, laid, strict=True)):
        found, n, *sums = row[7 * i : 7 * i + 7]
        if n < LEAST:
            continue
        yield _Counted(
            profile=profile,
            edges=edges,
            counts=[found.get(edge, 0) for edge in edges],
            summary=_summary(profile, n, sums, is_whole=whole),
            is_sampled=bool(where),
            query="select unnest(map_keys(bins)) as up_to, unnest(map_values(bins)) as "
            f"n_rows\nfrom (select histogram({_number(profile)}, [{_listed(edges)}]) as "
            f"bins\n    from {origin})",
        )


def _number(profile: ColumnProfile) -> str:
    return Column(profile.column_name, profile.data_type, profile.position).number


def _listed(edges: Sequence[float]) -> str:
    return ", ".join(map(float_sql, edges))


def _centre(profile: ColumnProfile) -> float:
    """Return about where the logarithms lie, so that their squares keep digits."""
    return math.log(profile.q50) if profile.q50 and profile.q50 > 0 else 0.0


def _summary(
    profile: ColumnProfile, n: int, sums: Sequence[float | None], *, is_whole: bool
) -> Summary:
    def mean_and_variance(
        centre: float, first: float | None, second: float | None
    ) -> tuple[float, float] | tuple[None, None]:
        if first is None or second is None:
            return None, None
        shift = first / n
        return centre + shift, max(0.0, second / n - shift * shift)

    mean, variance = mean_and_variance(profile.mean or 0.0, *sums[:2])
    log_mean, log_variance = mean_and_variance(_centre(profile), *sums[2:4])
    return Summary(
        n=n,
        mean=mean or 0.0,
        variance=variance or 0.0,
        low=profile.min_number or 0.0,
        high=profile.max_number or 0.0,
        is_whole=is_whole,
        log_mean=log_mean,
        log_variance=log_variance,
        log_factorials=sums[4],
    )


def _records(counted: _Counted) -> Iterator[DistributionFit]:
    n, n_bins = counted.summary.n, bins_for(counted.summary.n)
    found: list[tuple[str, Fit, Test | None]] = []
    for name, fit in zip(FAMILIES, fits(counted.summary), strict=True):
        if fit is not None:
            test = goodness(fit, counted.edges, counted.counts, n_bins=n_bins)
            found.append((name, fit, test))
    mixed = two_normals(counted.bounds, counted.counts)
    if mixed is not None:
        parameters = {
            "share": mixed.share,
            **dict(zip(("mean_1", "mean_2"), mixed.means, strict=True)),
            **dict(zip(("sd_1", "sd_2"), mixed.sds, strict=True)),
        }
        found.append(
            ("bimodal", Fit("bimodal", parameters, mixed.cdf), _dip_test(counted))
        )
    distances = {name: distance(f, counted.edges, counted.counts) for name, f, _ in found}
    ranked = sorted(found, key=lambda f: (distances[f[0]][0], f[0]))
    # Two normals have five parameters, and are near to nearly all that has one peak.
    ranks = {
        name: rank
        for rank, name in enumerate(
            (n for n, _, test in ranked if n != "bimodal" or has_two_peaks(test)), 1
        )
    }
    for name, fit, test in ranked:
        ks, ks_high = distances[name]
        yield DistributionFit(
            column_name=counted.profile.column_name,
            rank=ranks.get(name),
            family=name,
            is_best=ranks.get(name) == 1,
            n_rows=n,
            is_sampled=counted.is_sampled,
            parameters=json.dumps(fit.parameters),
            ks=ks,
            ks_high=ks_high,
            aic=fit.aic,
            test=test.name if test else None,
            statistic=test.statistic if test else None,
            df=int(test.df) if test and test.df is not None else None,
            p_value=test.p_value if test else None,
            verdict=_verdict(name, fit, ks, test),
            reason=_reason(counted, name, fit, test),
            evidence_sql=counted.query,
        )
    for name in (m for m in FAMILIES if m not in distances):
        yield DistributionFit(
            column_name=counted.profile.column_name,
            family=name,
            is_best=False,
            n_rows=n,
            is_sampled=counted.is_sampled,
            verdict=f"not {name}",
            reason=_NEEDS[name],
            evidence_sql=counted.query,
        )


_NEEDS = {
    "normal": "needs values that differ",
    "lognormal": "needs values above zero",
    "exponential": "needs values of zero or more",
    "gamma": "needs values above zero that differ",
    "uniform": "needs values that differ",
    "poisson": "needs whole numbers of zero or more",
}


def bins_for(n: int) -> int:
    """Return into how many bins n values are joined for a chi-square test.

    References
    ----------
    Mann and Wald 1942, as simplified by Moore 1986: 2 n^(2/5), here at most 50.
    """
    return min(50, max(4, round(2 * math.pow(n, 0.4))))


def has_two_peaks(test: Test | None) -> bool:
    """Tell whether a dip test shows two peaks that are worth a word."""
    return bool(test and test.p_value < 0.01 and test.statistic >= BIMODAL)


def _dip_test(counted: _Counted) -> Test | None:
    """Test the bins, as a distribution function that is linear inside each of them."""
    n, up_to, shares = counted.summary.n, 0, [0.0]
    for count in counted.counts:
        up_to += count
        shares.append(up_to / n)
    found = dip(counted.bounds, shares, shares)
    if found is None:
        return None
    return Test("dip test", found.distance, dip_p_value(found.distance, n))


def _verdict(name: str, fit: Fit, ks: float, test: Test | None) -> str:
    p_value = test.p_value if test else None
    if name == "bimodal":
        if not has_two_peaks(test):
            return "one peak" if test else "peaks not counted"
        low, high = fit.parameters["mean_1"], fit.parameters["mean_2"]
        return f"two peaks, of normals around {low:.4g} and {high:.4g} (KS {ks:.2g})"
    if p_value is not None and p_value >= 0.05 and ks <= 2 * NEAR:
        return f"agrees with {name} (KS {ks:.2g}, p = {p_value:.2g})"
    if ks <= CLOSE:
        return f"close to {name} (KS {ks:.2g})"
    return f"roughly {name} (KS {ks:.2g})" if ks <= NEAR else f"not {name} (KS {ks:.2g})"


def _reason(counted: _Counted, name: str, fit: Fit, test: Test | None) -> str | None:
    """Return why a figure is missing, or what no family can follow."""
    n_most = max(counted.counts)
    reasons = []
    if name == "bimodal" and not has_two_peaks(test):
        reasons.append("not ranked: one peak")
    if fit.aic is None:
        reasons.append(
            "no AIC of a mixture fitted to bins"
            if name == "bimodal"
            else "no AIC: the likelihood is not known"
        )
    if test is None:
        reasons.append("no test: fewer than three bins")
    if counted.profile.n_zero > counted.summary.n / 4:
        share = counted.profile.n_zero / counted.summary.n
        reasons.append(f"{share:.0%} of the values are zero")
    elif n_most > counted.summary.n / 4 and len(counted.edges) > 50:
        reasons.append(f"{n_most / counted.summary.n:.0%} of the values are in one bin")
    return "; ".join(reasons) or None
