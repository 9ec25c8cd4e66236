"""Moments of decimals that lie far from zero for their spread.

As doubles, values like 10000000.1 keep some eight digits of what tells them apart; less
a value nearby, taken off while they are decimals, all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from dsp.engine.duckdb_engine import DuckEngine
from dsp.inference.rational import as_float
from dsp.records import ColumnProfile
from dsp.statistics.base import SMALL_CHUNK, Column, chunks
from dsp.statistics.exact import Moved
from dsp.statistics.moments import ONE, Scale, moments_of

FAR = 1_000
"""Standard deviations from zero from which a mean is far."""


def far_decimals(
    engine: DuckEngine, source: str, rows: Sequence[ColumnProfile]
) -> tuple[ColumnProfile, ...]:
    """Return profiles with the moments of far decimals taken again, in one scan."""
    far = [row for row in rows if _is_far(row)]
    found: dict[str, ColumnProfile] = {}
    for part in chunks(far, SMALL_CHUNK):
        moved = [_moved(row) for row in part]
        inner = ", ".join(f"{m.z} as z{i}" for i, m in enumerate(moved))
        powers = (
            "z{i}",
            "z{i} * z{i}",
            "z{i} * z{i} * z{i}",
            "z{i} * z{i} * z{i} * z{i}",
        )
        terms = [
            f"sum(cast({power.format(i=i)} * {ONE}e0 as bigint))"
            for i in range(len(part))
            for power in powers
        ]
        sums = engine.rows(
            f"select {', '.join(terms)} from (select {inner} from {source})"
        )[0]
        for i, (row, one) in enumerate(zip(part, moved, strict=True)):
            found[row.column_name] = _again(row, one, sums[4 * i : 4 * i + 4])
    return tuple(found.get(row.column_name, row) for row in rows)


def _is_far(row: ColumnProfile) -> bool:
    return (
        row.family == "decimal"
        and row.mean is not None
        and row.min_value != row.max_value
        and abs(row.mean) > FAR * (row.sd or 0.0)
    )


def _moved(row: ColumnProfile) -> Moved:
    column = Column(row.column_name, row.data_type, row.position)
    return Moved.of(column, row.min_value, row.max_value, row.mean or 0.0)


def _again(row: ColumnProfile, moved: Moved, sums: Sequence[int]) -> ColumnProfile:
    n = row.n_rows - row.n_null - row.n_nan
    found = moments_of(n, [int(s) for s in sums], Scale(moved.exponent, 0.0))
    if not moved.is_exact or found.mean is None:
        return row
    mean = moved.centre + Fraction(found.mean)
    return replace(
        row,
        mean=as_float(mean),
        total=as_float(mean * n),
        sd=found.sd,
        skewness=found.skewness,
        kurtosis=found.kurtosis,
    )
