"""Relations of two measures that turn round within the values of a dimension."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.evidence_sql import shown, text
from dsp.detectors.gram import grouped
from dsp.detectors.relations import NEAR
from dsp.detectors.words import LIMIT, name, rows
from dsp.engine.duckdb_engine import quote
from dsp.inference.clustered import score_test
from dsp.inference.correlation import pearson_test
from dsp.numbers import correlation as written

if TYPE_CHECKING:
    from dsp.detectors.frame import Frame
    from dsp.detectors.scene import Scene

MIN_R = 0.03
MIN_SIDE = 0.7
"""Share of the rows whose own value must turn the relation round."""
MIN_ROWS = 20


class SimpsonsParadox:
    """A relation turns round inside groups."""

    name = "simpsons_paradox"

    def detect(self, scene: Scene) -> Found:
        """Compare every correlation with that within the values of each dimension."""
        frame = scene.frame
        listed: list[Candidate] = []
        n_tests = 0
        for a, b in combinations(frame.measures, 2):
            n, r = scene.gram.correlation(a, b)
            for dimension in frame.dimensions:
                if dimension in (a, b):
                    continue
                n_tests += 1
                rough = _within(scene, dimension, (a, b), n * r)
                if not _turns(r, rough):
                    continue
                x, y = (b, a) if a == scene.target else (a, b)
                listed += _candidates(scene, dimension, x, y)
        return found([c for c in listed if (c.p_value or 0.0) < NEAR], n_tests)


def _turns(whole: float, within: float) -> bool:
    return whole * within < 0 and min(abs(whole), abs(within)) >= MIN_R


def _within(scene: Scene, dimension: str, pair: tuple[str, str], product: float) -> float:
    """Return the pooled correlation within values, from the sum of products of all rows.

    Missing values count as means; what passes is worked out again on complete rows.
    """
    import numpy as np

    left, right = (scene.gram.groups(dimension, name) for name in pair)
    rows_of = np.maximum(np.maximum(left.n, right.n), 1)
    cross = product - float((left.n * left.mean * right.n * right.mean / rows_of).sum())
    own = [float(((g.n - 1).clip(0) * g.var).sum()) for g in (left, right)]
    return cross / math.sqrt(own[0] * own[1]) if min(own) > 0 else 0.0


class _Sides(NamedTuple):
    """The relation of all rows, that within values, and how many rows turn."""

    n: int
    whole: float
    within: float
    p_value: float
    turned: float


def _candidates(scene: Scene, dimension: str, x: str, y: str) -> list[Candidate]:
    sides = _sides(scene.frame, dimension, x, y)
    if not _turns(sides.whole, sides.within) or sides.turned < MIN_SIDE:
        return []
    overall, inside = ("down", "up") if sides.within > 0 else ("up", "down")
    return [
        Candidate(
            kind="simpsons_paradox",
            columns=(x, y, dimension),
            target=y,
            direction=f"{overall}_overall_{inside}_within",
            effect_name="rank_r",
            effect=sides.within,
            n_rows=sides.n,
            impact=sides.turned,
            test="correlation of normal scores, overall and within",
            statistic=sides.whole,
            p_value=sides.p_value,
            evidence_sql=_lines(scene, dimension, x, y),
            shape="lines",
            say=_say,
            facts={"event": scene.numbers[y].event},
        )
    ]


def _sides(frame: Frame, dimension: str, x: str, y: str) -> _Sides:
    import numpy as np

    group, one, two = frame.dimensions[dimension], frame.measures[x], frame.measures[y]
    use = one.has & two.has & (group.code >= 0)
    code, k = group.code[use], len(group.labels)
    a, b = one.z[use] - one.z[use].mean(), two.z[use] - two.z[use].mean()
    n = len(code)
    whole = float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))
    has = np.ones(n, dtype=bool)
    a_in = a - grouped(code, k, a, has).mean[code]
    b_in = b - grouped(code, k, b, has).mean[code]
    power, spread = float(a_in @ a_in), float(b_in @ b_in)
    if power <= 0 or spread <= 0:
        return _Sides(n, whole, 0.0, 1.0, 0.0)
    slope = float(a_in @ b_in) / power
    within = slope * math.sqrt(power / spread)
    clusters = {name: codes[use] for name, codes in frame.clusters.items()}
    test = score_test(slope * a_in, b_in, 1, clusters)
    overall = pearson_test(whole, n)
    p = max(overall.p_value if overall else 1.0, test.p_value if test else 1.0)
    return _Sides(n, whole, within, p, _turned(code, k, a_in, b_in, slope))


def _turned(code: Any, k: int, a: Any, b: Any, slope: float) -> float:
    """Return the share of rows in values whose own slope has the pooled sign."""
    import numpy as np

    n = np.bincount(code, minlength=k)
    cross = np.bincount(code, weights=a * b, minlength=k)
    big = n >= MIN_ROWS
    return float(n[big & (cross * slope > 0)].sum()) / max(float(n[big].sum()), 1.0)


def _lines(scene: Scene, dimension: str, x: str, y: str) -> str:
    """Mean of y by third of x, for all rows and each value, with r in its rows."""
    value, other = shown(scene, y), scene.value_sql(x)
    return (
        f"with rows_known as (\n    select {other} as x,\n        {value} as y,\n"
        f"        {text(dimension)} as label\n    from {scene.source}\n"
        f"    where {other} is not null and {value} is not null "
        f"and {quote(dimension)} is not null\n),\n"
        "both_ways as (\n    select x, y, label from rows_known\n    union all\n"
        "    select x, y, null as label from rows_known\n),\n"
        "ranked as (\n    select x,\n        y,\n        label,\n"
        "        rank() over (partition by label order by x) as rank_x,\n"
        "        rank() over (partition by label order by y) as rank_y,\n"
        "        least(floor(3 * percent_rank() over (partition by label order by x)), 2)"
        " as bin\n    from both_ways\n),\n"
        "related as (\n    select label, corr(rank_x, rank_y) as r\n    from ranked\n"
        "    group by label\n)\n"
        "select avg(x) as x,\n    avg(y) as value,\n"
        "    coalesce(ranked.label, '(all rows)') as label,\n    count(*) as n_rows,\n"
        "    any_value(r) as r\nfrom ranked\n"
        "join related on ranked.label is not distinct from related.label\n"
        "group by ranked.label, bin\norder by ranked.label nulls first, bin"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    x, y, dimension = c.columns
    title = f"{name(y)} and {name(x)}: the relation turns round within {name(dimension)}"
    whole = [r for r in found_rows if r["label"] == "(all rows)"]
    inside: dict[str, float] = {
        r["label"]: r["r"]
        for r in found_rows
        if r["label"] != "(all rows)" and r["r"] is not None
    }
    if not whole or whole[0]["r"] is None or not inside:
        return Words(title, f"{title}. {LIMIT}", f"Compare within {name(dimension)}.")
    r = whole[0]["r"]
    turned = [value for value in inside.values() if value * r < 0]
    over = "falls" if r < 0 else "rises"
    under = "rises" if r < 0 else "falls"
    ordered = sorted(turned) or [0.0]
    return Words(
        title,
        f"Over all rows {name(y)} {over} with {name(x)} (rank correlation {written(r)}), "
        f"but within {len(turned)} of {len(inside)} values of {name(dimension)} it "
        f"{under} ({written(ordered[0])} to {written(ordered[-1])}), over "
        f"{rows(sum(int(row['n_rows']) for row in whole))}. The overall relation comes "
        f"from the mix of {name(dimension)}. {LIMIT}",
        f"Compare {name(y)} along {name(x)} within each {name(dimension)} only.",
        value=ordered[-1],
        baseline=r,
    )


plugin = SimpsonsParadox()
