"""Numbers of many values: two or three passes by cell give counts, ranks and moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine
from dsp.statistics.base import DATED, SMALL_CHUNK, Column, arrays_of, chosen, chunks
from dsp.statistics.cells import (
    ABOVE,
    BELOW,
    N_CELLS,
    NAN,
    Cells,
    Cut,
    Split,
    Zoom,
    cell_sql,
    moments_of_cells,
)
from dsp.statistics.ordered import Values
from dsp.statistics.scans import Counts

MOST_LOOKED_AT = 1_000_000
"""Rows of a column that are looked at one by one; where more lie, cells are cut again."""
FEWEST_CELLS = 64
"""The bulk of the values lies in this many cells or more, or is cut again."""
MOST_CUTS = 8
"""How often the cells of a column are cut again."""

_NOWHERE = -9

Wanted = Callable[[Column, Counts, Cells], tuple[Sequence[int], Sequence[float]]]
"""Gives the ranks and the edges that will be asked for, from whole cells."""


@dataclass(slots=True)
class _Work:
    """A column on its way: what is counted so far, and its cells."""

    column: Column
    counts: Counts
    cells: Cells

    def sql(self, source: str) -> str:
        """Return SQL of the cells as they are cut now."""
        return _cells(
            self.column,
            self.cells.cut,
            self.cells.finer,
            source,
            has_special=self.counts.has_special,
        )


def spread(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    wanted: Wanted,
    *,
    n_columns: int,
    step: int,
) -> Iterator[tuple[Column, Counts, Cells, int | None]]:
    """Yield the counts of columns of many values, and their values in cells.

    The ranks and edges that `wanted` gives may then be asked of the cells. With them
    come the distinct values in a sample of one in `step`, where doubles tell all values
    apart; see `dsp.statistics.distinct`.
    """
    asked = {"n_columns": n_columns, "n_rows": _n_rows(columns, counts)}
    for part in chunks(columns, SMALL_CHUNK):
        works = _cut(engine, source, part, counts, asked)
        places = {w.column: _settled(engine, source, w, wanted, asked) for w in works}
        drawn = _look(engine, source, works, places, asked, step=step)
        for work in works:
            yield work.column, _signs(work), work.cells, drawn.get(work.column)


def _n_rows(columns: Sequence[Column], counts: Mapping[str, Counts]) -> int:
    return counts[columns[0].name].n_rows if columns else 0


def _cut(
    engine: DuckEngine,
    source: str,
    columns: Sequence[Column],
    counts: Mapping[str, Counts],
    asked: Mapping[str, int],
) -> list[_Work]:
    """Count the rows by cell, with the sums that moments need."""
    cuts: dict[Column, Cut] = {}
    for column in columns:
        known = counts[column.name]
        if known.low is not None and known.high is not None:
            cuts[column] = Cut.of(known.low, known.high)

    def sums(column: Column, origin: str) -> str:
        known = counts[column.name]
        plain = _cells(column, cuts[column], (), origin, has_special=known.has_special)
        return _sums(column, plain, asks_whole=_asks_whole(column, known))

    works = []
    parts = arrays_of(engine, source, dict.fromkeys(cuts, sums), **asked)
    for column, part in parts.items():
        known = counts[column.name]
        if not known.has_special and not _are_finite(part):
            # NaN is the greatest value to the engine, but not to every file it reads.
            known = replace(known, has_special=True)
            again = _cut(engine, source, [column], {column.name: known}, asked)
            works += again
            continue
        works.append(_started(column, known, cuts[column], _sorted(part)))
    return works


def _are_finite(part: Mapping[str, Any]) -> bool:
    """Return whether every value has a place: those that have none share a cell."""
    return not (part["cell"] == _NOWHERE).any()


def _asks_whole(column: Column, counts: Counts) -> bool:
    return counts.is_whole and column.family in ("float", "decimal")


def _sums(column: Column, cells: str, *, asks_whole: bool) -> str:
    whole = "count(*) filter (where x = trunc(x))" if asks_whole else "0"
    total = "cast(sum(v) as varchar)" if column.is_exact else "''"
    return (
        f"select coalesce(cell, {_NOWHERE}) as cell, count(*) as n, fsum(r) as s1, "
        "fsum(r2) as s2, fsum(r * r2) as s3, fsum(r2 * r2) as s4, min(x) as low, "
        f"max(x) as high, {whole} as whole, {total} as total from "
        "(select *, r * r as r2 from "
        f"(select v, x, cell, u - cell - 0.5e0 as r from ({cells}))) group by cell"
    )


def _cells(
    column: Column,
    cut: Cut,
    finer: Sequence[Zoom | Split],
    source: str,
    *,
    has_special: bool,
) -> str:
    value = (column.sql, column.as_double("v"))
    return cell_sql(cut, finer, value, source, has_special=has_special)


def _sorted(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows in the order of their cells."""
    import numpy as np

    order = np.argsort(rows["cell"], kind="stable")
    return {name: chosen(array, order) for name, array in rows.items()}


def _started(column: Column, counts: Counts, cut: Cut, part: dict[str, Any]) -> _Work:
    cell, n = part["cell"], part["n"]
    usual = cell >= 0
    whole = int(part["whole"][usual].sum())

    def rows(*special: int) -> int:
        return sum(int(n[cell == number].sum()) for number in special)

    found = replace(
        counts,
        n_null=counts.n_rows - int(n.sum()),
        n_nan=rows(NAN),
        n_infinite=rows(ABOVE, BELOW),
        n_negative=rows(BELOW),
        total=sum(map(int, filter(None, part["total"]))) if column.is_exact else None,
        is_whole=column.family == "integer"
        or (_asks_whole(column, counts) and whole == int(n[usual].sum())),
    )
    ids, numbers = cell[usual].astype("int64"), n[usual]
    sums = tuple(part[name][usual] for name in ("s1", "s2", "s3", "s4"))
    cells = Cells(
        cut,
        ids,
        numbers,
        part["low"][usual],
        part["high"][usual],
        moments_of_cells(cut, ids, numbers, sums),
    )
    return _Work(column, found, cells)


def _settled(
    engine: DuckEngine,
    source: str,
    work: _Work,
    wanted: Wanted,
    asked: Mapping[str, int],
) -> Any:
    """Cut cells again until few rows need a look; return the places of those cells."""
    import numpy as np

    cells = work.cells
    while True:
        places = _places(work, wanted)
        if len(cells.finer) >= MOST_CUTS:
            return places
        start, gone = cells.free, np.zeros(len(cells.ids), dtype=bool)
        run = _crowded(cells)
        if run is not None:
            first, last = int(cells.ids[run[0]]), int(cells.ids[run[1]])
            cut = Cut.of(float(cells.low[run[0]]), float(cells.high[run[1]]))
            if not cut.rate:
                return places
            cells.zoomed(first, last, cut)
            gone[run[0] : run[1] + 1] = True
        elif int(cells.numbers[places].sum()) > MOST_LOOKED_AT:
            cells.split(cells.ids[places].tolist())
            gone[places] = True
        else:
            return places

        def inner(column: Column, origin: str, start: int = start) -> str:
            del column
            return (
                "select cell, count(*) as n, min(x) as low, max(x) as high from "
                f"({work.sql(origin)}) where cell >= {start} group by cell"
            )

        rows = arrays_of(engine, source, {work.column: inner}, **asked)[work.column]
        cells.replace(gone, rows)


def _places(work: _Work, wanted: Wanted) -> Any:
    """Return the filled cells whose rows must be looked at, in order."""
    import numpy as np

    cells = work.cells
    ranks, edges = wanted(work.column, work.counts, cells)
    places = np.searchsorted(cells.up_to, np.asarray(ranks), side="right")
    for edge in (*edges, 0.0, 5e-324):
        at = np.searchsorted(cells.high, [edge], side="left")
        places = np.concatenate((places, at[at < len(cells.high)]))
    places = np.union1d(places, np.flatnonzero(cells.mad_zone()))
    return places[cells.low[places] < cells.high[places]]


def _crowded(cells: Cells) -> tuple[int, int] | None:
    """Return the first and last of a few filled cells that hold nearly all, or None."""
    import numpy as np

    n = cells.n
    first, last = cells.place(n // 200), cells.place(n - 1 - n // 200)
    run = np.arange(first, last + 1)
    uneven = run[cells.low[run] < cells.high[run]]
    ids = cells.ids[run]
    is_run = bool((np.diff(ids) > 0).all()) and _level(ids[0]) == _level(ids[-1])
    if (
        is_run
        and ids[-1] - ids[0] < FEWEST_CELLS
        and 10 * int(cells.numbers[uneven].sum()) > n
    ):
        return first, last
    return None


def _level(number: int) -> int:
    return int(number) // N_CELLS


def _look(
    engine: DuckEngine,
    source: str,
    works: Sequence[_Work],
    places: Mapping[Column, Any],
    asked: Mapping[str, int],
    *,
    step: int,
) -> dict[Column, int]:
    """Fetch the values in the cells that will be asked for, and draw a sample."""
    by_column = {w.column: w for w in works}
    drawing = {w.column for w in works if step > 1 and _tells_apart(w)}

    def values(column: Column, origin: str) -> str:
        work = by_column[column]
        ids = ", ".join(str(int(i)) for i in work.cells.ids[places[column]])
        drawn = f"hash(v) & {step - 1} = 0" if column in drawing else "false"
        return (
            "select drawn, cell, x, count(*) as n from (select cell, x, "
            f"{drawn} as drawn from ({work.sql(origin)})) "
            f"where cell in ({ids or 'null'}) or drawn group by drawn, cell, x"
        )

    parts = arrays_of(engine, source, dict.fromkeys(by_column, values), **asked)
    for column, part in parts.items():
        _keep(by_column[column].cells, places[column], _sorted(part))
    return {c: int(part["drawn"].sum()) for c, part in parts.items() if c in drawing}


def _keep(cells: Cells, places: Any, rows: Mapping[str, Any]) -> None:
    """Keep the values of the cells that were asked for."""
    import numpy as np

    asked = set(cells.ids[places].tolist())
    cell = rows["cell"]
    ends = [*(np.flatnonzero(np.diff(cell)) + 1), len(cell)] if len(cell) else []
    for start, end in pairwise((0, *ends)):
        number = int(cell[start])
        if number in asked:
            cells.inside[number] = Values.of(rows["x"][start:end], rows["n"][start:end])


def _tells_apart(work: _Work) -> bool:
    """Return whether different values are different doubles."""
    column, known = work.column, work.counts
    reach = max(abs(known.low or 0.0), abs(known.high or 0.0))
    if column.family == "integer":
        return reach < 2.0**53
    if column.family in DATED:
        # Microseconds, as seconds.
        return reach < 2.0**32 and "NS" not in column.data_type
    return column.family == "float"


def _signs(work: _Work) -> Counts:
    if work.column.family in DATED:
        return replace(work.counts, n_negative=0)
    return replace(
        work.counts,
        n_zero=work.cells.count(0.0),
        n_negative=work.counts.n_negative + work.cells.below(0.0),
    )
