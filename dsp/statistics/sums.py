"""Sufficient statistics of all pairs of columns, from one scan of the data.

Pearson's correlation, the correlation ratio and Cramér's V need no more than these. Where
the rows of a pair or of a group lie so close together, far from the mean of the column,
that subtracting squares would lose digits, they are summed again around their own mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsp.inference.base import Group
from dsp.statistics.base import chunks
from dsp.statistics.draws import Draw
from dsp.statistics.panel import Counts, Floats, GroupSums, PairSums, Panel, PanelSums
from dsp.statistics.reader import Reader

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
    samples
        By pair of a measure with the target, in both orders: their values in drawn rows,
        NaN where there is none, each moved and scaled.
    """

    spreads: dict[tuple[str, str], Spread] = field(default_factory=dict)
    groups: dict[tuple[str, str], tuple[Group, ...]] = field(default_factory=dict)
    tables: dict[tuple[str, str], Counts] = field(default_factory=dict)
    levels: dict[str, list[str]] = field(default_factory=dict)
    samples: dict[tuple[str, str], tuple[Floats, Floats]] = field(default_factory=dict)


def pair_statistics(
    reader: Reader,
    kinds: Mapping[str, str],
    *,
    among: Sequence[str],
    target: str | None,
    draw: Draw | None = None,
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
    draw
        Rows whose measures are kept beside a target that is one.
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
            kept = draw if target in panel.measures else None
            drawn = _sum(reader, panel, found, kept)
            for name in drawn:
                if name != target and target:
                    found.samples[name, target] = drawn[name], drawn[target]
                    found.samples[target, name] = drawn[target], drawn[name]
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
        or ((kinds[n] == "measure" or n in reader.edges) and profiles[n].n_infinite)
    )
    return Panel(
        measures=tuple(n for n in names if kinds[n] == "measure"),
        dimensions=dimensions,
        left=frozenset(left),
        right=frozenset(right),
        sizes={d: len(reader.levels[d]) + (d in gappy) for d in dimensions},
        gappy=gappy,
    )


def _sum(
    reader: Reader, panel: Panel, found: PairStatistics, draw: Draw | None
) -> dict[str, Floats]:
    """Add the sums of a panel to what was found; return its measures in drawn rows."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    sums = PanelSums(panel)
    batches = reader.batches(panel.measures, panel.dimensions, number=reader.centred)
    start, drawn = 0, []
    # The threads are busy reading; products of batches are too small to share.
    with threadpool_limits(1, "blas"):
        for values, codes in batches:
            sums.add(values, codes)
            if draw is not None:
                rows = draw.places(start, len(values[0]))
                drawn.append(np.stack([column[rows] for column in values]))
                start += len(values[0])
    _read_off(reader, panel, sums, found)
    if draw is None:
        return {}
    rows = np.concatenate(drawn, axis=1) if drawn else np.empty((len(panel.measures), 0))
    return dict(zip(panel.measures, rows, strict=True))


def _read_off(
    reader: Reader, panel: Panel, sums: PanelSums, found: PairStatistics
) -> None:
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
