"""Sufficient statistics of all pairs of columns, from one scan of the data.

Pearson's correlation, the correlation ratio and Cramér's V need no more than these. Where
the rows of a pair or of a group lie so close together, far from the mean of the column,
that subtracting squares would lose digits, they are summed again around their own mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.inference.base import Group
from dsp.records import ColumnProfile
from dsp.statistics.base import Column, chunks
from dsp.statistics.moments import Scale
from dsp.statistics.panel import Counts, Floats, GroupSums, PairSums, Panel, PanelSums

BATCH = 32_768
"""Rows that are in memory at a time."""
FIRST_ROWS = 50_000
"""Rows in which the values of dimensions are looked for before all are read."""
RIGHT = 60
"""Columns that are related to the target in one scan, beyond those of all pairs."""
_LOST = 1e-6
"""Variance over mean square from which sums around a common centre lose digits."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Rows with both of two measures, and their spread, each measure in its own unit.

    Attributes
    ----------
    n
        Rows.
    xx, yy, xy
        Sums of (x - mean)², (y - mean)² and their product.
    """

    n: int
    xx: float
    yy: float
    xy: float


@dataclass(slots=True)
class PairStatistics:
    """Spreads of pairs of measures, groups of measures, tables of dimensions.

    Attributes
    ----------
    spreads
        By pair of measures.
    groups
        By dimension and measure: a group for each value, in the order of `levels`,
        those without rows included; means and variances in a unit of the measure.
    tables
        By pair of dimensions: rows by their values.
    levels
        The values of each dimension as text, sorted.
    """

    spreads: dict[tuple[str, str], Spread] = field(default_factory=dict)
    groups: dict[tuple[str, str], tuple[Group, ...]] = field(default_factory=dict)
    tables: dict[tuple[str, str], Counts] = field(default_factory=dict)
    levels: dict[str, list[str]] = field(default_factory=dict)


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
    """

    engine: DuckEngine
    source: str
    profiles: Mapping[str, ColumnProfile]
    levels: dict[str, list[str]] = field(default_factory=dict)

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
        import pyarrow.compute as pc

        picked = [f"{number(name)} as z{i}" for i, name in enumerate(measures)]
        picked += [f"{self.code(name)} as g{i}" for i, name in enumerate(dimensions)]
        text = f"select {', '.join(picked)} from {self.source}"
        for batch in self.engine.ordered_batches(text, n_rows=BATCH):
            arrays = batch.columns
            values = [
                array.to_numpy(zero_copy_only=False) for array in arrays[: len(measures)]
            ]
            codes = []
            for name, array in zip(dimensions, arrays[len(measures) :], strict=True):
                filled = pc.fill_null(array, len(self.levels[name]) + 1)
                codes.append(filled.to_numpy(zero_copy_only=False).astype("int64") - 1)
            yield values, codes


def pair_statistics(
    reader: Reader,
    kinds: Mapping[str, str],
    *,
    among: Sequence[str],
    target: str | None,
) -> PairStatistics:
    """Return the sums of every pair.

    Parameters
    ----------
    reader
        The data.
    kinds
        ``measure`` or ``dimension`` by column.
    among
        Columns that are related to each other, the target aside.
    target
        Column that is related to all of `kinds`.
    """
    core = [*among, *([target] if target else [])]
    rest = [name for name in kinds if name not in core]
    dimensions = [name for name in kinds if kinds[name] == "dimension"]
    reader.learn_levels([d for d in dimensions if target or d in core])
    found = PairStatistics(levels=reader.levels)
    sides: list[tuple[Sequence[str], Sequence[str]]] = [(core, core)]
    sides += [([target], part) for part in chunks(rest, RIGHT)] if target else []
    for left, right in sides:
        names = list(dict.fromkeys([*left, *right]))
        panel = _panel(reader, kinds, names, left, right)
        if len(names) > 1:
            _sum(reader, panel, found)
    return found


def _panel(
    reader: Reader,
    kinds: Mapping[str, str],
    names: Sequence[str],
    left: Sequence[str],
    right: Sequence[str],
) -> Panel:
    profiles = reader.profiles
    dimensions = tuple(n for n in names if kinds[n] == "dimension")
    gappy = frozenset(
        n
        for n in names
        if profiles[n].n_null + profiles[n].n_nan
        or (kinds[n] == "measure" and profiles[n].n_infinite)
    )
    return Panel(
        measures=tuple(n for n in names if kinds[n] == "measure"),
        dimensions=dimensions,
        left=frozenset(left),
        right=frozenset(right),
        sizes={d: len(reader.levels[d]) + (d in gappy) for d in dimensions},
        gappy=gappy,
    )


def _sum(reader: Reader, panel: Panel, found: PairStatistics) -> None:
    sums = PanelSums(panel)
    batches = reader.batches(panel.measures, panel.dimensions, number=reader.centred)
    for values, codes in batches:
        sums.add(values, codes)
    close_pairs: dict[tuple[str, str], tuple[float, float]] = {}
    close_groups: dict[tuple[str, str], Floats] = {}
    for i, a in enumerate(panel.measures):
        for b in panel.measures[i + 1 :]:
            if panel.relates(a, b):
                pair = sums.pair(a, b)
                found.spreads[a, b] = _spread(pair)
                if _is_close(pair.n, pair.x, pair.xx) or _is_close(
                    pair.n, pair.y, pair.yy
                ):
                    close_pairs[a, b] = (
                        pair.x / pair.n + reader.scale(a).shift,
                        pair.y / pair.n + reader.scale(b).shift,
                    )
        for d in panel.dimensions:
            if panel.relates(d, a):
                groups = sums.groups(d, a)
                found.groups[d, a] = _groups(groups)
                if any(map(_is_close, groups.n, groups.total, groups.squares)):
                    close_groups[d, a] = _means(groups) + reader.scale(a).shift
    for i, a in enumerate(panel.dimensions):
        for b in panel.dimensions[i + 1 :]:
            if panel.relates(a, b):
                found.tables[a, b] = sums.table(a, b)
    if close_pairs or close_groups:
        _sum_again(reader, close_pairs, close_groups, found)


def _is_close(n: int, total: float, squares: float) -> bool:
    """Tell whether the spread of values is lost in the square of their mean."""
    if n < 2:
        return False
    spread = squares - total * total / n
    return bool(spread < _LOST * squares or (squares < 1e-290 and total))


def _spread(sums: PairSums) -> Spread:
    n = sums.n
    if n < 1:
        return Spread(0, 0.0, 0.0, 0.0)
    return Spread(
        n,
        max(0.0, sums.xx - sums.x * sums.x / n),
        max(0.0, sums.yy - sums.y * sums.y / n),
        sums.xy - sums.x * sums.y / n,
    )


def _means(groups: GroupSums) -> Floats:
    import numpy as np

    return groups.total / np.maximum(groups.n, 1)


def _groups(groups: GroupSums, centres: Floats | None = None) -> tuple[Group, ...]:
    """Return groups from sums around zero, or around a centre for each.

    Values that differ do not all lie on one side of their own mean: what is left of a
    spread around it is rounding.
    """
    means = _means(groups)
    spreads = (groups.squares - groups.total * means).clip(min=0.0)
    offset = 0.0
    if centres is not None:
        spreads[spreads < _LOST * groups.squares] = 0.0
        offset = centres
    return tuple(
        Group(int(n), float(mean), float(spread) / (int(n) - 1) if n > 1 else 0.0)
        for n, mean, spread in zip(groups.n, means + offset, spreads, strict=True)
    )


def _sum_again(
    reader: Reader,
    pairs: Mapping[tuple[str, str], tuple[float, float]],
    groups: Mapping[tuple[str, str], Floats],
    found: PairStatistics,
) -> None:
    """Sum pairs and groups around their own means, in one more scan."""
    import numpy as np

    measures = sorted({m for pair in pairs for m in pair} | {m for _, m in groups})
    dimensions = sorted({d for d, _ in groups})
    # Squares of far smaller values than the greatest need the longer exponent.
    wide = np.longdouble
    pair_sums = {pair: np.zeros(6, wide) for pair in pairs}
    group_sums = {key: np.zeros((3, len(c) + 1)) for key, c in groups.items()}
    for values, codes in reader.batches(measures, dimensions, number=reader.scaled):
        value = dict(zip(measures, values, strict=True))
        code = dict(zip(dimensions, codes, strict=True))
        for (a, b), (centre_a, centre_b) in pairs.items():
            x, y = value[a].astype(wide) - centre_a, value[b].astype(wide) - centre_b
            both = np.isfinite(x) & np.isfinite(y)
            x, y = x[both], y[both]
            terms = (len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y)
            pair_sums[a, b] += np.array(terms, wide)
        for (d, m), centres in groups.items():
            g, x = code[d], value[m] - np.append(centres, 0.0)[code[d]]
            known = np.isfinite(x)
            g, x, size = g[known], x[known], len(centres) + 1
            group_sums[d, m][0] += np.bincount(g, minlength=size)
            group_sums[d, m][1] += np.bincount(g, x, size)
            group_sums[d, m][2] += np.bincount(g, x * x, size)
    for pair, sums in pair_sums.items():
        found.spreads[pair] = _scaled(sums)
    for (d, m), centres in groups.items():
        n, total, squares = group_sums[d, m][:, :-1]
        again = GroupSums(n.astype(np.int64), total, squares)
        found.groups[d, m] = _groups(again, centres - reader.scale(m).shift)


def _scaled(sums: Any) -> Spread:
    """Return the spread in units that doubles can hold."""
    n, x, y, xx, yy, xy = sums
    spread_x, spread_y, both = xx - x * x / n, yy - y * y / n, xy - x * y / n
    # What is left of a spread around its own mean is rounding.
    if spread_x <= _LOST * xx or spread_y <= _LOST * yy:
        return Spread(int(n), 0.0, 0.0, 0.0)
    return Spread(int(n), 1.0, 1.0, float(both / spread_x**0.5 / spread_y**0.5))


def correlation(spread: Spread) -> float | None:
    """Return Pearson's r, or None where a measure does not vary.

    Examples
    --------
    >>> correlation(Spread(3, 2.0, 8.0, 4.0))
    1.0
    """
    if spread.n < 2 or spread.xx <= 0 or spread.yy <= 0:
        return None
    squared = spread.xx * spread.yy
    # The product of two tiny spreads may have too few digits.
    is_tiny = squared < 1e-290
    size = math.sqrt(spread.xx) * math.sqrt(spread.yy) if is_tiny else math.sqrt(squared)
    return max(-1.0, min(1.0, spread.xy / size))
