"""Numbers of many values, in order without sorting: a fine cut into cells.

Every value falls into one of a few thousand cells of equal width, and only the rows of
the cells where a rank, an edge or a zero lies are looked at. The place of a cell is
computed with the same rounding for every row, so it never falls while the value rises,
and every count that is built from whole cells is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.statistics.moments import Moments, float_sql, kurtosis, ldexp, skewness
from dsp.statistics.ordered import Values, finite, quantile, ranks_of

N_CELLS = 4096
"""Cells of a cut: their numbers fit the small group-by of DuckDB."""
PARTS = 64
"""Parts into which a cell is divided where too many rows need a look."""
NAN, ABOVE, BELOW = -2, -3, -4
"""Cells of NaN and of the infinities."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Cells of equal width: ``(x * unit - origin) * rate``, less a half, rounded.

    Attributes
    ----------
    unit
        A power of two that keeps the width of the range finite.
    origin, rate
        Lower end, and cells by unit.
    """

    unit: float
    origin: float
    rate: float

    @classmethod
    def of(cls, low: float, high: float) -> Cut:
        """Return the cut of a range; the rate is 0 when it is too short to be cut."""
        exponent = math.frexp(max(abs(low), abs(high)))[1]
        unit = math.ldexp(1.0, -max(-1000, min(1000, exponent)))
        width = high * unit - low * unit
        rate = N_CELLS * (1 - 2.0**-30) / width if width > 0 else math.inf
        return cls(unit, low * unit, rate if math.isfinite(rate) else 0.0)

    def sql(self, x: str) -> str:
        """Return SQL of the place of a value, counted in cells."""
        unit, origin = float_sql(self.unit), float_sql(self.origin)
        return f"({x} * {unit} - {origin}) * {float_sql(self.rate)}"


@dataclass(frozen=True, slots=True)
class Zoom:
    """Cells from `first` to `last`, cut once more, from the number `start` on."""

    first: int
    last: int
    cut: Cut
    start: int


@dataclass(frozen=True, slots=True)
class Split:
    """Cells that were divided into `PARTS` each, from the number `start` on."""

    ids: tuple[int, ...]
    start: int


@dataclass(slots=True)
class Cells:
    """The finite values of a column by cell, in ascending order.

    Attributes
    ----------
    cut, finer
        Cut of the whole range; cells that were cut further, in order of cutting.
    free
        The first number that no cell has yet.
    ids, numbers, low, high
        Arrays of the filled cells: number, values, smallest and largest value.
    all_moments
        Moments of the whole column.
    inside
        Values of cells that were looked at, by cell.
    """

    cut: Cut
    ids: Any
    numbers: Any
    low: Any
    high: Any
    all_moments: Moments
    finer: list[Zoom | Split] = field(default_factory=list)
    free: int = 0
    inside: dict[int, Values] = field(default_factory=dict)
    up_to: Any = None

    def __post_init__(self) -> None:
        """Count up to each cell."""
        self.free = N_CELLS
        self._count()

    def _count(self) -> None:
        import numpy as np

        self.up_to = np.cumsum(self.numbers)

    @property
    def n(self) -> int:
        """Values."""
        return int(self.up_to[-1]) if len(self.up_to) else 0

    def place(self, rank: int) -> int:
        """Return which of the filled cells holds a rank."""
        import numpy as np

        return int(np.searchsorted(self.up_to, rank, side="right"))

    def before(self, place: int) -> int:
        """Return the values in the cells before a filled cell."""
        return int(self.up_to[place - 1]) if place else 0

    def at(self, rank: int) -> float:
        """Return the value at a rank, from 0."""
        place = self.place(rank)
        if self.low[place] == self.high[place]:
            return float(self.low[place])
        return self.inside[int(self.ids[place])].at(rank - self.before(place))

    def below(self, value: float) -> int:
        """Return how many values are smaller."""
        import numpy as np

        place = int(np.searchsorted(self.high, value, side="left"))
        if place == len(self.high):
            return self.n
        before = self.before(place)
        if self.low[place] >= value:
            return before
        return before + self.inside[int(self.ids[place])].below(value)

    def count(self, value: float) -> int:
        """Return how many values are equal to one."""
        return self.below(math.nextafter(value, math.inf)) - self.below(value)

    def moments(self) -> Moments:
        """Return the moments of the whole column."""
        return self.all_moments

    def mad(self) -> float | None:
        """Return the median of the distances from the median."""
        middle = quantile(self, 0.5)
        if middle is None:
            return None
        near, far = self._distances(middle, middle)
        bounds = self._mad_bounds(near, far)
        inner = far < bounds[0]
        n_inner = int(self.numbers[inner].sum())
        zone = (near <= bounds[1]) & ~inner
        values = Values.of(*self._values_of(zone, middle))
        first, second, share = ranks_of(self.n, 0.5)
        low, high = values.at(first - n_inner), values.at(second - n_inner)
        return finite(low * (1 - share) + high * share)

    def mad_zone(self) -> Any:
        """Return which cells may hold the median of the distances from the median."""
        first, second, _ = ranks_of(self.n, 0.5)
        lowest, highest = self.low[self.place(first)], self.high[self.place(second)]
        near, far = self._distances(lowest, highest)
        bounds = self._mad_bounds(near, far)
        return (near <= bounds[1]) & (far >= bounds[0])

    def _distances(self, lowest: float, highest: float) -> tuple[Any, Any]:
        """Return the smallest and largest distance of each cell from a median between."""
        import numpy as np

        with np.errstate(over="ignore"):
            near = np.maximum(0, np.maximum(self.low - highest, lowest - self.high))
            far = np.maximum(self.high - lowest, highest - self.low)
        return near, far

    def _mad_bounds(self, near: Any, far: Any) -> tuple[float, float]:
        first, second, _ = ranks_of(self.n, 0.5)
        return (
            Values.of(near, self.numbers).at(first),
            Values.of(far, self.numbers).at(second),
        )

    def _values_of(self, zone: Any, middle: float) -> tuple[Any, Any]:
        """Return the distances from the median of the values in some cells."""
        import numpy as np

        x: list[Any] = []
        numbers: list[Any] = []
        for place in np.flatnonzero(zone):
            if self.low[place] == self.high[place]:
                x.append(self.low[place : place + 1])
                numbers.append(self.numbers[place : place + 1])
            else:
                values = self.inside[int(self.ids[place])]
                x.append(values.x)
                numbers.append(values.numbers)
        with np.errstate(over="ignore"):
            return np.abs(np.concatenate(x) - middle), np.concatenate(numbers)

    def zoomed(self, first: int, last: int, cut: Cut) -> Zoom:
        """Cut a run of cells, given by their numbers, once more."""
        zoom = Zoom(first, last, cut, self.free)
        self.finer.append(zoom)
        self.free += N_CELLS
        return zoom

    def split(self, ids: Sequence[int]) -> Split:
        """Divide some cells, given by their numbers in order, into parts."""
        split = Split(tuple(ids), self.free)
        self.finer.append(split)
        self.free += PARTS * len(split.ids)
        return split

    def replace(self, gone: Any, rows: Mapping[str, Any]) -> None:
        """Put finer cells in the place of those that were cut.

        Parameters
        ----------
        gone
            Which of the filled cells were cut.
        rows
            Arrays ``cell``, ``n``, ``low`` and ``high`` of the finer cells.
        """
        import numpy as np

        kept = ~gone
        # Cells hold neighbouring values, whatever their numbers are.
        order = np.argsort(np.concatenate((self.low[kept], rows["low"])), kind="stable")

        def joined(old: Any, new: Any) -> Any:
            return np.concatenate((old[kept], new))[order]

        self.ids = joined(self.ids, rows["cell"].astype(np.int64))
        self.numbers = joined(self.numbers, rows["n"])
        self.low, self.high = (
            joined(self.low, rows["low"]),
            joined(self.high, rows["high"]),
        )
        self._count()


def cell_sql(
    cut: Cut,
    finer: Sequence[Zoom | Split],
    value: tuple[str, str],
    source: str,
    *,
    has_special: bool,
) -> str:
    """Return a query of every value ``v``, ``x``, its place ``u`` and its ``cell``.

    Parameters
    ----------
    value
        SQL of the value as it is (``v``), and of ``v`` as a double (``x``).
    source
        What stands after ``from``.
    has_special
        Whether a value may be NaN or infinite; those have cells of their own.
    """
    # A cast rounds; what is no place (NaN) becomes null, for the caller to see.
    cell = "try_cast(u - 0.5e0 as smallint)"
    if has_special:
        cell = (
            f"case when isfinite(x) then {cell} when isnan(x) then {NAN} "
            f"when x > 0 then {ABOVE} when x < 0 then {BELOW} end"
        )
    text = (
        f"select v, x, u, {cell} as cell from (select v, x, {cut.sql('x')} as u "
        f"from (select v, {value[1]} as x from (select {value[0]} as v from {source}) "
        "where v is not null))"
    )
    for one in finer:
        where, place = _finer(one)
        placed = (
            f"select v, x, case when {where} then {place} else u end as u, cell "
            f"from ({text})"
        )
        finer_cell = f"case when {where} then cast(u - 0.5e0 as integer) else cell end"
        text = f"select v, x, u, {finer_cell} as cell from ({placed})"
    return text


def _finer(one: Zoom | Split) -> tuple[str, str]:
    """Return SQL of which rows have a finer place, and of that place."""
    if isinstance(one, Zoom):
        where = f"cell between {one.first} and {one.last}"
        return where, f"{one.start}e0 + {one.cut.sql('x')}"
    listed = ", ".join(map(str, one.ids))
    order = f"list_position([{listed}], cast(cell as integer)) - 1"
    part = f"least((u - cell) * {PARTS}e0, {PARTS - 0.5}e0)"
    return f"cell in ({listed})", f"{one.start}e0 + ({order}) * {PARTS}e0 + {part}"


def moments_of_cells(
    cut: Cut, ids: Any, numbers: Any, sums: tuple[Any, Any, Any, Any]
) -> Moments:
    """Return moments from sums over the rows of each cell.

    The sums are of the powers 1 to 4 of how far values lie from the middle of their cell,
    in cells.

    References
    ----------
    Agrees with `scipy.stats.skew` and `scipy.stats.kurtosis` with ``bias=False``.
    """
    import numpy as np

    n = int(numbers.sum())
    s1, s2, s3, s4 = sums
    middle = ids + 0.5
    mean_place = math.fsum((*(numbers * middle), *s1)) / n
    d = middle - mean_place
    m2 = math.fsum((*(numbers * d**2), *(2 * d * s1), *s2))
    m3 = math.fsum((*(numbers * d**3), *(3 * d**2 * s1), *(3 * d * s2), *s3))
    m4 = math.fsum(
        (*(numbers * d**4), *(4 * d**3 * s1), *(6 * d**2 * s2), *(4 * d * s3), *s4)
    )
    exponent = -(math.frexp(cut.unit)[1] - 1)
    mean = ldexp(cut.origin + mean_place / cut.rate, exponent)
    sd = ldexp(math.sqrt(max(0.0, m2) / (n - 1)) / cut.rate, exponent) if n > 1 else None
    total = None if mean is None else finite(mean * n)
    # What the sums of a symmetric column leave is rounding, not shape.
    noise = 1e-15 * float(np.abs(numbers * d**3).sum())
    ratio3 = (m3 / n if abs(m3) > noise else 0.0) / (m2 / n) ** 1.5 if m2 > 0 else None
    ratio4 = n * m4 / (m2 * m2) if m2 > 0 else None
    return Moments(n, total, mean, sd, skewness(n, ratio3), kurtosis(n, ratio4))
