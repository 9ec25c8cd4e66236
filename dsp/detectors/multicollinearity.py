"""Groups of measures that say the same thing."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Found, Rows, Words
from dsp.detectors.words import name, rows
from dsp.inference.correlation import pearson_test
from dsp.numbers import correlation as written

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_R = 0.6
LEAST_R = 0.5
"""Smallest correlation within a group."""
MIN_SIZE = 3
SHOWN = 4


class Multicollinearity:
    """Three or more measures go together, each with each."""

    name = "multicollinearity"

    def detect(self, scene: Scene) -> Found:
        """Grow groups of measures from the strongest correlations, target apart."""
        names = [
            m.name
            for m in scene.frame.measures.values()
            if m.event is None and m.name != scene.target
        ]
        pairs = {
            frozenset(pair): scene.gram.correlation(*pair)
            for pair in combinations(names, 2)
        }
        groups = grown({pair: abs(r) for pair, (_, r) in pairs.items()}, names)
        listed = [
            _candidate(scene, group, pairs) for group in groups if len(group) >= MIN_SIZE
        ]
        return Found(candidates=tuple(listed), n_tests=len(listed))


def grown(strength: dict[frozenset[str], float], names: list[str]) -> list[list[str]]:
    """Return groups in which every pair is close, the closest pairs joined first.

    Complete linkage: two groups join while their least similar members are close.
    """
    groups = [[name] for name in names]
    while True:
        best, pair = LEAST_R, None
        for a, b in combinations(range(len(groups)), 2):
            links = [strength[frozenset((x, y))] for x in groups[a] for y in groups[b]]
            if min(links) > best and max(links) >= MIN_R:
                best, pair = min(links), (a, b)
        if pair is None:
            return groups
        a, b = pair
        groups[a] = groups[a] + groups[b]
        del groups[b]


def _candidate(
    scene: Scene, group: list[str], pairs: dict[frozenset[str], tuple[int, float]]
) -> Candidate:
    ordered = [m for m in scene.frame.measures if m in group]
    within = [(pairs[frozenset(p)], p) for p in combinations(ordered, 2)]
    (n, r), _ = min(within, key=lambda item: abs(item[0][1]))
    test = pearson_test(r, n)
    return Candidate(
        kind="multicollinearity",
        columns=tuple(ordered),
        effect_name="least_rank_r",
        effect=abs(r),
        n_rows=n,
        impact=abs(r),
        test="correlation of normal scores, smallest of the group",
        statistic=test.statistic if test else None,
        p_value=test.p_value if test else 1.0,
        evidence_sql=_grid(scene, ordered),
        shape="grid",
        say=_say,
    )


def _grid(scene: Scene, names: list[str]) -> str:
    """Pearson correlation of every pair: label, label_b, value, n_rows."""
    from dsp.engine.duckdb_engine import literal

    parts = []
    for a, b in combinations(names, 2):
        x, y = scene.value_sql(a), scene.value_sql(b)
        parts.append(
            f"select {literal(a)} as label,\n    {literal(b)} as label_b,\n"
            f"    corr({x}, {y}) as value,\n"
            f"    count(*) filter ({x} is not null and {y} is not null) as n_rows\n"
            f"from {scene.source}"
        )
    return "\nunion all\n".join(parts) + "\norder by label, label_b"


def _say(c: Candidate, found: Rows) -> Words:
    listed = [name(x) for x in c.columns[:SHOWN]]
    more = f" and {len(c.columns) - SHOWN} more" if len(c.columns) > SHOWN else ""
    joined = ", ".join(listed) + more
    title = f"{len(c.columns)} measures say nearly the same: {joined}"
    values = [abs(r["value"]) for r in found if r["value"] is not None]
    if not values:
        return Words(title, f"{title}.", "Keep one of them in models.")
    return Words(
        title,
        f"{joined} go together: correlations from {written(min(values))} to "
        f"{written(max(values))} in size, over {rows(int(found[0]['n_rows']))}. Their "
        "single effects cannot be told apart.",
        f"Keep one of them, such as {listed[0]}, or their average, in models and charts.",
        value=max(values),
        baseline=min(values),
    )


plugin = Multicollinearity()
