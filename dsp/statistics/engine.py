"""Profiles a table and relates its columns, counted in scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dsp.engine import DuckEngine, engine_for
from dsp.engine.tables import source_of
from dsp.errors import ColumnNotFoundError
from dsp.events import Tick, no_tick
from dsp.records import ColumnProfile
from dsp.statistics.base import NUMERIC, Column, Profile, Relations, columns_of
from dsp.statistics.details import details
from dsp.statistics.evidence import profile_sql
from dsp.statistics.far import far_decimals
from dsp.statistics.frame import Frame, kind_of
from dsp.statistics.groups import Comparisons, compare_target
from dsp.statistics.measured import Measured, measured
from dsp.statistics.moments import Moments
from dsp.statistics.questions import Questions
from dsp.statistics.relations import relate
from dsp.statistics.roles import is_unique, role, semantic_type, time_column
from dsp.statistics.scans import Counts
from dsp.statistics.semantics import text_types
from dsp.statistics.series import SeriesResult, series_of
from dsp.statistics.structure import Inclusions, Limits, Structure, between, structure

_SAMPLE_ROWS = 500
_COUNTED = (
    *("n_rows", "n_null", "n_nan", "n_infinite", "n_empty", "n_zero", "n_negative"),
    *("n_distinct", "distinct_exact", "distinct_error", "min_value", "max_value"),
    *("length_min", "length_mean", "length_max", "mode_value", "n_mode", "entropy"),
)
_QUANTILES = ("q01", "q05", "q25", "q50", "q75", "q95", "q99")
_MOMENTS = ("total", "mean", "sd", "skewness", "kurtosis")


class StatisticsEngine(Questions):
    """Profiles a table and relates its columns.

    Parameters
    ----------
    engine
        The database that holds the table; found from the table when None.

    Examples
    --------
    >>> import ibis
    >>> from dsp.statistics import StatisticsEngine
    >>> con = ibis.duckdb.connect()
    >>> table = con.create_table("t", ibis.memtable({"x": [1.5, 2.0, 4.0, None]}))
    >>> column = StatisticsEngine().profile(table).columns[0]
    >>> column.n_null, column.mean, column.q50
    (1, 2.5, 2.0)
    """

    def profile(
        self,
        table: Any,
        *,
        target: str | None = None,
        time: str | None = None,
        n_nan: Mapping[str, int] | None = None,
        source_names: Mapping[str, str] | None = None,
        exact: bool = False,
        tick: Tick = no_tick,
    ) -> Profile:
        """Return counts, moments, quantiles, histograms and roles of every column.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        target, time
            Named columns; the time column is looked for when not given.
        n_nan
            NaN values that were turned to null before, by column.
        source_names
            Names in the source, by column, where they differ.
        exact
            Estimate no distinct count, whatever it costs.
        tick
            Told after every step.

        Raises
        ------
        ColumnNotFoundError
            `target` or `time` is not in the table.
        """
        engine = self.engine or engine_for(table)
        source = source_of(engine, table)
        columns = columns_of(engine, source)
        names = [column.name for column in columns]
        for name in (target, time):
            if name is not None and name not in names:
                raise ColumnNotFoundError.of(name, names)
        found = measured(engine, source, columns, exact=exact, tick=tick)
        counts = _with_nan({n: m.counts for n, m in found.items()}, n_nan or {})
        samples = _samples(engine, source, columns)
        types = text_types(engine, source, columns, counts, samples)
        found_time = time or time_column([c for c in columns if c.name != target], counts)
        rows = tuple(
            _row(
                column,
                counts[column.name],
                found[column.name],
                meaning=semantic_type(
                    column,
                    counts[column.name],
                    samples.get(column.name, []),
                    types.get(column.name),
                ),
                target=target,
                time=found_time,
                source=source,
                source_name=(source_names or {}).get(column.name, column.name),
            )
            for column in columns
        )
        bins = tuple(b for c in columns for b in found[c.name].histograms)
        top = tuple(v for c in columns for v in found[c.name].top_values)
        return Profile(far_decimals(engine, source, rows), bins, top)

    def details(
        self, table: Any, columns: Sequence[ColumnProfile], *, tick: Tick = no_tick
    ) -> tuple[object, ...]:
        """Return what only columns of one family have, as records of `dsp.records`.

        Texts: `TextProfile`, `TextPattern`; dates and times: `DateProfile`, `DatePart`;
        nested values: `NestedProfile`; measures: `DistributionFit`; all: `PersonalData`.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        columns
            Its profile.
        tick
            Told after every family.
        """
        engine = self.engine or engine_for(table)
        return details(engine, source_of(engine, table), columns, tick=tick)

    def series(
        self,
        table: Any,
        columns: Sequence[ColumnProfile],
        *,
        target: str | None = None,
        time: str | None = None,
        tick: Tick = no_tick,
    ) -> SeriesResult:
        """Return a table by period; arguments as in `dsp.statistics.series.series_of`."""
        engine = self.engine or engine_for(table)
        source = source_of(engine, table)
        return series_of(engine, source, columns, time=time, target=target, tick=tick)

    def relations(
        self,
        table: Any,
        columns: Sequence[ColumnProfile],
        *,
        target: str | None = None,
        measures: Sequence[str] | None = None,
        tick: Tick = no_tick,
    ) -> Relations:
        """Return associations between columns.

        Measures are related by Pearson's, Spearman's and partial correlation, and by
        Kendall's when it is asked for; dimensions by Cramér's V; a dimension and a
        measure by the correlation ratio; all pairs by mutual information, and measures
        with a measured target by distance correlation. Rows with a null
        in either column are left out pair by pair. q values are Holm's over the tests
        with the target and Benjamini and Hochberg's over the rest; Pearson's correlation,
        the correlation ratio and Cramér's V, one of which a pair has, are one family, and
        every other measure is a family of its own.

        A target is compared over the groups of every other column, too, from the same
        sums: `Relations.group_tests` and `group_summaries`.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        columns
            Its profile.
        target
            The target column; related to every usable column.
        measures
            Names of the measures to compute, whatever they cost. Those that are cheap
            enough for the size of the data when None.
        tick
            Told after every measure.

        Raises
        ------
        DspError
            A measure is not known.
        """
        engine = self.engine or engine_for(table)
        source = source_of(engine, table)
        usable = {c.column_name: c for c in columns if kind_of(c) is not None}
        aim = target if target in usable else None
        frame = Frame(engine, source, usable, aim, asked=frozenset(measures or ()))
        found, collinear, problems = relate(frame, tick=tick)
        compared = Comparisons() if measures else compare_target(frame)
        return Relations(
            found,
            (*problems, *compared.problems),
            collinear,
            group_tests=compared.tests,
            group_summaries=compared.groups,
        )

    def structure(
        self,
        table: Any,
        columns: Sequence[ColumnProfile],
        *,
        limits: Limits | None = None,
        is_distinct: bool = False,
    ) -> Structure:
        """Return keys, dependencies, inclusions, repeated rows and gaps of a table.

        Parameters
        ----------
        table
            An Ibis table of the engine.
        columns
            Its profile.
        limits
            How far to search; what an analysis can afford when None.
        is_distinct
            Whether it is known that no row repeats another; spares a scan.
        """
        engine = self.engine or engine_for(table)
        source = source_of(engine, table)
        return structure(engine, source, columns, limits=limits, is_distinct=is_distinct)

    def inclusions(
        self, tables: Mapping[str, Any], *, limits: Limits | None = None
    ) -> Inclusions:
        """Return columns whose values are among those of another, by name of the table.

        The tables are of one engine; they are profiled first.
        """
        engine = self.engine or engine_for(next(iter(tables.values())))
        sides = {
            name: (source_of(engine, table), self.profile(table).columns)
            for name, table in tables.items()
        }
        return between(engine, sides, limits=limits)


def _with_nan(counts: dict[str, Counts], n_nan: Mapping[str, int]) -> dict[str, Counts]:
    """Count NaN that has become null as NaN again."""
    for name, n in n_nan.items():
        if name in counts and n:
            found = counts[name]
            n_more = min(n, found.n_null)
            counts[name] = replace(
                found,
                n_null=found.n_null - n_more,
                n_nan=found.n_nan + n_more,
                n_nulled=n_more,
            )
    return counts


def _samples(
    engine: DuckEngine, source: str, columns: Sequence[Column]
) -> dict[str, list[str]]:
    """Return some texts of every text column, from the first rows."""
    texts = [c for c in columns if c.family == "text"]
    if not texts:
        return {}
    listed = ", ".join(f"left({c.text}, 200)" for c in texts)
    rows = engine.rows(f"select {listed} from {source} limit {_SAMPLE_ROWS}")
    return {
        c.name: [value for value in values if value is not None]
        for c, values in zip(texts, zip(*rows, strict=True), strict=False)
    }


def _row(
    column: Column,
    counts: Counts,
    found: Measured,
    *,
    meaning: str,
    target: str | None,
    time: str | None,
    source: str,
    source_name: str,
) -> ColumnProfile:
    if column.name == target:
        purpose = "target"
    else:
        purpose = "time" if column.name == time else role(column, counts, meaning)
    m = found.moments or Moments(0)
    if counts.total is not None and m.n:
        m = replace(m, total=float(counts.total), mean=counts.total / m.n)
    facts: dict[str, Any] = {name: getattr(counts, name) for name in _COUNTED}
    facts |= {name: getattr(m, name) for name in _MOMENTS}
    facts |= dict(zip(_QUANTILES, found.quantiles, strict=False))
    return ColumnProfile(
        column_name=column.name,
        position=column.position,
        source_name=source_name,
        data_type=column.data_type,
        family=column.family,
        semantic_type=meaning,
        role=purpose,
        **facts,
        min_number=counts.low,
        max_number=counts.high,
        quantiles_exact=True,
        mad=found.mad,
        is_unique=is_unique(counts),
        is_constant=counts.n_distinct <= 1,
        reason=_reason(column, counts, m),
        profile_sql=profile_sql(column, counts, found.moments, source),
    )


def _reason(column: Column, counts: Counts, moments: Moments) -> str | None:
    """Return why figures are missing, or None."""
    if column.family not in NUMERIC:
        return "no values" if counts.n_null + counts.n_nan == counts.n_rows else None
    if moments.n == 0:
        return "no finite values"
    if moments.n == 1:
        return "sd, skewness and kurtosis need more than one value"
    if moments.sd == 0:
        return "skewness and kurtosis need values that differ"
    if moments.n < 4:
        return "kurtosis needs four values or more"
    if moments.total is None or moments.sd is None:
        return "a figure is beyond the range of a double"
    return None
