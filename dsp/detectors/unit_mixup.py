"""Values of a segment that are recorded in another unit: cents for euros."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import FAULTS, Candidate, Found, Repair, Rows, Words
from dsp.detectors.bimodal import deepest_valley
from dsp.detectors.evidence_sql import shown, text
from dsp.detectors.relations import NEAR
from dsp.detectors.words import first, name, row_of, rows
from dsp.engine.duckdb_engine import literal, quote
from dsp.inference.tails import chi_square_tail
from dsp.numbers import amount, number

if TYPE_CHECKING:
    from dsp.detectors.frame import Dimension, Measure
    from dsp.detectors.scene import Scene

FACTORS = (10.0, 60.0, 100.0, 1_000.0, 3_600.0, 10_000.0, 1_000_000.0)
WIDTH = 0.04
"""Width of the bins of decimal logarithms."""
MIN_ROWS = 30
MIN_POSITIVE = 0.9
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0)
CLEARLY = 25.0
"""Log-likelihood by which another unit must explain a segment better than any shift."""
PER_ROW = 0.03
"""Log-likelihood a row that another unit must gain over the same unit."""
STRETCHES = (0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5, 2.0, 3.0)
"""Spreads of a segment in that of the others that need no other unit."""
PRIOR = 0.5
"""Rows that are thought into every bin, so that what was not seen is not impossible."""
MOST = 0.6
"""Larger segments are the usual unit themselves."""


class UnitMixup:
    """A segment is recorded in another unit."""

    name = "unit_mixup"
    phase = FAULTS

    def detect(self, scene: Scene) -> Found:
        """Compare the logarithms of each segment with those of all others.

        A segment in another unit has the distribution of the others moved by the
        logarithm of a round factor, in all of its rows or in some; a segment that is
        merely higher is explained as well by some other shift.
        """
        listed: list[Candidate] = []
        repairs: list[Repair] = []
        n_tests = 0
        for m in scene.frame.measures.values():
            logs = _logarithms(m)
            if logs is None:
                continue
            for group in scene.frame.dimensions.values():
                if group.name == m.name:
                    continue
                found, count = _segments(group, logs)
                n_tests += count
                for mixed in found:
                    listed.append(_candidate(scene, group, m, mixed))
                    repairs.append(_repair(group, m, logs, mixed))
        return Found(candidates=tuple(listed), n_tests=n_tests, repairs=tuple(repairs))


class Mixed(NamedTuple):
    """A segment in another unit: its place, the shift, the share of rows, and gains."""

    place: int
    shift: int
    factor: float
    share: float
    gain: float
    n: int
    n_rest: int


class Logs(NamedTuple):
    """Bins of logarithms: of each row (-1 outside), and how many there are."""

    bins: Any
    k: int


def _logarithms(m: Measure) -> Logs | None:
    """Return bins of decimal logarithms; None where they say nothing."""
    import numpy as np

    if m.event is not None:
        return None
    positive = m.has & (m.x > 0)
    if positive.sum() < max(MIN_ROWS, MIN_POSITIVE * m.n):
        return None
    logs = np.log10(m.x[positive])
    if float(np.ptp(logs)) < 0.9:
        return None
    bins = np.full(len(m.x), -1, dtype=np.int64)
    placed = np.floor((logs - float(logs.min())) / WIDTH).astype(np.int64)
    bins[positive] = placed
    return Logs(bins, int(placed.max()) + 1)


def _segments(group: Dimension, logs: Logs) -> tuple[list[Mixed], int]:
    import numpy as np

    k = len(group.labels)
    use = (group.code >= 0) & (logs.bins >= 0)
    cell = group.code[use] * logs.k + logs.bins[use]
    counts = np.bincount(cell, minlength=k * logs.k).reshape(k, logs.k).astype(float)
    n_tests = 0
    found: list[Mixed] = []
    usual = list(range(k))
    while True:
        # The worst first; what is left must look odd without it.
        whole = counts[usual].sum(axis=0)
        tried = []
        for place in usual:
            own = counts[place]
            if own.sum() < MIN_ROWS or own.sum() > MOST * whole.sum():
                continue
            n_tests += not found
            mixed = _best(place, own, whole - own)
            if mixed is not None:
                tried.append(mixed)
        if not tried:
            return found, n_tests
        found.append(max(tried, key=lambda mixed: mixed.gain))
        usual.remove(found[-1].place)


def _best(place: int, own: Any, rest: Any) -> Mixed | None:
    """Return the unit that explains a segment best, where no plain shift does as well."""
    import numpy as np

    density = _smooth(rest)
    same = float(own @ np.log(density))
    n = float(own.sum())
    if float(own @ np.log(_smooth(own))) - same < CLEARLY:
        return None
    best: Mixed | None = None
    for factor in FACTORS:
        for sign in (1, -1):
            shift = round(sign * math.log10(factor) / WIDTH)
            moved = _moved(density, shift)
            for share in SHARES:
                mix = share * moved + (1 - share) * density
                gain = float(own @ np.log(mix)) - same
                if best is None or gain > best.gain:
                    best = Mixed(
                        place, shift, factor, share, gain, int(n), int(rest.sum())
                    )
    if best is None or best.gain < max(CLEARLY, PER_ROW * n * best.share):
        return None
    if best.share < 1 and not _has_valley(own, best.shift):
        return None
    return best if best.gain > _plain(own, density, best) + CLEARLY / 2 else None


def _has_valley(own: Any, shift: int) -> bool:
    """Tell whether a segment has two peaks about as far apart as the two units."""
    import numpy as np

    valley = deepest_valley(np.repeat(np.arange(len(own)) + 0.5, own.astype(np.int64)))
    if valley is None or valley.p_value > NEAR:
        return False
    return abs(valley.high - valley.low) > 0.6 * abs(shift)


def _plain(own: Any, density: Any, best: Mixed) -> float:
    """Return what a segment gains that is merely higher, lower, or spread otherwise."""
    import numpy as np

    k = len(density)
    place = np.arange(k, dtype=float)
    middle = float((place * density).sum())
    near = math.ceil(0.08 / WIDTH)
    same = float(own @ np.log(density))
    most = 0.0
    for stretch in STRETCHES:
        wide = np.interp(middle + (place - middle) / stretch, place, density) / stretch
        wide = wide / wide.sum()
        for shift in range(-k, k):
            is_unit = best.share >= 1 and 0.8 < stretch < 1.25
            if is_unit and abs(shift - best.shift) <= near:
                continue
            most = max(most, float(own @ np.log(_moved(wide, shift))) - same)
    return most


def _smooth(counts: Any) -> Any:
    """Return a density from counts, smoothed, with a prior for what was never seen."""
    import numpy as np

    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    smooth = np.convolve(counts, kernel, mode="same") + PRIOR
    return smooth / smooth.sum()


def _moved(density: Any, shift: int) -> Any:
    import numpy as np

    moved = np.full(len(density), float(density.min()))
    if abs(shift) >= len(density):
        return moved
    if shift >= 0:
        moved[shift:] = density[: len(density) - shift]
    else:
        moved[:shift] = density[-shift:]
    return moved


def _candidate(scene: Scene, group: Dimension, m: Measure, mixed: Mixed) -> Candidate:
    label = group.labels[mixed.place]
    return Candidate(
        kind="unit_mixup",
        columns=(group.name, m.name),
        target=m.name,
        segment_column=group.name,
        segment_value=label,
        direction="up" if mixed.shift > 0 else "down",
        effect_name="factor",
        effect=mixed.factor if mixed.shift > 0 else 1 / mixed.factor,
        n_rows=round(mixed.n * mixed.share),
        impact=mixed.n / (mixed.n + mixed.n_rest),
        test="likelihood ratio of another unit",
        statistic=2 * mixed.gain,
        p_value=chi_square_tail(2 * mixed.gain, 1),
        evidence_sql=_medians(scene, group.name, m.name, label),
        shape="bars",
        say=_say,
        facts={"factor": mixed.factor, "share": mixed.share},
    )


def _repair(group: Dimension, m: Measure, logs: Logs, mixed: Mixed) -> Repair:
    """Return the repair: all rows of the segment, or those nearer to the other unit."""
    import numpy as np

    inside = (group.code == mixed.place) & (logs.bins >= 0)
    if mixed.share < 1:
        rest = logs.bins[(group.code >= 0) & ~inside & (logs.bins >= 0)]
        density = _smooth(np.bincount(rest, minlength=logs.k).astype(float))
        moved = _moved(density, mixed.shift)
        other = mixed.share * moved > (1 - mixed.share) * density
        inside = inside & other[np.maximum(logs.bins, 0)]
    factor = mixed.factor if mixed.shift > 0 else 1 / mixed.factor
    return Repair(rescale=(m.name, inside, factor))


def _medians(scene: Scene, dimension: str, measure: str, label: str) -> str:
    """Median and 90th percentile per value, and the median of all others as baseline."""
    value = shown(scene, measure)
    return (
        f"select {text(dimension)} as label,\n    cast(median({value}) as double) as "
        f"value,\n    count({value}) as n_rows,\n"
        f"    cast(quantile_cont({value}, 0.9) as double) as high,\n    (\n"
        f"        select cast(median({value}) as double)\n        from {scene.source}\n"
        f"        where {text(dimension)} <> {literal(label)}\n    ) as baseline,\n"
        "    (\n"
        f"        select cast(quantile_cont({value}, 0.9) as double)\n"
        f"        from {scene.source}\n"
        f"        where {text(dimension)} <> {literal(label)}\n    ) as baseline_high\n"
        f"from {scene.source}\nwhere {quote(dimension)} is not null\ngroup by 1\n"
        f"having count({value}) > 0\norder by 2 desc, 1"
    )


def _say(c: Candidate, found: Rows) -> Words:
    dimension, measure = name(c.segment_column), name(c.target)
    label, factor = name(c.segment_value), number(c.facts["factor"])
    where = f"{dimension} {label}"
    title = f"{first(measure)} of {where} seems to be in another unit"
    advice = f"Ask which unit {label} reports, and convert before any comparison."
    row = row_of(found, c.segment_value)
    value, rest = row.get("value"), row.get("baseline")
    if value is None or rest is None:
        return Words(title, f"{title} (factor {factor}).", advice)
    side = "larger" if c.direction == "up" else "smaller"
    part = "all" if c.facts["share"] >= 1 else "a part"
    return Words(
        title,
        f"{first(measure)} of {where} has the shape of the others, {factor} times "
        f"{side} in {part} of its {rows(int(row['n_rows']))}: median {amount(value)} and "
        f"90th percentile {amount(row['high'])}, against {amount(rest)} and "
        f"{amount(row['baseline_high'])}.",
        advice,
        value=value,
        baseline=rest,
    )


plugin = UnitMixup()
