"""Every figure of a profile, worked out a second time without a database."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.engine import DuckEngine, StoredTable
from dsp.records import ColumnProfile, HistogramBin, TopValue
from dsp.statistics import StatisticsEngine, cells, measured, spread, values
from dsp.statistics.base import Profile
from tests.conftest import SHARED
from tests.statistics.oracle_columns import (
    DATES,
    NUMBERS,
    QUANTILES,
    Known,
    known_columns,
)
from tests.statistics.oracle_table import made_table

TWINS = sorted((SHARED / "data" / "twins").glob("*.parquet"))
MOST_BINS = 30
MOST_LISTED = 10
MOST_LEVELS = 50
NOT_LISTED = (*NUMBERS, *DATES)
"""Families whose frequent values are not listed where they are cut into cells."""


def profiled(engine: DuckEngine, table: pa.Table) -> tuple[StoredTable, Profile]:
    stored = engine.put(table, "data", schema="clean")
    return stored, StatisticsEngine(engine).profile(stored)


def close(found: float | None, expected: float | None, size: float = 0.0) -> bool:
    """Tell whether a figure is right to 1e-9, or to 1e-12 of what it is a sum of."""
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12 * size)


def wrong_columns(known: Known, column: ColumnProfile) -> list[Any]:
    """Return what of a column is not as the oracle has it."""
    wrong: list[Any] = []
    for name, expected in known.counted().items():
        if getattr(column, name) != expected:
            wrong.append((name, getattr(column, name), expected))
    for name, expected in zip(("min_value", "max_value"), known.extremes(), strict=True):
        if not known.is_shown(getattr(column, name), expected):
            wrong.append((name, getattr(column, name), expected))
    reach = float(np.abs(known.x).max(initial=0.0))
    sizes = {"total": reach * max(1, known.x.size), "mean": reach}
    sizes |= {"skewness": 1.0, "kurtosis": 1.0, "entropy": 1.0}
    figures = known.moments() | {"mad": known.mad(), "entropy": known.entropy()}
    for name, expected in figures.items():
        if not close(getattr(column, name), expected, sizes.get(name, 0.0)):
            wrong.append((name, getattr(column, name), expected))
    for name, fraction in QUANTILES.items():
        if getattr(column, name) != known.quantile(fraction):
            wrong.append((name, getattr(column, name), known.quantile(fraction)))
    if known.family != "nested":
        mode = known.ranked[0] if known.ranked else (None, 0)
        expected = mode[0] if mode[1] > 1 else None
        if known.family != "binary" and not known.is_shown(column.mode_value, expected):
            wrong.append(("mode_value", column.mode_value, expected))
    return wrong


def wrong_bins(known: Known, bins: Iterable[HistogramBin]) -> list[Any]:
    """Return what of the histograms of a column is not as the oracle has it."""
    wrong: list[Any] = []
    kinds = {k: list(rows) for k, rows in groupby(bins, key=lambda b: b.kind)}
    expected = set()
    low, high = (known.x[0], known.x[-1]) if known.x.size else (0.0, 0.0)
    is_shaped = known.x.size and known.family != "boolean"
    tenths = sorted({known.quantile(i / 10) or 0.0 for i in range(11)})
    if is_shaped:
        expected = {"width"} | ({"quantile"} if len(tenths) > 2 else set())
        if known.family in NUMBERS and low > 0 and high / low >= 1_000:
            expected.add("log")
    if expected != kinds.keys():
        wrong.append(("kinds", set(kinds), expected))
    for kind, rows in kinds.items():
        edges = [(row.low, row.high) for row in rows]
        counts = [
            known.in_bin(row.low, row.high, is_last=row is rows[-1]) for row in rows
        ]
        if [row.n_rows for row in rows] != counts:
            wrong.append((kind, [row.n_rows for row in rows], counts))
        if any(a[1] != b[0] for a, b in pairwise(edges)) or any(a > b for a, b in edges):
            wrong.append((kind, "edges", edges))
        if [row.bin for row in rows] != list(range(1, len(rows) + 1)):
            wrong.append((kind, "numbers", [row.bin for row in rows]))
        (first, _), (_, last), ends = edges[0], edges[-1], (low, high)
        if kind == "quantile" and [first, *(b for _, b in edges)] != tenths:
            wrong.append((kind, edges, tenths))
        if kind == "width":
            if len(rows) > MOST_BINS:
                wrong.append((kind, "bins", len(rows)))
            ends = inner_range(known)
        is_whole = kind == "width" or sum(counts) == known.x.size
        if first > ends[0] or last < ends[1] or not is_whole:
            wrong.append((kind, "does not cover", (first, last), ends))
    return wrong


def inner_range(known: Known) -> tuple[float, float]:
    """Return where the bins of equal width begin and end at the latest."""
    place = 0.995 * (known.x.size - 1)
    low, high = known.quantile(0.005), float(known.x[math.floor(place)])
    # Between two equal values a quantile is rounded, and may lie beyond both.
    assert low is not None
    return max(low, float(known.x[0])), high


def wrong_values(known: Known, top: Iterable[TopValue]) -> list[Any]:
    """Return what of the frequent values of a column is not as the oracle has it."""
    is_listed = known.family == "text" or (
        known.family not in ("nested", "binary") and len(known.counts) <= MOST_LEVELS
    )
    expected = known.ranked[:MOST_LISTED] if is_listed else []
    found = list(top)
    if (
        len(found) != len(expected)
        or [row.rank for row in found] != list(range(1, len(found) + 1))
        or any(
            (row.n_rows, row.fraction) != (n, n / known.n_rows)
            or not known.is_shown(row.value, value)
            for row, (value, n) in zip(found, expected, strict=True)
        )
    ):
        return [("top values", [(row.value, row.n_rows) for row in found], expected)]
    return []


def wrong_profile(
    table: pa.Table, found: Profile, *, is_cut: bool = False
) -> dict[str, list[Any]]:
    """Return all that is wrong, by column."""
    # Names that differ only in their case are told apart by a number.
    table = table.rename_columns([c.column_name for c in found.columns])
    wrong = {}
    for name, known in known_columns(table).items():
        column = next(c for c in found.columns if c.column_name == name)
        bins = [b for b in found.histograms if b.column_name == name]
        top = [v for v in found.top_values if v.column_name == name]
        listed = [
            *wrong_columns(known, column),
            *wrong_bins(known, bins),
            *([] if is_cut and column.family in NOT_LISTED else wrong_values(known, top)),
        ]
        if listed:
            wrong[name] = listed
    return wrong


@pytest.mark.parametrize("n_rows", [240, 4, 3, 2, 1, 0])
def test_the_profile_of_a_made_table_is_that_of_the_oracle(
    engine: DuckEngine, n_rows: int
) -> None:
    table = made_table().slice(0, n_rows)
    assert wrong_profile(table, profiled(engine, table)[1]) == {}


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut numbers of more than eight values into few cells, as in large tables."""
    for module in (measured, values):
        monkeypatch.setattr(module, "MOST_COUNTED", 8)
    for module in (cells, spread):
        monkeypatch.setattr(module, "N_CELLS", 64)
    monkeypatch.setattr(spread, "FEWEST_CELLS", 16)
    monkeypatch.setattr(spread, "MOST_LOOKED_AT", 200)


@pytest.mark.usefixtures("cut")
def test_a_made_table_that_is_cut_into_cells_is_that_of_the_oracle(
    engine: DuckEngine,
) -> None:
    table = made_table()
    assert wrong_profile(table, profiled(engine, table)[1], is_cut=True) == {}


def wrong_in_files(paths: Iterable[Path], *, is_cut: bool) -> dict[str, Any]:
    """Return what is wrong in the profiles of files."""
    wrong: dict[str, Any] = {}
    for path in paths:
        table = pq.read_table(path)
        engine = DuckEngine(threads=2)
        found = wrong_profile(table, profiled(engine, table)[1], is_cut=is_cut)
        engine.close()
        if found:
            wrong[path.stem] = found
    return wrong


@pytest.mark.shared
def test_profiles_of_real_files_are_those_of_the_oracle() -> None:
    assert len(TWINS) > 140
    assert wrong_in_files(TWINS, is_cut=False) == {}


@pytest.mark.shared
@pytest.mark.usefixtures("cut")
def test_real_files_that_are_cut_into_cells_are_those_of_the_oracle() -> None:
    assert wrong_in_files(TWINS[::4], is_cut=True) == {}
