"""Rows that form separate groups in several measures together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Found, Rows, Words
from dsp.detectors.bimodal import deepest_valley
from dsp.detectors.words import name, rows
from dsp.inference.clusters import Clusters, find_clusters
from dsp.inference.tails import chi_square_tail
from dsp.numbers import amount, counted

if TYPE_CHECKING:
    from dsp.detectors.frame import Frame
    from dsp.detectors.scene import Scene

RELATED = 1e-8
"""p value from which two measures depend on each other in some way."""
CELLS = 5
MAX_ROWS = 3_000
MOST_ROWS = 60_000
MAX_COLUMNS = 8
CLEARLY = 0.98
"""Variance within groups, over that of the reference, from which they are none."""
VALLEY = 0.08
"""Depth of the valley between two groups that are apart."""
SMALLEST = 0.05


class Cluster:
    """Rows form separate groups."""

    name = "cluster"

    def detect(self, scene: Scene) -> Found:
        """Look for groups in sets of measures that depend on each other."""
        frame = scene.frame
        names = [
            m.name
            for m in frame.measures.values()
            if m.event is None and m.name != scene.target
        ]
        pairs = list(combinations(names, 2))
        linked = [pair for pair in pairs if _depend(frame, *pair)]
        listed = []
        n_tests = len(pairs)
        for group in _joined(names, linked):
            if 2 <= len(group) <= MAX_COLUMNS:
                n_tests += 1
                listed += _groups(scene, group)
        return Found(candidates=tuple(listed), n_tests=n_tests)


def _depend(frame: Frame, a: str, b: str) -> bool:
    """Tell whether two measures depend on each other, in whatever way (chi-square)."""
    import numpy as np

    one, two = frame.measures[a], frame.measures[b]
    use = one.has & two.has
    n = int(use.sum())
    if n < 20 * CELLS * CELLS:
        return False
    cell = one.bins[use] * CELLS // 10 * CELLS + two.bins[use] * CELLS // 10
    counts = np.bincount(cell, minlength=CELLS * CELLS).reshape(CELLS, CELLS)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    some = expected > 0
    statistic = float(((counts - expected)[some] ** 2 / expected[some]).sum())
    return chi_square_tail(statistic, (CELLS - 1) ** 2) < RELATED


def _joined(names: list[str], linked: list[tuple[str, str]]) -> list[list[str]]:
    """Return the sets of measures that links join."""
    home = {member: member for member in names}

    def root(member: str) -> str:
        while home[member] != member:
            member = home[member]
        return member

    for a, b in linked:
        home[root(b)] = root(a)
    sets: dict[str, list[str]] = {}
    for member in names:
        sets.setdefault(root(member), []).append(member)
    return list(sets.values())


def _groups(scene: Scene, group: list[str]) -> list[Candidate]:
    import numpy as np

    frame = scene.frame
    use = np.logical_and.reduce([frame.measures[name].has for name in group])
    draw = np.random.default_rng(11)
    places = np.flatnonzero(use)
    if len(places) > MOST_ROWS:
        places = np.sort(draw.choice(places, MOST_ROWS, replace=False))
    x = [frame.measures[name].x[places] for name in group]
    z = np.column_stack([_untied(values, draw) for values in x])
    part = draw.permutation(len(z))[:MAX_ROWS]
    found = find_clusters(z[part])
    if found is None or found.ratio > CLEARLY:
        return []
    nearest = ((z[:, None, :] - found.centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    sizes = np.bincount(nearest, minlength=found.k) / len(z)
    p = _apart(z, found, nearest)
    if p is None or float(sizes.min()) < SMALLEST:
        return []
    bounds = _bounds(np.column_stack(x), nearest, found.k)
    return [_candidate(scene, group, found, p=p, n=int(use.sum()), bounds=bounds)]


def _untied(x: Any, draw: Any) -> Any:
    """Return normal scores, ties broken by chance: a grid of values has no valleys."""
    import numpy as np
    from scipy.special import ndtri

    rank = np.empty(len(x))
    rank[np.lexsort((draw.random(len(x)), x))] = np.arange(len(x))
    return ndtri((rank + 0.5) / len(x))


def _apart(z: Any, found: Clusters, nearest: Any) -> float | None:
    """Return the p value of the deepest valley between two neighbouring groups.

    A bent cloud has no valley where it is cut. Groups are neighbours when the middle
    between their centres is not the place of a third one.
    """
    import numpy as np

    away = z - found.centres[nearest]
    within = away.T @ away / len(z) + 1e-9 * np.eye(z.shape[1])
    best = None
    for a, b in combinations(range(found.k), 2):
        middle = (found.centres[a] + found.centres[b]) / 2
        owner = int(((found.centres - middle) ** 2).sum(axis=1).argmin())
        if owner not in (a, b):
            continue
        both = z[(nearest == a) | (nearest == b)]
        axis = np.linalg.solve(within, found.centres[b] - found.centres[a])
        valley = deepest_valley(both @ axis, least=VALLEY)
        if valley is not None and (best is None or valley.p_value < best):
            best = valley.p_value
    return best


def _candidate(
    scene: Scene, group: list[str], found: Clusters, *, p: float, n: int, bounds: Any
) -> Candidate:
    return Candidate(
        kind="cluster",
        columns=tuple(group),
        effect_name="r_squared",
        effect=1 - found.ratio,
        n_rows=n,
        impact=1.0,
        test="rows in the valley between groups against those at the lower peak",
        statistic=found.ratio,
        p_value=p,
        evidence_sql=_means(scene, group, bounds),
        shape="bars",
        say=_say,
        facts={"k": found.k},
    )


def _bounds(x: Any, nearest: Any, k: int) -> Any:
    """Return the centre of every group and the spread of columns, in real units."""
    import numpy as np

    centres = np.array([np.median(x[nearest == g], axis=0) for g in range(k)])
    low, high = np.percentile(x, [10, 90], axis=0)
    return centres, np.maximum(high - low, 1e-12)


def _means(scene: Scene, group: list[str], bounds: Any) -> str:
    """Rows nearest to each centre, and the means of all columns there.

    label, value (mean of the first column), n_rows, then the mean of each column.
    """
    centres, spread = bounds
    values = [scene.value_sql(name) for name in group]
    known = " and ".join(f"{value} is not null" for value in values)
    distances = []
    for centre in centres:
        parts = [
            f"pow((x{i} - {float(c)!r}) / {float(s)!r}, 2)"
            for i, (c, s) in enumerate(zip(centre, spread, strict=True))
        ]
        distances.append(" + ".join(parts))
    listed = ",\n        ".join(distances)
    columns = ",\n    ".join(f"avg(x{i}) as mean_{i + 1}" for i in range(len(group)))
    picked = ",\n        ".join(f"{value} as x{i}" for i, value in enumerate(values))
    return (
        f"with known as (\n    select {picked}\n    from {scene.source}\n"
        f"    where {known}\n),\n"
        f"nearest as (\n    select *,\n        [{listed}] as distances\n"
        "    from known\n)\n"
        "select 'group ' || list_position(distances, list_min(distances)) as label,\n"
        "    avg(x0) as value,\n    count(*) as n_rows,\n"
        f"    {columns}\nfrom nearest\ngroup by 1\norder by 1"
    )


def _say(c: Candidate, found: Rows) -> Words:
    listed = ", ".join(name(x) for x in c.columns[:4])
    title = f"Rows form {counted(len(found), 'group')} in {listed}"
    parts = []
    for row in found:
        means = ", ".join(
            f"{name(x)} {amount(row[f'mean_{i + 1}'])}"
            for i, x in enumerate(c.columns[:3])
        )
        parts.append(f"{row['label']} ({rows(int(row['n_rows']))}): {means}")
    return Words(
        title,
        f"{title}, with means {'; '.join(parts)}. One average over all of them describes "
        "none. Where the groups come from the data do not say.",
        "Describe each group on its own, and ask what makes them.",
    )


plugin = Cluster()
