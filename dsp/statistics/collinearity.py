"""How the measures of a table hang together, from the correlations of their pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine.duckdb_engine import literal
from dsp.inference.collinearity import cluster_order, collinearity
from dsp.records import ColumnCollinearity
from dsp.statistics.frame import Frame
from dsp.statistics.sums import correlation

MOST_NAMED = 6
"""Collinear columns that a reason names."""


@dataclass(frozen=True, slots=True)
class Correlations:
    """The correlation matrix of the measures that are all related to each other.

    Attributes
    ----------
    names
        Measures, in the order of the table.
    values
        Their correlations; None where a measure does not vary over the rows with both.
    kept
        Places of the measures whose correlations are all known.
    n_rows
        Fewest rows of a pair of these.
    has_gaps
        Whether pairs are over different rows.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    kept: tuple[int, ...]
    n_rows: int
    has_gaps: bool

    @classmethod
    def of(cls, frame: Frame) -> Correlations:
        """Read the matrix from the sums of a frame."""
        related = {*frame.among, frame.target}
        names = tuple(
            name
            for name in frame.profiles
            if name in related and frame.kind(name) == "measure"
        )
        spreads = [[frame.spread(a, b) if a != b else None for b in names] for a in names]
        values = [[1.0 if s is None else correlation(s) for s in row] for row in spreads]
        kept = _complete(values)
        sizes = {
            spread.n for i in kept for j in kept if (spread := spreads[i][j]) is not None
        }
        return cls(
            names,
            tuple(map(tuple, values)),
            kept,
            min(sizes, default=0),
            len(sizes) > 1,
        )

    @property
    def matrix(self) -> list[list[float]]:
        """The correlations of the measures that are kept."""
        return [[self.values[i][j] or 0.0 for j in self.kept] for i in self.kept]

    @property
    def evidence_sql(self) -> str:
        """SQL of the correlations that are kept."""
        listed = ", ".join(literal(self.names[i]) for i in self.kept)
        return (
            "-- the matrix whose inverse tells how each column follows from the others\n"
            "select column_a, column_b, value, n_rows\nfrom main.associations\n"
            "where measure = 'pearson'\n"
            f"    and list_has_all([{listed}], [column_a, column_b])\n"
            "order by column_a, column_b"
        )

    def dependence(self, places: Sequence[int]) -> str:
        """Return in words that measures, by their place among the kept, are collinear."""
        names = [self.names[self.kept[i]] for i in places]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"collinear: {', '.join(names[:MOST_NAMED])}{more}"


NOT_VALID = "correlations over different rows do not fit together"
OVER_PAIRS = "from correlations, each over the rows with both values"


def collinearity_of(frame: Frame) -> tuple[ColumnCollinearity, ...]:
    """Return VIF, R² and the place in the clustered matrix of every measure.

    Two measures or more, in the order of clusters by average linkage on 1 - |r|.
    """
    found = Correlations.of(frame)
    if len(found.names) < 2:
        return ()
    distances = [[1 - abs(r or 0.0) for r in row] for row in found.values]
    position = {at: i for i, at in enumerate(cluster_order(distances), 1)}
    outcome = collinearity(found.matrix)
    place = {at: i for i, at in enumerate(found.kept)}
    rows = []
    for at, name in enumerate(found.names):
        vif = r2 = None
        if at not in place:
            reason: str | None = "it does not vary over the rows with another column"
        elif not outcome.is_valid:
            reason = NOT_VALID
        elif outcome.dependent[place[at]]:
            reason = found.dependence(outcome.dependent[place[at]])
        else:
            vif, r2 = outcome.vif[place[at]], outcome.r2[place[at]]
            reason = OVER_PAIRS if found.has_gaps else None
        rows.append(
            ColumnCollinearity(
                column_name=name,
                cluster_position=position[at],
                vif=vif,
                r2=r2,
                n_columns=len(found.kept),
                n_rows=found.n_rows,
                reason=reason,
                evidence_sql=found.evidence_sql,
            )
        )
    return tuple(sorted(rows, key=lambda row: row.cluster_position))


def _complete(values: Sequence[Sequence[float | None]]) -> tuple[int, ...]:
    """Leave out measures, those with most unknown correlations first, until none is."""
    kept = list(range(len(values)))
    while kept:
        unknown = {i: sum(values[i][j] is None for j in kept) for i in kept}
        worst = max(kept, key=lambda i: (unknown[i], i))
        if not unknown[worst]:
            break
        kept.remove(worst)
    return tuple(kept)
