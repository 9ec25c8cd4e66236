"""The cube as the page carries it: typed arrays in base64, and what they mean."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any

from dsp.dashboard.cube.axis import PERIODS
from dsp.engine.arrays import as_numpy
from dsp.records import Cube, CubeBucket, CubeDimension, CubeMeasure, CubeValue

if TYPE_CHECKING:
    from dsp.engine import Store

WHOLE = (("u8", 2**8, "u1"), ("u16", 2**16, "<u2"), ("u32", 2**32, "<u4"))
"""Name, limit and NumPy type of arrays of whole numbers."""


def encoded(store: Store) -> dict[str, Any] | None:
    """Return the cube of a run for the script of the page; None without one.

    Cells come in the order of their codes. Counts are exact; sums are whole numbers
    where all of them are, single precision (relative error 6e-8) where all have one
    sign, else doubles.
    """
    cubes = store.read(Cube)
    if not cubes:
        return None
    cube = cubes[0]
    buckets = store.read(CubeBucket)
    dimensions = store.read(CubeDimension)
    values = store.read(CubeValue)
    measures = store.read(CubeMeasure)
    cells = store.engine.sql(
        f"select bucket, is_cut, {_listed(dimensions, measures)}\n"
        "from main.cube_cells\norder by all"
    )
    cuts = sorted(
        {
            b
            for b, is_cut in zip(
                cells["bucket"].to_pylist(), cells["is_cut"].to_pylist(), strict=True
            )
            if is_cut
        }
    )
    return {
        "n": cells.num_rows,
        "rows": cube.n_rows or _n_rows(cells),
        "axis": _axis(cube, buckets, cuts),
        "w": packed(_bucket_codes(cells, cube.n_buckets, cuts)),
        "c": packed(as_numpy(cells["n_rows"])),
        "dims": [_dimension(d, values, cells) for d in dimensions],
        "m": [_measure(m, cells) for m in measures],
    }


def packed(array: Any) -> dict[str, str]:
    """Return an array as its type and its bytes in base64."""
    import numpy as np

    is_whole = array.size == 0 or (
        float(array.min()) >= 0
        and float(array.max()) < 2**32
        and bool((array == np.floor(array)).all())
    )
    # Sums of one sign lose nothing that is shown by single precision (6e-8 of each).
    is_one_sign = array.size > 0 and float(array.min()) * float(array.max()) >= 0
    is_small = array.size > 0 and float(np.abs(array).max()) < 1e38
    name, kind = ("f32", "<f4") if is_one_sign and is_small else ("f64", "<f8")
    if is_whole:
        highest = float(array.max()) if array.size else 0.0
        name, _, kind = next(t for t in WHOLE if highest < t[1])
    data = np.ascontiguousarray(array, dtype=kind).tobytes()
    return {"t": name, "b": base64.b64encode(data).decode("ascii")}


def _listed(dimensions: list[CubeDimension], measures: list[CubeMeasure]) -> str:
    names = [f"d{d.dimension}" for d in dimensions]
    names.append("n_rows")
    for m in measures:
        names.append(f"coalesce(s{m.measure}, 0) as s{m.measure}")
        names.append(f"coalesce(n{m.measure}, 0) as n{m.measure}")
    return ", ".join(names)


def _bucket_codes(cells: Any, n_buckets: int, cuts: list[int]) -> Any:
    """Return 0 for rows without a bucket, buckets from 1, then the parts of some."""
    import numpy as np

    codes = as_numpy(cells["bucket"]).astype("int64") + 1
    if cuts:
        places = {b: n_buckets + 1 + i for i, b in enumerate(cuts)}
        is_cut = np.array(cells["is_cut"].to_pylist(), dtype=bool)
        codes[is_cut] = [places[b - 1] for b in codes[is_cut].tolist()]
    return codes


def _axis(cube: Cube, buckets: list[CubeBucket], cuts: list[int]) -> dict[str, Any]:
    known: dict[str, Any] = {
        "kind": cube.axis,
        "grain": cube.grain,
        "shift": cube.shift,
        "first": cube.first_bucket,
        "last": cube.last_bucket,
        "n": cube.n_buckets,
        "cuts": cuts,
        "back": cube.back,
    }
    if cube.axis == "time":
        starts = [_milliseconds(b.starts_at) for b in buckets]
        known |= {
            "at": [*starts, _milliseconds(buckets[-1].ends_at)],
            "open": [buckets[0].is_partial, buckets[-1].is_partial],
            "periods": [
                [words, n]
                for words, n in PERIODS.get(str(cube.grain), ())
                if n < cube.n_buckets
            ],
        }
    elif cube.axis == "number":
        known["at"] = [*(b.low for b in buckets), buckets[-1].high]
    return known


def _dimension(
    dimension: CubeDimension, values: list[CubeValue], cells: Any
) -> dict[str, Any]:
    known = [v for v in values if v.dimension == dimension.dimension]
    codes = as_numpy(cells[f"d{dimension.dimension}"])
    return {
        "id": f"explore_by_{dimension.dimension}",
        "label": dimension.label,
        "target": dimension.is_target,
        "values": [v.value for v in known],
        "counts": [v.n_rows for v in known],
        "b": packed(codes),
    }


def _measure(measure: CubeMeasure, cells: Any) -> dict[str, Any]:
    import numpy as np

    counts = as_numpy(cells[f"n{measure.measure}"])
    is_all = bool(np.array_equal(counts, as_numpy(cells["n_rows"])))
    return {
        "how": measure.how,
        "s": packed(as_numpy(cells[f"s{measure.measure}"])),
        "n": None if is_all else packed(counts),
    }


def _n_rows(cells: Any) -> int:
    kept = zip(cells["n_rows"].to_pylist(), cells["is_cut"].to_pylist(), strict=True)
    return sum(n for n, is_cut in kept if not is_cut)


def _milliseconds(moment: Any) -> int:
    return 0 if moment is None else math.floor(moment.timestamp() * 1000)
