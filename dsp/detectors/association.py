"""Categories that depend on each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors import significance as tests
from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.grouping import share_contrast
from dsp.detectors.relations import NEAR
from dsp.detectors.words import LIMIT, extremes, first, name, rows, total
from dsp.inference.clustered import inflation
from dsp.inference.tails import f_tail
from dsp.numbers import share

if TYPE_CHECKING:
    from dsp.detectors.frame import Frame
    from dsp.detectors.scene import Scene

MIN_V = 0.02


class AssociationDetector:
    """Two categories depend on each other."""

    name = "association"

    def detect(self, scene: Scene) -> Found:
        """Test pairs of dimensions; of a chain the weakest link is left out."""
        frame = scene.frame
        is_class = scene.target_task == "classes"
        names = list(frame.dimensions)
        if not is_class:
            names = [n for n in names if n != scene.target]
        listed: list[Candidate] = []
        n_tests = 0
        for pair in combinations(names, 2):
            a, b = sorted(pair, key=lambda name: name == scene.target)
            counts = scene.gram.counts(a, b)
            outcome = tests.contingency(counts)
            n_tests += outcome is not None
            if outcome is None or outcome.p_value >= NEAR:
                continue
            listed.append(_candidate(scene, a, b, counts, outcome))
        return found(_without_chains(listed), n_tests)


def _candidate(
    scene: Scene, a: str, b: str, counts: Any, outcome: tests.Outcome
) -> Candidate:
    frame = scene.frame
    ends = share_contrast(frame.dimensions[a].labels, frame.dimensions[b].labels, counts)
    p, unit = _clustered(frame, a, b, counts, outcome)
    return Candidate(
        kind="driver" if b == scene.target else "association",
        columns=(a, b),
        target=b if b == scene.target else None,
        effect_name="cramers_v",
        effect=outcome.effect,
        n_rows=int(counts.sum()),
        impact=outcome.effect**2,
        test="chi-squared",
        unit=unit,
        statistic=outcome.statistic,
        p_value=p,
        is_large=outcome.effect >= MIN_V,
        evidence_sql=evidence.share_bars(scene, a, b, ends.of),
        shape="bars",
        say=_say,
        facts={"of": ends.of},
    )


def _clustered(
    frame: Frame, a: str, b: str, counts: Any, outcome: tests.Outcome
) -> tuple[float, str]:
    """Return the p value with allowance for rows that go together, and their unit.

    The score of a row is how much fuller than expected its pair of values is: sums of it
    over clusters vary more than independent rows where clusters prefer pairs.
    """
    import numpy as np

    rows_of, columns_of = counts.sum(axis=1), counts.sum(axis=0)
    expected = np.outer(rows_of, columns_of) / max(float(counts.sum()), 1.0)
    surplus = np.where(expected > 0, counts / np.maximum(expected, 1e-9) - 1, 0.0)
    one, two = frame.dimensions[a].code, frame.dimensions[b].code
    use = (one >= 0) & (two >= 0)
    score = surplus[one[use], two[use]]
    score = score - score.mean()
    worst = None
    for unit, codes in frame.stretches().items():
        found_here = inflation(score, codes[use], unit)
        if worst is None or found_here.factor > worst.factor:
            worst = found_here
    if worst is None or worst.factor <= 1:
        return outcome.p_value, "row"
    df = max(1.0, float((len(rows_of) - 1) * (len(columns_of) - 1)))
    p = f_tail(outcome.statistic / df / worst.factor, df, worst.df)
    return max(p, outcome.p_value), worst.name


def _without_chains(listed: list[Candidate]) -> list[Candidate]:
    """Leave out pairs that two stronger links join by way of a third column."""
    strength = {frozenset(c.columns): c.effect or 0.0 for c in listed}
    kept = []
    for c in listed:
        a, b = c.columns
        through = [
            min(strength.get(frozenset((a, m)), 0.0), strength.get(frozenset((m, b)), 0))
            for m in {x for pair in strength for x in pair} - {a, b}
        ]
        if max(through, default=0.0) <= 1.2 * (c.effect or 0.0):
            kept.append(c)
    return kept


def _say(c: Candidate, found_rows: Rows) -> Words:
    a, b, wanted = name(c.columns[0]), name(c.columns[1]), name(c.facts["of"])
    high, low = extremes(found_rows)
    return Words(
        f"{first(b)} {wanted} makes up {share(high['value'])} for {a} "
        f"{name(high['label'])}, {share(low['value'])} for {name(low['label'])}",
        f"{first(b)} depends on {a}: {b} {wanted} makes up {share(high['value'])} of the "
        f"rows with {a} {name(high['label'])}, and {share(low['value'])} with "
        f"{name(low['label'])}, over {rows(total(found_rows))}. {LIMIT}",
        f"Compare by {a} and {b} together: a difference between values of one may come "
        "from the other.",
        value=high["value"],
        baseline=low["value"],
    )


plugin = AssociationDetector()
