"""Write tables of many columns of mixed types, or of one, the same for the same seed.

    python benchmarks/wide.py --rows 100000 --columns 2000

Files are kept in ``benchmarks/out/``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from common import OUT, show

# u(i, k) is uniform in [0, 1), fixed by row, column and seed; kinds take turns: two
# measures, skewed amounts, counts, ratings with gaps, codes, names, dates, flags, ids.
KINDS = (
    "round(100 + 15 * sqrt(-2 * ln(1 - {u})) * cos(6.283185307179586 * {v}), 2)",
    "exp(sqrt(-2 * ln(1 - {u})) * cos(6.283185307179586 * {v}))",
    "round(-20 * ln(1 - {u}), 2)",
    "floor(-4 * ln(1 - {u}))::int",
    "case when {v} > 0.15 then 1 + floor({u} * 5)::int end",
    "['North', 'South', 'East', 'West'][1 + floor({u} * {u} * 4)::int]",
    "'C' || floor({u} * 3000)::int",
    "date '2021-01-01' + floor({u} * 1400)::int",
    "{u} < 0.3",
    "case when {v} > 0.4 then floor({u} * 1000000)::bigint end",
)
SEED = 1


def wide(rows: int, columns: int) -> Path:
    """Return the file of a wide table, written when it is not there yet."""
    listed = ", ".join(
        f"{_kind(k)} as c{k + 1:04d}_{'abcdefghij'[k % len(KINDS)]}"
        for k in range(columns)
    )
    return _written(f"wide_{rows}x{columns}", f"select {listed} from range({rows}) t(i)")


def single(rows: int) -> Path:
    """Return the file of one column of amounts."""
    select = f"select {_kind(1)} as amount from range({rows}) t(i)"
    return _written(f"single_{rows}", select)


def _kind(k: int) -> str:
    u, v = (
        f"((hash(i, {2 * k + part + SEED * 1000003}) >> 11) / 9007199254740992.0)"
        for part in (0, 1)
    )
    return KINDS[k % len(KINDS)].format(u=u, v=v)


def _written(name: str, select: str) -> Path:
    import duckdb

    path = OUT / f"{name}.parquet"
    if path.is_file():
        return path
    OUT.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".parquet.tmp")
    with duckdb.connect() as con:
        con.execute(
            f"copy ({select}) to '{unfinished}' (format parquet, compression zstd)"
        )
    unfinished.rename(path)
    return path


def main() -> None:
    """Write the table that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=2_000)
    given = parser.parse_args()
    started = time.perf_counter()
    path = wide(given.rows, given.columns)
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    show(("file", "size", "seconds"), [(path.name, size, time.perf_counter() - started)])


if __name__ == "__main__":
    main()
