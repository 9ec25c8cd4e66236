"""Reads columns batch by batch: measures as doubles, dimensions as codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from dsp.engine.arrays import as_numpy
from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.records import ColumnProfile
from dsp.statistics.base import Column, chunks
from dsp.statistics.moments import Scale, float_sql
from dsp.statistics.panel import Counts, Floats

BATCH = 32_768
"""Rows that are in memory at a time."""
FIRST_ROWS = 20_000
"""Rows in which the values of dimensions are looked for before all are read."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads measures as doubles and dimensions as codes.

    Attributes
    ----------
    engine, source
        The database and SQL that can stand after ``from``.
    profiles
        Profiles by name.
    levels
        The values of dimensions as text; the place of a value is its code.
    edges
        Ends of bins of measures that are read as dimensions.
    """

    engine: DuckEngine
    source: str
    profiles: Mapping[str, ColumnProfile]
    levels: dict[str, list[str]] = field(default_factory=dict)
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Return a column by name."""
        profile = self.profiles[name]
        return Column(name, profile.data_type, profile.position)

    def number(self, name: str) -> str:
        """Return SQL of a measure as a double, null where it is not finite."""
        profile, column = self.profiles[name], self.column(name)
        is_finite = profile.n_nan + profile.n_infinite == 0
        return column.as_double(column.sql) if is_finite else column.number

    def scale(self, name: str) -> Scale:
        """Return the scale of a measure around its mean."""
        profile = self.profiles[name]
        low, high = profile.min_number or 0.0, profile.max_number or 0.0
        centre = low / 2 + high / 2
        if profile.mean is not None and low <= profile.mean <= high:
            centre = profile.mean
        return Scale.of(low, high, centre)

    def centred(self, name: str) -> str:
        """Return SQL of a measure moved by its mean and scaled into [-1, 1]."""
        return self.scale(name).sql(self.number(name))

    def scaled(self, name: str) -> str:
        """Return SQL of a measure scaled alone."""
        return replace(self.scale(name), shift=0.0).sql(self.number(name))

    def learn_levels(self, names: Sequence[str]) -> None:
        """Find the values of dimensions: all are mostly among the first rows."""
        for name in names:
            if name in self.edges:
                n_bins = len(self.edges[name]) + 1
                self.levels[name] = [str(i) for i in range(1, n_bins + 1)]
        unknown = [name for name in names if name not in self.levels]
        self.levels.update(
            self._values(unknown, f"(from {self.source} limit {FIRST_ROWS})")
        )
        rest = [n for n in unknown if len(self.levels[n]) < self.profiles[n].n_distinct]
        if self.profiles and next(iter(self.profiles.values())).n_rows > FIRST_ROWS:
            self.levels.update(self._values(rest, self.source))

    def _values(self, names: Sequence[str], source: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for part in chunks(names, 100):
            terms = []
            for name in part:
                value = self.column(name).value
                text = f"cast({value} as varchar)"
                terms.append(f"list(distinct {text}) filter (where {value} is not null)")
            row = self.engine.rows(f"select {', '.join(terms)} from {source}")[0]
            for name, values in zip(part, row, strict=True):
                found[name] = sorted(values or [])
        return found

    def code(self, name: str) -> str:
        """Return SQL of the place of a value among the levels, from 1; null for null.

        A function of a list is computed once for each entry of a dictionary; a case or
        a cast to an enum is computed for every row.
        """
        column = self.column(name)
        if name in self.edges:
            number = self.number(name)
            ends = self.edges[name]
            above = (f"cast({number} > {float_sql(end)} as integer)" for end in ends)
            return " + ".join([f"case when {number} is not null then 1 end", *above])
        listed = ", ".join(literal(level) for level in self.levels[name])
        if column.data_type == "VARCHAR":
            return f"list_position([{listed}], {column.sql})"
        if column.family in ("integer", "boolean", "decimal"):
            values = f"cast([{listed}] as {column.data_type}[])"
            return f"list_position({values}, {column.sql})"
        return f"list_position([{listed}], cast({column.value} as varchar))"

    def batches(
        self,
        measures: Sequence[str],
        dimensions: Sequence[str],
        *,
        number: Callable[[str], str],
    ) -> Iterator[tuple[list[Floats], list[Counts]]]:
        """Yield measures (NaN where there is none) and codes, in the order of the rows.

        Parameters
        ----------
        measures, dimensions
            Columns; the values of the dimensions are known.
        number
            Returns SQL of a measure by name.
        """
        import numpy as np

        picked = [f"{number(name)} as z{i}" for i, name in enumerate(measures)]
        picked += [f"{self.code(name)} as g{i}" for i, name in enumerate(dimensions)]
        text = f"select {', '.join(picked)} from {self.source}"
        for batch in _ahead(self.engine.ordered_batches(text, n_rows=BATCH)):
            arrays = batch.columns
            values = [as_numpy(array) for array in arrays[: len(measures)]]
            codes = []
            for name, array in zip(dimensions, arrays[len(measures) :], strict=True):
                code = as_numpy(array)
                if array.null_count:
                    code = np.nan_to_num(code, nan=len(self.levels[name]) + 1)
                codes.append(np.subtract(code, 1).astype(np.int64))
            yield values, codes


def _ahead(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield batches, the next one being read while one is worked on."""
    with ThreadPoolExecutor(1, thread_name_prefix="dsp-read") as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch
