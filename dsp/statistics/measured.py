"""Measures every column the cheapest way that is exact for what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dsp.engine.duckdb_engine import DuckEngine
from dsp.events import Tick
from dsp.records import HistogramBin, TopValue
from dsp.statistics import scans
from dsp.statistics.base import NUMERIC, Column
from dsp.statistics.cells import Cells
from dsp.statistics.distinct import EXACT_ROWS, counted_exactly, estimated, sample_step
from dsp.statistics.frequencies import grouped, scanned
from dsp.statistics.histograms import edges_of, histograms
from dsp.statistics.moments import Moments
from dsp.statistics.ordered import Ordered, Values, quantiles, ranks_of
from dsp.statistics.scans import RANGED, Counts
from dsp.statistics.spread import spread
from dsp.statistics.values import MOST_COUNTED, counted

FRACTIONS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Quantiles that are shown."""
MOST_GROUPED = 500_000
"""Texts with more values than this, in big tables, have no frequent values listed."""

_OUTER = (0.005, 0.995)
_TENTHS = tuple(i / 10 for i in range(11))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a column.

    Attributes
    ----------
    counts
        Counts and ranges.
    moments, quantiles, mad
        Of finite numbers; quantiles of dates too. None or empty where there are none.
    histograms, top_values
        Bins by kind; frequent values.
    """

    counts: Counts
    moments: Moments | None = None
    quantiles: tuple[float, ...] = ()
    mad: float | None = None
    histograms: tuple[HistogramBin, ...] = ()
    top_values: tuple[TopValue, ...] = ()


def measured(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    *,
    exact: bool,
    tick: Tick,
) -> dict[str, Measured]:
    """Return what is counted of every column, by name.

    Numbers of few values and texts are grouped by value, which gives everything at once.
    Numbers of many values are cut into cells. Which of them a column is, the first rows
    let guess; a wrong guess costs time, and nothing else.
    """
    work = _Columns(engine, source, columns, exact=exact, tick=tick)
    return work.measured()


class _Columns:
    """The columns of one table while they are measured."""

    def __init__(
        self,
        engine: DuckEngine,
        source: str,
        columns: Sequence[Column],
        *,
        exact: bool,
        tick: Tick,
    ) -> None:
        self.engine, self.source, self.columns = engine, source, columns
        self.exact, self.tick = exact, tick
        self.edges: dict[str, Mapping[str, Sequence[float]]] = {}
        self.found: dict[str, Measured] = {}
        self.drawn: dict[Column, int] = {}
        self.guessed: dict[str, scans.Guess] = {}

    def measured(self) -> dict[str, Measured]:
        """Measure every column and return what was found."""
        n_columns = len(self.columns)
        self._told("ranges")
        counts = scans.ranges(self.engine, self.source, self.columns)
        few, many = self._divided(counts)
        self._told("numbers of few values")
        numbers = [c for c in few if c.family in RANGED]
        for column, known, values, top in counted(
            self.engine, self.source, numbers, counts, n_columns=n_columns
        ):
            self._keep_values(column, known, values, top)
        many += [c for c in numbers if c.name not in self.found]
        self._told("texts")
        texts = [c for c in few if c.family not in RANGED]
        known_texts, top = grouped(
            self.engine, self.source, texts, counts, n_columns=n_columns
        )
        for column in texts:
            own = tuple(v for v in top if v.column_name == column.name)
            self.found[column.name] = Measured(known_texts[column.name], top_values=own)
        self._told("numbers of many values")
        self._spread([c for c in many if c.family in RANGED], counts)
        long = [c for c in many if c.family not in RANGED]
        for name, known in scanned(self.engine, self.source, long, counts).items():
            self.found[name] = Measured(known)
        self._told("distinct values")
        self._count_distinct(many)
        return self.found

    def _told(self, message: str) -> None:
        done = len(self.found)
        self.tick(done, len(self.columns), unit="columns", message=message)

    def _divided(self, counts: Mapping[str, Counts]) -> tuple[list[Column], list[Column]]:
        """Return the columns of few values, and those of many."""
        n_rows = counts[self.columns[0].name].n_rows if self.columns else 0
        if n_rows <= MOST_COUNTED:
            return list(self.columns), []
        self.guessed = guessed = scans.guesses(
            self.engine, self.source, self.columns, counts
        )
        few: list[Column] = []
        many: list[Column] = []
        for column in self.columns:
            if column.family in RANGED:
                is_few = guessed[column.name].n_distinct <= MOST_COUNTED
            else:
                is_few = (
                    n_rows <= EXACT_ROWS
                    or guessed[column.name].n_distinct <= MOST_GROUPED
                )
            (few if is_few or self._is_text_asked(column) else many).append(column)
        return few, many

    def _is_text_asked(self, column: Column) -> bool:
        return self.exact and column.family not in RANGED

    def _keep_values(
        self, column: Column, counts: Counts, values: Values, top: Sequence[TopValue]
    ) -> None:
        outer = quantiles(values, _OUTER)
        edges = edges_of(column, counts, *outer) if outer else {}
        self._keep(column, counts, values, edges, top)

    def _keep(
        self,
        column: Column,
        counts: Counts,
        values: Ordered,
        edges: Mapping[str, Sequence[float]],
        top: Sequence[TopValue] = (),
    ) -> None:
        is_measured = column.family in (*NUMERIC, "boolean") and values.n > 0
        bins = histograms(column, values, edges, self.source)
        self.found[column.name] = Measured(
            counts,
            moments=values.moments() if is_measured else None,
            quantiles=()
            if column.family == "boolean"
            else tuple(quantiles(values, FRACTIONS)),
            mad=values.mad() if column.family in NUMERIC else None,
            histograms=() if column.family == "boolean" else tuple(bins),
            top_values=tuple(top),
        )

    def _spread(self, columns: Sequence[Column], counts: Mapping[str, Counts]) -> None:
        n_rows = counts[columns[0].name].n_rows if columns else 0
        is_exact = self.exact or n_rows <= EXACT_ROWS
        for column, known, cells, drawn in spread(
            self.engine,
            self.source,
            columns,
            {
                c.name: replace(
                    counts[c.name], is_whole=self.guessed[c.name].may_be_whole
                )
                for c in columns
            },
            self._wanted,
            n_columns=len(self.columns),
            step=1 if is_exact else sample_step(n_rows),
        ):
            self._keep(column, known, cells, self.edges[column.name])
            if drawn is not None:
                self.drawn[column] = drawn

    def _wanted(
        self, column: Column, counts: Counts, cells: Cells
    ) -> tuple[Sequence[int], Sequence[float]]:
        """Return the ranks and edges that will be asked of cells."""
        ranks = {
            rank
            for fraction in (*FRACTIONS, *_OUTER, *_TENTHS)
            for rank in ranks_of(cells.n, fraction)[:2]
        }
        first, last = (cells.place(ranks_of(cells.n, fraction)[0]) for fraction in _OUTER)
        inner = float(cells.low[first]), float(cells.high[last])
        self.edges[column.name] = edges = edges_of(column, counts, *inner)
        return sorted(ranks), [edge for listed in edges.values() for edge in listed]

    def _count_distinct(self, columns: Sequence[Column]) -> None:
        known = {c.name: self.found[c.name].counts for c in columns}
        n_rows = next(iter(known.values())).n_rows if known else 0
        is_exact = self.exact or n_rows <= EXACT_ROWS
        source, n_columns = self.source, len(self.columns)
        if is_exact:
            counted_ = counted_exactly(
                self.engine, source, columns, known, n_columns=n_columns
            )
        else:
            counted_ = estimated(
                self.engine, source, columns, known, self.drawn, n_columns=n_columns
            )
        for name, counts in counted_.items():
            self.found[name] = replace(self.found[name], counts=counts)
