"""Measures with two peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.relations import NEAR
from dsp.detectors.words import first, name, rows, total
from dsp.inference.tails import normal_tails
from dsp.numbers import amount

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_ROWS = 500
MIN_VALUES = 12
COARSE = 20
"""Steps that the smallest values must hold, for their logarithms to be smooth."""
BINS = 40
MIN_DEPTH = 0.2
"""Part of the lower peak that the valley lacks."""
MIN_MASS = 0.08
"""Part of the rows on either side of the valley."""
TRIED = 50.0
"""Pairs of peaks among which the deepest valley is looked for, at most."""


class Bimodal:
    """Two peaks."""

    name = "bimodal"

    def detect(self, scene: Scene) -> Found:
        """Look for a valley between two peaks of the histogram of each measure."""
        listed = []
        n_tests = 0
        for m in scene.frame.measures.values():
            if m.event is not None or m.n < MIN_ROWS:
                continue
            n_tests += 1
            valley = deepest_valley(m.x[m.has])
            if valley is not None and valley.p_value < NEAR:
                listed.append(_candidate(scene, m.name, valley, m.n))
        return found(listed, n_tests)


class Valley(NamedTuple):
    """Two peaks and the lowest place between them, with the depth of the valley."""

    low: float
    bottom: float
    high: float
    depth: float
    p_value: float


def deepest_valley(x: Any, *, least: float = MIN_DEPTH) -> Valley | None:
    """Return the deepest valley between two peaks, or None.

    Parameters
    ----------
    x
        Doubles without NaN.
    least
        Depth from which a valley counts.

    Returns
    -------
    Valley or None
        Its p value compares the rows at the lower peak with those at the bottom
        (binomial, normal approximation) and counts the pairs of peaks that were tried.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(1)
    >>> deepest_valley(draw.normal(size=5000)) is None
    True
    >>> two = np.concatenate([draw.normal(-2, 1, 5000), draw.normal(2, 1, 5000)])
    >>> deepest_valley(two).p_value < 1e-10
    True
    """
    import numpy as np

    binned = _histogram(x)
    if binned is None:
        return None
    counts, middles = binned
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    padded = np.pad(counts.astype(float), 2, mode="reflect")
    smooth = np.convolve(padded, kernel, mode="valid")
    # A peak may stand at either end.
    walled = np.pad(smooth, 1)
    above = (walled[1:-1] >= walled[:-2]) & (walled[1:-1] > walled[2:])
    peaks = np.flatnonzero(above)
    share = np.cumsum(counts) / counts.sum()
    best: Valley | None = None
    for i, a in enumerate(peaks):
        for b in peaks[i + 1 :]:
            valley = _between(int(a), int(b), smooth, share, middles)
            if valley is None or valley.depth < least:
                continue
            if best is None or valley.p_value < best.p_value:
                best = valley
    return best


def _between(a: int, b: int, smooth: Any, share: Any, middles: Any) -> Valley | None:
    import numpy as np

    bottom = a + int(np.argmin(smooth[a : b + 1]))
    lower = min(float(smooth[a]), float(smooth[b]))
    least = float(smooth[bottom])
    depth = 1 - least / lower if lower > 0 else 0.0
    mass = min(float(share[bottom]), 1 - float(share[bottom]))
    if mass < MIN_MASS:
        return None
    # A smoothed bin holds about 81 / 19 bins' worth of independent rows.
    effective = 81 / 19
    z = (lower - least) * effective**0.5 / (lower + least) ** 0.5
    p = min(1.0, TRIED * normal_tails(z))
    return Valley(float(middles[a]), float(middles[bottom]), float(middles[b]), depth, p)


def _histogram(x: Any) -> tuple[Any, Any] | None:
    """Return counts of equal bins over the bulk of the values, and their middles.

    Bins of whole steps where values are whole; logarithms where the tail is long.
    """
    import numpy as np

    low, middle, high = np.percentile(x, [0.5, 50, 99.5])
    if not high > low:
        return None
    values = np.unique(x)
    if len(values) < MIN_VALUES:
        return None
    step = float(np.min(np.diff(values)))
    if low > 0 and (high - middle) > 4 * (middle - low):
        if low < COARSE * step:
            # Logarithms pull the steps of small whole numbers apart.
            return None
        x = np.log(x[x > 0])
        low, high = np.percentile(x, [0.5, 99.5])
        counts, edges = np.histogram(x, bins=BINS, range=(low, high))
        return counts, np.exp((edges[:-1] + edges[1:]) / 2)
    width = (high - low) / BINS
    if step > width / 50 and np.allclose(
        np.rint(values / step), values / step, atol=1e-6
    ):
        # Values on a grid: every bin holds as many of its points.
        width = max(1.0, np.ceil(width / step)) * step
        start = (np.floor(low / step) - 0.5) * step
        edges = np.arange(start, high + width, width)
        if len(edges) < MIN_VALUES:
            return None
        counts, _ = np.histogram(x, bins=edges)
        return counts, (edges[:-1] + edges[1:]) / 2
    counts, edges = np.histogram(x, bins=BINS, range=(low, high))
    return counts, (edges[:-1] + edges[1:]) / 2


def _candidate(scene: Scene, measure: str, valley: Valley, n: int) -> Candidate:
    return Candidate(
        kind="bimodal",
        columns=(measure,),
        effect_name="valley_depth",
        effect=valley.depth,
        n_rows=n,
        impact=1.0,
        test="rows at the lower peak against those in the valley",
        statistic=valley.depth,
        p_value=valley.p_value,
        evidence_sql=_bins(scene, measure),
        shape="histogram",
        say=_say,
        facts={"low": valley.low, "bottom": valley.bottom, "high": valley.high},
    )


def _bins(scene: Scene, measure: str) -> str:
    """Thirty bins over the bulk of the values: low, high, n_rows."""
    value = scene.value_sql(measure)
    return (
        f"with known as (\n    select {value} as x\n    from {scene.source}\n"
        f"    where {value} is not null\n),\n"
        "ends as (\n    select quantile_cont(x, 0.005) as low,\n"
        "        quantile_cont(x, 0.995) as high\n    from known\n),\n"
        "binned as (\n"
        "    select least(floor(30 * (x - low) / (high - low)), 29) as bin,\n"
        "        low,\n        (high - low) / 30 as width\n    from known\n"
        "    cross join ends\n    where x between low and high\n)\n"
        "select low + bin * width as low,\n    low + (bin + 1) * width as high,\n"
        "    count(*) as value,\n    count(*) as n_rows\nfrom binned\n"
        "group by bin, low, width\norder by bin"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    measure = name(c.columns[0])
    bottom = c.facts["bottom"]
    title = f"{first(measure)} has two peaks"
    left = [r for r in found_rows if r["high"] <= bottom]
    right = [r for r in found_rows if r["low"] >= bottom]
    if not left or not right:
        return Words(title, f"{title}.", f"Ask which two groups {measure} mixes.")
    low, high = (max(part, key=lambda r: r["n_rows"]) for part in (left, right))

    def middle(row: Any) -> str:
        return amount((row["low"] + row["high"]) / 2)

    return Words(
        title,
        f"{title}, around {middle(low)} and around {middle(high)}, with few rows "
        f"between, over {rows(total(found_rows))}. Its mean describes neither.",
        f"Ask which two groups {measure} mixes, and report them apart.",
    )


plugin = Bimodal()
