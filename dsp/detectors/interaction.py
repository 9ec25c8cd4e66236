"""Two columns that move the target only together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import interaction_words as said
from dsp.detectors.base import Candidate, Found, found
from dsp.detectors.pair_scores import screened
from dsp.detectors.relations import NEAR
from dsp.detectors.terms import Term, design, fitted, without
from dsp.inference.tails import f_tail

if TYPE_CHECKING:
    from typing import Any

    from dsp.detectors.scene import Scene

MAX_COLUMNS = 30
MIN_SHARE = 0.0008
ROUGH = 1e-4
"""Rough p value from which a pair is tested by itself."""
CELL = 5
"""Rows that most cells of two dimensions must hold on average."""
EVENTS = 20
"""Rows of the rarer outcome of an event that each parameter needs, for F to hold."""


class Interaction:
    """Two columns move the target beyond what each does alone."""

    name = "interaction"

    def detect(self, scene: Scene) -> Found:
        """Test every pair of columns: products, slopes by value, cells of two values."""
        frame, target = scene.frame, scene.frame.measures.get(scene.target or "")
        if target is None:
            return Found()
        columns = dict.fromkeys((*frame.dimensions, *frame.measures))
        names = [name for name in columns if name != target.name][:MAX_COLUMNS]
        pairs = screened(frame, names)
        tested = [_pair(scene, a, b) for a, b, p in pairs if p < ROUGH]
        near = [c for c in tested if c is not None and (c.p_value or 0.0) < NEAR]
        return found(near, len(pairs))


def _pair(scene: Scene, a: str, b: str) -> Candidate | None:
    """Test two columns on what each of them leaves of the target."""
    frame, target = scene.frame, scene.frame.measures[str(scene.target)]
    made = design(frame, Term(form="product", columns=(a, b)))
    use = target.has
    for name in (a, b):
        if name in frame.dimensions:
            use = use & (frame.dimensions[name].code >= 0)
        else:
            use = use & frame.measures[name].has
    n = int(use.sum())
    if n < 50 or n < CELL * (made.df + 1):
        return None
    if target.event is not None:
        won = float(target.x[use].sum())
        if min(won, n - won) < EVENTS * (made.df + 1):
            return None
    rest = _curved(scene, (a, b), without(made.mains, target.z, use), use)
    fit = fitted(made, rest, use)
    power, total = float(fit @ fit), float(rest @ rest)
    left = total - power
    if left <= 0:
        return None
    f = power / made.df / (left / (n - made.df - 3))
    whole = float(target.z[use] @ target.z[use])
    words, sql, shape = said.of(scene, a, b)
    return Candidate(
        kind="interaction",
        columns=(a, b, target.name),
        target=target.name,
        effect_name="r_squared",
        effect=power / whole,
        n_rows=n,
        impact=power / whole,
        test="F of the product beyond both alone",
        statistic=f,
        p_value=f_tail(f, made.df, n - made.df - 3),
        is_large=power / whole >= MIN_SHARE,
        evidence_sql=sql,
        shape=shape,
        response=target.name,
        term=Term(form="product", columns=(a, b)),
        say=words,
        facts={"event": target.event, "roles": (a, b)},
    )


def _curved(scene: Scene, names: tuple[str, str], rest: Any, use: Any) -> Any:
    """Take the curves of measures away: two related measures would fake a product."""
    frame = scene.frame
    for name in names:
        if name in frame.measures:
            curve = design(frame, Term(form="curve", columns=(name,)))
            rest = rest - fitted(curve, rest, use)
    return rest


plugin = Interaction()
