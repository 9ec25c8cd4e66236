"""What a profile computes of a table, part by part; one part may fail."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from dsp.events import Tick
from dsp.numbers import counted
from dsp.pipeline.attempts import attempt
from dsp.records import Problem, RepeatedRows

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, StoredTable

MOST_DETAILED = 500
"""Columns up to which patterns, fits and the like are looked for: 17 ms of CPU each."""
MOST_CELLS = 5_000_000
"""Cells up to which structure is looked for when nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a profile; the arguments of `dsp.profile`."""

    target: str | None = None
    time: str | None = None
    columns: tuple[str, ...] = ()
    exact: bool = False
    relations: bool = True
    structure: bool | None = None
    redact: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """What was found of a table.

    Attributes
    ----------
    records
        Rows of result tables.
    not_searched
        Sentences on what was left out, and how to have it.
    """

    records: tuple[object, ...]
    not_searched: tuple[str, ...] = ()

    @property
    def n_duplicate_rows(self) -> int | None:
        """Rows that repeat an earlier one, where they were counted."""
        found = [r.n_excess for r in self.records if isinstance(r, RepeatedRows)]
        return found[0] if found else None


def describe(
    engine: DuckEngine, table: StoredTable, wish: Wish, *, tick: Tick
) -> Described:
    """Profile a table, look into its columns, relate them and search for structure."""
    from dsp.statistics import StatisticsEngine

    statistics = StatisticsEngine(engine)
    profile = statistics.profile(
        table, target=wish.target, time=wish.time, exact=wish.exact, tick=tick
    )
    columns = profile.columns
    problems: list[Problem] = []
    found = parts(profile)
    not_searched: list[str] = []
    # What must be hidden is found by looking into the values.
    if wish.redact or len(columns) <= MOST_DETAILED:
        found += (
            attempt(
                lambda: statistics.details(table, columns, tick=tick), "details", problems
            )
            or ()
        )
    else:
        what = f"patterns and fits of {counted(len(columns), 'column')}"
        not_searched.append(f"{what}: name up to {MOST_DETAILED} with --columns")
    time = wish.time or next((c.column_name for c in columns if c.role == "time"), None)
    series = attempt(
        lambda: statistics.series(
            table, columns, target=wish.target, time=time, tick=tick
        ),
        "series",
        problems,
    )
    found += series.records if series else ()
    if wish.relations:
        related = attempt(
            lambda: statistics.relations(table, columns, target=wish.target, tick=tick),
            "relations",
            problems,
        )
        found += parts(related)
    n_cells = columns[0].n_rows * len(columns) if columns else 0
    if wish.structure or (wish.structure is None and n_cells <= MOST_CELLS):
        structure = attempt(
            lambda: statistics.structure(table, columns), "structure", problems
        )
        found += structure.records if structure else ()
    elif wish.structure is None:
        cells = counted(n_cells, "cell")
        what = f"keys, dependencies and repeated rows among {cells}"
        not_searched.append(f"{what}: ask with --structure")
    return Described(_numbered((*found, *problems)), tuple(not_searched))


def parts(result: Any) -> tuple[object, ...]:
    """Return the records of a result of statistics, whatever kinds it has."""
    if result is None:
        return ()
    rows = [getattr(result, part.name) for part in fields(result)]
    return tuple(row for part in rows if isinstance(part, tuple) for row in part)


def _numbered(records: tuple[object, ...]) -> tuple[object, ...]:
    numbers = iter(range(1, len(records) + 1))
    return tuple(
        replace(record, problem_id=next(numbers))
        if isinstance(record, Problem)
        else record
        for record in records
    )
