"""Measures that move the target along a curve: a U, a hill or a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.frame import N_BINS
from dsp.detectors.gram import grouped
from dsp.detectors.relations import NEAR, is_skewed
from dsp.detectors.terms import Term
from dsp.detectors.words import LIMIT, figure, first, name, rows, subject, total
from dsp.inference.tails import f_tail
from dsp.numbers import level

if TYPE_CHECKING:
    from dsp.detectors.frame import Measure
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.0005
MIN_BINS = 4
MONOTONE = 0.85
"""Share of what the curve explains, from which a rising fit says it as well."""


class NonlinearDriver:
    """A measure moves the target along a curve."""

    name = "nonlinear_driver"

    def detect(self, scene: Scene) -> Found:
        """Test the means of ten bins of each measure against a line."""
        frame = scene.frame
        target = frame.measures.get(scene.target or "")
        if target is None:
            return Found()
        others = [m for m in frame.measures.values() if m is not target]
        listed = [_curve(scene, m, target) for m in others]
        near = [c for c in listed if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(listed))


def _curve(scene: Scene, x: Measure, y: Measure) -> Candidate | None:
    """Return the candidate of a curve: F of the bins beyond a line through them."""
    import numpy as np

    has = x.has & y.has
    groups = grouped(x.bins, N_BINS, y.z, has)
    kept = groups.n >= 5
    n, mean, var = (part[kept] for part in groups)
    middle = grouped(x.bins, N_BINS, x.z, has).mean[kept]
    k, count = len(n), float(n.sum())
    if k < MIN_BINS or count < 10 * k:
        return None
    dx, dy = middle - (n * middle).sum() / count, mean - (n * mean).sum() / count
    slope = float((n * dx * dy).sum() / (n * dx * dx).sum())
    beyond = dy - slope * dx
    bent = float((n * beyond * beyond).sum())
    within = float(((n - 1) * var).sum())
    if within <= 0:
        return None
    f = bent / (k - 2) / (within / (count - k))
    curve = float((n * dy * dy).sum())
    if _is_monotone(n, dy, curve):
        # Scores of what rises all the way are bent by the shape of the column alone.
        return None
    share = curve / (curve + within)
    average = "median(y)" if is_skewed(scene, y.name) else None
    return Candidate(
        kind="nonlinear_driver",
        columns=(x.name, y.name),
        target=y.name,
        direction=_shape(n, dx, beyond),
        effect_name="r_squared",
        effect=share,
        n_rows=int(count),
        impact=share,
        test="F of ten bins beyond a line",
        statistic=f,
        p_value=f_tail(f, k - 2, count - k),
        is_large=bent / (curve + within) >= MIN_SHARE and bool(np.isfinite(f)),
        evidence_sql=evidence.relation(scene, x.name, y.name, average=average),
        shape="relation",
        response=y.name,
        term=Term(form="curve", columns=(x.name,)),
        say=_say,
        facts={"event": y.event},
    )


def _is_monotone(n: Any, dy: Any, curve: float) -> bool:
    """Tell whether means that only rise, or only fall, say nearly as much."""
    best = max(_risen(n, dy), _risen(n, -dy))
    return best >= MONOTONE * curve


def _risen(n: Any, dy: Any) -> float:
    """Return the sum of squares of the best rising fit (pool adjacent violators)."""
    blocks: list[tuple[float, float]] = []
    for weight, value in zip(n.tolist(), dy.tolist(), strict=True):
        block = (weight, value)
        while blocks and blocks[-1][1] > block[1]:
            w, v = blocks.pop()
            both = w + block[0]
            block = (both, (w * v + block[0] * block[1]) / both)
        blocks.append(block)
    return sum(w * v * v for w, v in blocks)


def _shape(n: Any, dx: Any, beyond: Any) -> str:
    """Name the shape of what a line leaves, by its bend."""
    square = dx * dx - (n * dx * dx).sum() / n.sum()
    bend = float((n * square * beyond).sum())
    fit = bend * square / (n * square * square).sum()
    all_bent = float((n * beyond * beyond).sum())
    if float((n * fit * fit).sum()) < 0.5 * all_bent:
        return "threshold"
    return "u_shape" if bend > 0 else "inverted_u"


def _say(c: Candidate, found_rows: Rows) -> Words:
    x, y = c.columns
    event = c.facts["event"]
    what, write = subject(y, event), figure(event)
    known = [r for r in found_rows if r["value"] is not None]
    title = f"{first(what)} {_course(known)} {name(x)}"
    if len(known) < 3:
        return Words(title, f"{title}. {LIMIT}", f"Plot {name(y)} against {name(x)}.")
    low, high = (f(known, key=lambda r: r["value"]) for f in (min, max))
    return Words(
        title,
        f"{title}: it is lowest ({write(low['value'])}) where {name(x)} is around "
        f"{level(low['x'])} and highest ({write(high['value'])}) around "
        f"{level(high['x'])}, over {rows(total(known))}. A straight line misses it. "
        f"{LIMIT}",
        f"Use ranges of {name(x)}, not a slope, to plan {name(y)}.",
        value=high["value"],
        baseline=low["value"],
    )


def _course(known: list[Any]) -> str:
    """Say in words where the rows are high and low, as they are seen in the chart."""
    values = [float(r["value"]) for r in known]
    if len(values) >= MIN_BINS:
        inner = values[1:-1]
        ends = values[0], values[-1]
        if max(inner) > max(ends) and min(values) in ends:
            return "is highest in the middle of"
        if min(inner) < min(ends) and max(values) in ends:
            return "is lowest in the middle of"
    return "does not follow a straight line along"


plugin = NonlinearDriver()
