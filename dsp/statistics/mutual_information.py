"""Mutual information of any two columns, from the table of their values or bins."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.information import mutual_information
from dsp.records import Association, ColumnProfile
from dsp.statistics.frame import Frame, Pair, association
from dsp.statistics.reader import Reader
from dsp.statistics.sums import PairStatistics, pair_statistics

MOST_COUNTS = 20_000_000
"""Rows by pairs that are counted when nobody asks for it."""
BINS = "measures in bins that end at their 1, 5, 25, 50, 75, 95 and 99 % quantiles"


class MutualInformation:
    """What one column tells about the other, in nats, corrected for bias.

    Sees relations of any shape between columns of any kind. Measures are cut at the
    quantiles of their profile; `normalized` is the share of the mean entropy (0-1).
    """

    name = "mutual_information"
    kinds = None
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the information of each pair and its G test, from one scan."""
        reader = Reader(
            frame.engine,
            frame.source,
            frame.profiles,
            levels=dict(frame.statistics.levels),
            edges={
                name: _edges(profile)
                for name, profile in frame.profiles.items()
                if frame.kind(name) == "measure"
            },
        )
        n_counts = frame.n_rows * len(pairs)
        if n_counts > MOST_COUNTS and not frame.is_asked(self.name):
            reason = (
                f"{n_counts:,} values to count are more than {MOST_COUNTS:,}: "
                f'ask for it with measures=["{self.name}"]'
            )
            return [_association(frame, reader, None, pair, reason) for pair in pairs]
        found = pair_statistics(
            reader,
            dict.fromkeys(frame.profiles, "dimension"),
            among=frame.among,
            target=frame.target,
        )
        return [_association(frame, reader, found, pair) for pair in pairs]


def _edges(profile: ColumnProfile) -> tuple[float, ...]:
    """Return the ends of bins: quantiles below the greatest value."""
    quantiles = (
        *(profile.q01, profile.q05, profile.q25, profile.q50),
        *(profile.q75, profile.q95, profile.q99),
    )
    most = profile.max_number
    below = (q for q in quantiles if q is not None and most is not None and q < most)
    return tuple(dict.fromkeys(below))


def _association(
    frame: Frame,
    reader: Reader,
    found: PairStatistics | None,
    pair: Pair,
    reason: str | None = None,
) -> Association:
    a, b = pair
    if found is None:
        known, n_rows = None, frame.n_both(a, b)
    else:
        counts = found.tables[a, b] if pair in found.tables else found.tables[b, a].T
        known, n_rows = mutual_information(counts.tolist()), int(counts.sum())
        reason = None if known else "a column has one value in the rows of both"
    return association(
        pair,
        "mutual_information",
        known.corrected if known else None,
        n_rows=n_rows,
        evidence_sql=_evidence(frame, reader, pair),
        test=known.test if known else None,
        normalized=known.normalized if known else None,
        method=None if reader.edges.keys().isdisjoint(pair) else BINS,
        reason=reason,
    )


def _evidence(frame: Frame, reader: Reader, pair: Pair) -> str:
    """Return SQL that counts the rows by both values, or numbers of bins."""
    a, b = (
        reader.code(name) if name in reader.edges else frame.column(name).value
        for name in pair
    )
    return (
        "select a, b, count(*) as n_rows\n"
        f"from (select {a} as a, {b} as b from {frame.source})\n"
        "where a is not null\n    and b is not null\ngroup by a, b\norder by a, b"
    )


plugin = MutualInformation()
