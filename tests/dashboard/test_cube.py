"""The cube: its axis, its detail under limits, and the query that gives it again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import dsp
from dsp.dashboard.cube import build as building
from dsp.dashboard.cube import build_cube
from dsp.dashboard.cube.axis import Axis, number_axis, time_axis
from dsp.dashboard.cube.base import CubePlan, Dimension

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dsp.engine import DuckEngine


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def axis_of(first: datetime, last: datetime, grain: str | None = None) -> Axis:
    return time_axis("t", first, last, n_distinct=10_000, grain=grain)


@pytest.mark.parametrize(
    ("first", "last", "grain", "n"),
    [
        (at(2024, 1, 1, 3), at(2024, 1, 2, 20), "hour", 42),
        (at(2024, 1, 1), at(2024, 3, 1), "day", 61),
        (at(2022, 1, 1), at(2024, 1, 1), "week", 106),
        (at(2000, 1, 15), at(2020, 1, 1), "month", 241),
        (at(1900, 5, 1), at(2000, 1, 1), "year", 101),
    ],
)
def test_periods_fit_the_span(
    first: datetime, last: datetime, grain: str, n: int
) -> None:
    axis = axis_of(first, last)
    assert (axis.grain, len(axis.buckets)) == (grain, n)
    starts = [b.starts_at for b in axis.buckets]
    assert starts == sorted(set(starts))
    assert all(a.ends_at == b.starts_at for a, b in pairwise(axis.buckets))


def test_a_year_is_shown_first_where_there_are_two() -> None:
    axis = axis_of(at(2022, 1, 3), at(2024, 6, 5))
    n = len(axis.buckets)
    assert axis.window == (n - 52, n - 1)
    assert axis.back(*axis.window) == (52, "the year before")
    assert axis.covered_days == 3
    assert axis.cuts == {n - 53}
    short = axis_of(at(2024, 1, 1), at(2024, 12, 31))
    assert short.window == (0, len(short.buckets) - 1)
    assert short.back(*short.window) is None
    assert short.back(40, 47) == (8, "the period before")


def test_an_incomplete_first_period_is_never_compared() -> None:
    axis = axis_of(at(2022, 1, 5), at(2024, 1, 14))
    assert axis.buckets[0].is_partial
    assert axis.back(52, 103) is None
    assert axis.back(53, 104) == (52, "the year before")


def test_bins_hold_every_number() -> None:
    axis = number_axis("x", -3.0, 900.0, 0.0, 97.0)
    edges = [axis.buckets[0].low, *(b.high for b in axis.buckets)]
    steps = {round(float(b or 0) - float(a or 0), 9) for a, b in pairwise(edges)}
    assert steps == {5.0}
    assert len(axis.buckets) <= 25
    assert number_axis("x", 1.0, 1.0, 1.0, 1.0).kind == "none"


@pytest.fixture
def orders(engine: DuckEngine) -> pa.Table:
    rng = np.random.default_rng(1)
    n = 20_000
    table = pa.table(
        {
            "t": np.datetime64("2020-01-01") + rng.integers(0, 1_500, n),
            **{f"g{i}": rng.choice([f"v{k:02}" for k in range(16)], n) for i in range(4)},
            "x": rng.normal(0, 10, n),
        }
    )
    engine.put(table, "data", schema="clean")
    return table


def plan_of(n_dimensions: int) -> CubePlan:
    names = [f"g{i}" for i in range(n_dimensions)]
    axis = axis_of(at(2020, 1, 1), at(2024, 2, 8))
    dimensions = tuple(Dimension(n, n, f'cast("{n}" as varchar)', 16) for n in names)
    return CubePlan(axis, dimensions, (), ())


def test_detail_goes_in_order(
    engine: DuckEngine, orders: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for limit in (50_000, 15_000, 9_000, 1_500, 300, 60):
        monkeypatch.setattr(building, "MAX_CELLS", limit)
        built = build_cube(engine, plan_of(4))
        cells = built.cells.to_pylist()
        assert len(cells) <= limit
        assert sum(c["n_rows"] for c in cells if not c["is_cut"]) == orders.num_rows
        seen.append((built.cube.grain, len(built.dimensions), built.cube.notes))
    grains = [grain for grain, _, _ in seen]
    counts = [n for _, n, _ in seen]
    assert grains[0] == "week"
    assert counts == sorted(counts, reverse=True)
    assert [bool(notes) for _, _, notes in seen] == [False, *[True] * 5]


def test_a_long_list_of_values_ends_in_other(
    engine: DuckEngine, orders: pa.Table
) -> None:
    built = build_cube(engine, plan_of(1))
    kinds = [v.kind for v in built.values]
    assert kinds == ["value"] * 11 + ["other"]
    frame = orders.to_pandas()
    top = frame["g0"].value_counts().head(11)
    found = {v.value: v.n_rows for v in built.values if v.kind == "value"}
    assert found == top.to_dict()


def test_real_values_called_other_stay_apart(engine: DuckEngine) -> None:
    values = ["Other", "(missing)", None, "a"] * 10
    engine.put(pa.table({"g0": values}), "data", schema="clean")
    plan = CubePlan(Axis("none"), plan_of(1).dimensions, (), ())
    built = build_cube(engine, plan)
    assert sorted((v.value, v.kind, v.n_rows) for v in built.values) == [
        ("(missing)", "value", 10),
        ("(no value)", "missing", 10),
        ("Other", "value", 10),
        ("a", "value", 10),
    ]


def test_cells_do_not_depend_on_threads(run_of: Callable[..., Path]) -> None:
    rng = np.random.default_rng(2)
    n = 300_000
    table = pa.table(
        {
            "d": np.datetime64("2023-01-01") + rng.integers(0, 60, n),
            "g": rng.choice(["a", "b"], n),
            "y": rng.normal(1e6, 1, n),
        }
    )
    found = []
    for threads in (1, 2):
        folder = run_of(table, "y", threads=threads, validate_data=False)
        with dsp.open_run(folder) as run:
            found.append(run.sql("from cube_cells order by all").to_pylist())
    assert found[0] == found[1]


def test_a_day_of_data_has_hours(run_of: Callable[..., Path]) -> None:
    start = datetime(2024, 5, 1, tzinfo=UTC)
    table = pa.table(
        {
            "t": [start + timedelta(minutes=17 * i) for i in range(80)],
            "v": [float(i % 7) for i in range(80)],
        }
    )
    with dsp.open_run(run_of(table, "v")) as run:
        row = run.sql("select grain, n_buckets, axis_column from cubes").to_pylist()[0]
    assert row == {"grain": "hour", "n_buckets": 23, "axis_column": "t"}


def test_dates_far_apart_do_not_break(run_of: Callable[..., Path]) -> None:
    days: list[Any] = [date(1600, 1, 1), date(2400, 1, 1)]
    days += [date(2020, 1, 1) + timedelta(days=i) for i in range(60)]
    table = pa.table({"d": days, "v": [float(i % 9) for i in range(62)]})
    with dsp.open_run(run_of(table, "v", time_column="d")) as run:
        assert run.sql("select grain from cubes").scalar() == "year"
        assert run.problems == []
