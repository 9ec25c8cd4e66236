"""Filter states of a page, and what SQL says of the same rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dsp.dashboard.marks import raw
from dsp.engine import DuckEngine, Store
from dsp.engine.duckdb_engine import literal, quote
from dsp.records import Cube, CubeBucket, CubeDimension, CubeMeasure, CubeValue, Kpi
from tests.dashboard.test_dashboard_page import stored

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Opened


@dataclass
class Truth:
    """The raw data of a run, and what its cube says it shows."""

    engine: DuckEngine
    cube: Cube
    buckets: list[CubeBucket]
    dimensions: list[CubeDimension]
    values: list[CubeValue]
    measures: list[CubeMeasure]
    kpis: list[Kpi]

    @classmethod
    def of(cls, page: Path) -> Truth:
        engine = DuckEngine(page.parent / "results.duckdb", read_only=True)
        store = Store(engine)
        return cls(
            engine,
            store.read(Cube)[0],
            store.read(CubeBucket),
            store.read(CubeDimension),
            store.read(CubeValue),
            store.read(CubeMeasure),
            store.read(Kpi),
        )

    def states(self, n: int, seed: int = 0) -> list[dict[str, Any]]:
        """Return random windows and filters."""
        rng = random.Random(seed)
        found = []
        for _ in range(n):
            first = rng.randrange(self.cube.n_buckets)
            last = rng.randrange(first, self.cube.n_buckets)
            if rng.random() < 0.4:
                last = self.cube.n_buckets - 1
            on: list[list[int] | None] = []
            for dimension in self.dimensions:
                size = dimension.n_values
                flags = [int(rng.random() < 0.5) for _ in range(size)]
                is_off = rng.random() < 0.5 or sum(flags) in (0, size)
                on.append(None if is_off else flags)
            found.append({"first": first, "last": last, "on": on})
        return found

    def coded(self, dimension: CubeDimension) -> str:
        """Return the code of a row's value, written apart from how the cube does it."""
        known = [v for v in self.values if v.dimension == dimension.dimension]
        named = [v for v in known if v.kind == "value"]
        listed = ", ".join(f"{literal(v.value)}: {v.code}" for v in named)
        other = next((v.code for v in known if v.kind == "other"), -1)
        missing = next((v.code for v in known if v.kind == "missing"), -1)
        value = f"({dimension.value_sql})"
        return (
            f"case when {value} is null then {missing} else "
            f"coalesce(map {{{listed}}}[{value}], {other}) end"
        )

    def rows_sql(self) -> str:
        """Return the rows with their codes, times and numbers."""
        codes = [f"{self.coded(d)} as code{i}" for i, d in enumerate(self.dimensions)]
        axis = "0" if self.cube.axis_column is None else quote(self.cube.axis_column)
        return (
            f"select *, {axis} as along{''.join(', ' + c for c in codes)} from clean.data"
        )

    def window(self, state: dict[str, Any], back: int = 0) -> str:
        first, last = state["first"] - back, state["last"] - back
        if self.cube.axis == "none":
            return "true"
        if (first, last) == (0, self.cube.n_buckets - 1):
            return "true"
        low, high = self.buckets[first], self.buckets[last]
        if self.cube.axis == "time":
            end = f"timestamptz '{high.ends_at}'"
            whole = self.cube.n_buckets - 1
            if back and state["last"] == whole and self.buckets[whole].is_partial:
                start = self.buckets[whole].starts_at
                days = self.engine.rows(
                    "select date_diff('day', "
                    f"timestamptz '{start}', max(cast(along as timestamptz))) "
                    f"from ({self.rows_sql()}) where isfinite(along)"
                )[0][0]
                end = f"timestamptz '{high.starts_at}' + interval {days + 1} day"
            start = f"timestamptz '{low.starts_at}'"
            when = "cast(along as timestamptz)"
            return f"isfinite(along) and {when} >= {start} and {when} < {end}"
        parts = ["isfinite(cast(along as double))"]
        if first > 0:
            parts.append(f"cast(along as double) >= {low.low!r}")
        if last < self.cube.n_buckets - 1:
            parts.append(f"cast(along as double) < {high.high!r}")
        return " and ".join(parts)

    def filters(self, state: dict[str, Any], without: int | None = None) -> str:
        parts = ["true"]
        for i, flags in enumerate(state["on"]):
            if flags is not None and i != without:
                codes = ", ".join(str(c) for c, on in enumerate(flags) if on)
                parts.append(f"code{i} in ({codes})")
        return " and ".join(parts)

    def figure(self, state: dict[str, Any], sql: str, back: int = 0) -> float | None:
        where = f"{self.window(state, back)} and {self.filters(state)}"
        return self.engine.rows(f"select {sql} from ({self.rows_sql()}) where {where}")[
            0
        ][0]

    def bars(self, state: dict[str, Any], place: int, sql: str) -> dict[str, Any]:
        where = f"{self.window(state)} and {self.filters(state, without=place)}"
        rows = self.engine.rows(
            f"select code{place}, {sql}, count(*) from ({self.rows_sql()}) "
            f"where {where} group by 1"
        )
        names = {v.code: v.value for v in self.values if v.dimension == place + 1}
        return {names[code]: (value, n) for code, value, n in rows}

    def main(self, dimension: CubeDimension | None = None) -> str:
        is_plain = not self.measures or (dimension is not None and dimension.is_target)
        return "count(*)" if is_plain else self.measures[0].value_sql

    def trend(self, state: dict[str, Any]) -> list[tuple[float | None, int]]:
        """Return the figure and the rows of every bucket of the window."""
        found = []
        for bucket in range(state["first"], state["last"] + 1):
            one = {**state, "first": bucket, "last": bucket}
            where = f"{self.window(one)} and {self.filters(state)}"
            found.append(
                self.engine.rows(
                    f"select {self.main()}, count(*) from ({self.rows_sql()}) "
                    f"where {where}"
                )[0]
            )
        return found


def held(engine: DuckEngine, address: str) -> Any:
    """Return what the database holds at the address of a mark."""
    table, column, row = address.split("/")
    return stored(engine, table, column, unquote(row))


def check_marks(opened: Opened, engine: DuckEngine) -> dict[str, str]:
    """D18: every mark of the living page is the cell that it names; return them."""
    marks = opened.run(
        "[...document.querySelectorAll('[data-dsp-value]')].map("
        "e => [e.dataset.dspKey, e.dataset.dspValue])"
    )
    seen: dict[str, str] = {}
    for key, value in marks:
        assert seen.setdefault(key, value) == value
    wrong = {k: v for k, v in seen.items() if raw(held(engine, k)) != v}
    assert wrong == {}
    return seen
