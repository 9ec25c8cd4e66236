"""Compares two tables of one database: columns, distributions, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dsp.engine.relation import Relation
from dsp.events import Tick, no_tick
from dsp.records.comparison import (
    ComparedColumn,
    DriftBin,
    DriftMeasure,
    RowDifference,
    SchemaDifference,
)
from dsp.statistics.comparing.columns import (
    State,
    add_distribution,
    add_moments,
    all_measures,
    bins_of,
    column_of,
)
from dsp.statistics.comparing.facts import facts_of
from dsp.statistics.comparing.keys import given_key, proposed_key
from dsp.statistics.comparing.matching import Tolerance
from dsp.statistics.comparing.measures import THRESHOLD, judged
from dsp.statistics.comparing.rows import WORK, RowCounts, by_key, whole_rows
from dsp.statistics.comparing.schema import schema_differences
from dsp.statistics.comparing.sides import Pair, Sides, sides_of
from dsp.statistics.comparing.verdicts import ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison of two tables found.

    Attributes
    ----------
    n_rows_a, n_rows_b
        Rows of each.
    schema
        How the columns differ; empty for two parts of one table.
    columns, drift, bins
        Columns of both, the furthest apart first; their measures; their bins.
    rows, differences
        Counts of rows that differ, and samples.
    key, key_origin
        What rows were matched by; given, proposed or none.
    n_tests
        Tests that q values are adjusted for.
    """

    n_rows_a: int
    n_rows_b: int
    schema: tuple[SchemaDifference, ...]
    columns: tuple[ComparedColumn, ...]
    drift: tuple[DriftMeasure, ...]
    bins: tuple[DriftBin, ...]
    rows: RowCounts
    key: tuple[str, ...]
    key_origin: str
    n_tests: int

    @property
    def differences(self) -> tuple[RowDifference, ...]:
        """Samples of the rows that differ."""
        return self.rows.samples


def compare_tables(
    a: Relation,
    b: Relation,
    *,
    by: Sequence[str] = (),
    tolerance: str = "",
    renames: Mapping[str, str] | None = None,
    parts_of_one: bool = False,
    split_by: str | None = None,
    threshold: float = THRESHOLD,
    tick: Tick = no_tick,
) -> Compared:
    """Compare two tables of one database.

    Parameters
    ----------
    a, b
        The tables.
    by
        Columns that rows are matched by; proposed when empty.
    tolerance
        How far numbers may be apart and still be equal: ``0.01`` or ``0.1%``.
    renames
        Names in B by names in A, where they differ.
    parts_of_one
        Whether both are parts of one table: columns are the same then, and rows are
        matched only by a key that is given.
    split_by
        The column that made the parts; its drift is not judged.
    threshold
        Measure from which drift is small; twice as much is large.

    Raises
    ------
    ColumnNotFoundError
        A column that is named is not in both tables.
    SettingError
        The tolerance is none, or a key column holds nested values.
    """
    sides = sides_of(a, b, renames or {})
    margin = Tolerance(tolerance)
    if tolerance:
        # Refuses what is no tolerance before anything is read.
        _ = margin.value
    key = given_key(sides, by)
    steps = len(sides.pairs) + 4
    tick(0, steps, unit="steps", message="counting")
    state = State(sides, facts_of(a, a.columns), facts_of(b, b.columns))
    n_rows = (_rows(a), _rows(b))
    schema = [] if parts_of_one else schema_differences(sides, state.a, state.b)
    origin = "given" if key else "none"
    if not key and not parts_of_one:
        key = proposed_key(sides, state.a, state.b)
        origin = "proposed" if key else "none"
    tick(1, steps, unit="steps", message="matching rows")
    rows = _compare_rows(
        sides,
        key,
        margin,
        parts_of_one=parts_of_one,
        is_unique=origin == "proposed",
    )
    for i, pair in enumerate(sides.pairs, 2):
        tick(i, steps, unit="steps", message="distributions")
        add_distribution(state, pair, key=key, split_by=split_by)
    tick(steps - 2, steps, unit="steps", message="moments")
    add_moments(state)
    measures = judged(all_measures(state), threshold=threshold)
    columns = ranked(
        [column_of(state, pair, rows) for pair in sides.pairs], measures, threshold
    )
    a.engine.execute(f"drop schema if exists {WORK} cascade")
    tick(steps, steps, unit="steps")
    return Compared(
        n_rows_a=n_rows[0],
        n_rows_b=n_rows[1],
        schema=tuple(schema),
        columns=columns,
        drift=tuple(measures),
        bins=tuple(bins_of(state)),
        rows=rows,
        key=tuple(pair.name for pair in key),
        key_origin=origin,
        n_tests=sum(m.p_value is not None for m in measures),
    )


def _rows(table: Relation) -> int:
    return int(table.engine.rows(f"select count(*) from {table.sql}")[0][0])


def _compare_rows(
    sides: Sides,
    key: tuple[Pair, ...],
    margin: Tolerance,
    *,
    parts_of_one: bool,
    is_unique: bool,
) -> RowCounts:
    if key:
        return by_key(sides, key, margin, is_unique=is_unique)
    if parts_of_one:
        return RowCounts(reason="both are parts of one source; give by to match rows")
    if not sides.pairs:
        return RowCounts(reason="no column is in both tables")
    reason = "no key was given, and no column is unique in both: whole rows were counted"
    return replace(whole_rows(sides), reason=reason)
