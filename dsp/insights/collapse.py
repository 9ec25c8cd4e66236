"""One fact, one insight: which findings are explained by a stronger one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsp.detectors import Candidate

CLOSE = 0.6
LITTLE = 0.1
SAME = 0.9
BUNDLE = 0.8
_TIME_KINDS = ("trend", "change_point", "seasonality", "point_anomaly")


def explain(candidates: Sequence[Candidate], scores: Sequence[float]) -> dict[int, int]:
    """Return, for findings that another explains, the place of the other.

    Parameters
    ----------
    candidates
        Findings that are asserted.
    scores
        Their scores; an explanation always has the higher one, or is of a kind that
        says more.
    """
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
    links = _Links(candidates)
    explained: dict[int, int] = {}
    for place, i in enumerate(order):
        for j in order[:place]:
            if j not in explained and links.covers(candidates[j], candidates[i]):
                explained[i] = j
                break
        else:
            for j in order[place + 1 :]:
                if _says_more(candidates[j], candidates[i]):
                    explained[i] = j
                    break
    _bundle(candidates, order, explained)
    return {i: _root(explained, j) for i, j in explained.items()}


def _bundle(
    candidates: Sequence[Candidate], order: Sequence[int], explained: dict[int, int]
) -> None:
    """Let one strong correlation stand for a whole bundle of measures."""
    first: dict[str, int] = {}
    for i in order:
        c = candidates[i]
        if c.kind != "correlation" or abs(c.effect or 0.0) < BUNDLE:
            continue
        known = [first[name] for name in c.columns if name in first]
        if known and i not in explained:
            explained[i] = known[0]
        for name in c.columns:
            first.setdefault(name, known[0] if known else i)


class _Links:
    """What is known of relations between columns."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.r: dict[frozenset[str], float] = {}
        self.decides: set[frozenset[str]] = set()
        self.strong: dict[frozenset[str], float] = {}
        for c in candidates:
            pair = frozenset(c.columns)
            if c.effect_name == "pearson_r" and len(pair) == 2:
                self.r[pair] = c.effect or 0.0
            if c.facts.get("form") == "decides":
                self.decides.add(pair)
            if c.kind == "association":
                self.strong[pair] = c.effect or 0.0

    def covers(self, a: Candidate, b: Candidate) -> bool:
        """Tell whether finding `a` makes finding `b` old news."""
        if _says_more(a, b):
            return True
        if {a.facts.get("form"), b.facts.get("form")} == {"relation"}:
            return self._partial(a, b)
        if a.kind in _TIME_KINDS and a.kind == b.kind:
            same_time = a.period == b.period and a.time_start == b.time_start
            return (
                (a.kind not in ("point_anomaly", "change_point") or same_time)
                and a.period == b.period
                and a.direction == b.direction
                and self._close(a.target, b.target)
            )
        alike = a.kind == b.kind or {a.kind, b.kind} == {"driver", "segment_outlier"}
        return alike and a.shape == b.shape == "bars" and self._same_bars(a, b)

    def _partial(self, a: Candidate, b: Candidate) -> bool:
        """Tell, for relations that share a column, whether a leaves little of b."""
        shared = set(a.columns) & set(b.columns)
        if len(shared) != 1:
            return False
        (x,) = set(a.columns) - shared
        (y,) = set(b.columns) - shared
        xy = self.r.get(frozenset((x, y)))
        if xy is None:
            return False
        if abs(xy) >= SAME:
            return True
        ra, rb = a.effect or 0.0, b.effect or 0.0
        low = (1 - ra * ra) * (1 - xy * xy)
        return low <= 1e-9 or abs(rb - ra * xy) / math.sqrt(low) < LITTLE

    def _close(self, a: str | None, b: str | None) -> bool:
        if a is None or b is None:
            return False
        return a == b or abs(self.r.get(frozenset((a, b)), 0.0)) >= CLOSE

    def _same_bars(self, a: Candidate, b: Candidate) -> bool:
        """Tell whether both compare the same over columns that are tied."""
        only_a, only_b = set(a.columns) - set(b.columns), set(b.columns) - set(a.columns)
        if not only_a and not only_b:
            return a.segment_value != b.segment_value or a.columns != b.columns
        if len(only_a) != 1 or len(only_b) != 1:
            return False
        pair = frozenset((*only_a, *only_b))
        if pair in self.decides or self.strong.get(pair, 0.0) >= 0.8:
            return True
        close = abs(self.r.get(pair, 0.0)) >= CLOSE
        return close and a.kind == "segment_outlier" and a.direction == b.direction


def _says_more(a: Candidate, b: Candidate) -> bool:
    """Tell whether `a` is the same fact as `b`, in the better words."""
    if a.kind == "change_point" and b.kind == "trend":
        return a.target == b.target and a.direction == b.direction
    if a.kind == "leakage" and b.kind in ("driver", "association", "segment_outlier"):
        return bool(set(b.columns) & (set(a.columns) - {a.target}))
    if a.kind == "functional_dependency" and b.kind == "association":
        return set(a.columns) == set(b.columns)
    if a.kind == "segment_outlier":
        same = set(a.columns) == set(b.columns)
        return same and b.kind in ("driver", "dominance")
    return False


def _root(explained: dict[int, int], at: int) -> int:
    seen = set()
    while at in explained and at not in seen:
        seen.add(at)
        at = explained[at]
    return at
