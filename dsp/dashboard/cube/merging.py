"""Merges cells of few rows, so that nobody can be told apart by them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from dsp.records import CubeValue

OTHER = "Other"
Cell = dict[str, Any]


def merged(
    cells: Any, values: list[list[CubeValue]], *, min_cell: int
) -> tuple[Any, list[str]]:
    """Return cells of at least `min_cell` rows each, and what was done in words.

    Small cells of a bucket become one cell whose values are all "Other"; if that is
    small too, the smallest of the others joins it. A bucket of too few rows is counted
    with the one before it. `values` is changed to the values that are left.
    """
    import pyarrow as pa

    names = [f"d{i}" for i in range(1, len(values) + 1)]
    other = [_other_code(known) for known in values]
    groups: dict[tuple[bool, int], list[Cell]] = defaultdict(list)
    for row in cells.to_pylist():
        groups[(row["is_cut"], row["bucket"])].append(row)
    kept: list[Cell] = []
    n_moved = 0
    carried: list[Cell] = []
    for (is_cut, bucket), own in sorted(groups.items()):
        moved = [] if is_cut else [{**c, "bucket": bucket} for c in carried]
        rows = [*own, *moved]
        carried = carried if is_cut else []
        total = sum(row["n_rows"] for row in rows)
        if total < min_cell:
            n_moved += not is_cut
            # Parts of a bucket serve comparisons alone: they are left out.
            carried = carried if is_cut else rows
            continue
        kept += _merged_bucket(rows, names, other, min_cell)
    if carried and kept:
        last = next(c for c in reversed(kept) if not c["is_cut"])
        kept.remove(last)
        late = [{**c, "bucket": last["bucket"]} for c in carried]
        kept += _merged_bucket([last, *late], names, other, min_cell)
    _recode(kept, names, values, other)
    kept.sort(key=lambda row: (row["is_cut"], row["bucket"], *(row[n] for n in names)))
    notes = [f"cells of fewer than {min_cell} rows are merged into {OTHER}"]
    if n_moved:
        notes.append(f"{n_moved} periods of fewer rows are counted with a neighbour")
    return pa.Table.from_pylist(kept, schema=cells.schema), notes


def _merged_bucket(
    rows: list[Cell], names: list[str], other: list[int], min_cell: int
) -> list[Cell]:
    cells: dict[tuple[int, ...], Cell] = {}
    for row in rows:
        key = tuple(row[n] for n in names)
        cells[key] = _added(cells[key], row) if key in cells else dict(row)
    rest = tuple(other)
    ordered = sorted(
        cells,
        key=lambda key: (not _is_small(cells[key], min_cell), cells[key]["n_rows"], key),
    )
    for key in ordered:
        pool = cells.get(rest)
        is_short = pool is not None and pool["n_rows"] < min_cell
        if key == rest or key not in cells:
            continue
        if not _is_small(cells[key], min_cell) and not is_short:
            continue
        small = cells.pop(key) | dict(zip(names, rest, strict=True))
        cells[rest] = small if pool is None else _added(pool, small)
    return [_suppressed(cell, min_cell) for cell in cells.values()]


def _counts(cell: Cell) -> list[str]:
    return [name for name in cell if name[0] == "n" and name[1:].isdigit()]


def _is_small(cell: Cell, min_cell: int) -> bool:
    """Tell whether few rows stand behind a cell, or behind one of its sums."""
    if cell["n_rows"] < min_cell:
        return True
    return any(0 < (cell[name] or 0) < min_cell for name in _counts(cell))


def _suppressed(cell: Cell, min_cell: int) -> Cell:
    """Return a cell without sums that few rows stand behind."""
    few = [n for n in _counts(cell) if 0 < (cell[n] or 0) < min_cell]
    gone = dict.fromkeys(few, 0) | {f"s{n[1:]}": 0.0 for n in few}
    return cell | gone


def _added(one: Cell, two: Cell) -> Cell:
    keys = ("bucket", "is_cut")
    return {
        name: value
        if name in keys or name.startswith("d")
        else (value or 0) + (two[name] or 0)
        for name, value in one.items()
    }


def _other_code(known: list[CubeValue]) -> int:
    found = next((v.code for v in known if v.kind == "other"), None)
    return len(known) if found is None else found


def _recode(
    cells: list[Cell], names: list[str], values: list[list[CubeValue]], other: list[int]
) -> None:
    """Give the values that are left new codes, and say how many rows each one has."""
    for place, name in enumerate(names):
        counts: dict[int, int] = defaultdict(int)
        for cell in cells:
            counts[cell[name]] += 0 if cell["is_cut"] else cell["n_rows"]
        known = list(values[place])
        if counts.get(other[place]) and all(v.code != other[place] for v in known):
            made = CubeValue(
                dimension=place + 1,
                code=other[place],
                value=OTHER,
                kind="other",
                n_rows=0,
            )
            known.insert(len([v for v in known if v.kind == "value"]), made)
        left = [v for v in known if counts.get(v.code)]
        codes = {v.code: i for i, v in enumerate(left)}
        values[place] = [
            replace(v, code=i, n_rows=counts[v.code]) for i, v in enumerate(left)
        ]
        for cell in cells:
            cell[name] = codes.get(cell[name], codes.get(other[place], 0))
