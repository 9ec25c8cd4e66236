"""Which finding another one already says: rules between kinds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date

from dsp.detectors.base import Candidate

GROUPS = ("cluster", "multicollinearity")
CLOSE = 30
"""Days up to which two dates may mean one."""
_OF_ROWS = {"trend", "change_point"}
_NAMED = ("leakage", "constant_column", "id_column", "missing_values", "top_share")
_PAIRED = ("driver", "nonlinear_driver", "correlation", "association", "segment_outlier")
_WITHIN = (*_PAIRED, "heteroscedasticity", "interaction", "imbalance_driver", "bimodal")
_OF_UNITS = (
    "heavy_tail",
    "outlier_values",
    "bimodal",
    "segment_outlier",
    "driver",
    "dominance",
    "heteroscedasticity",
)


def faults(a: Candidate, b: Candidate) -> bool:
    """Tell whether fault `a` fakes finding `b`."""
    if a.kind == "leakage":
        leaking = set(a.columns) - {a.target}
        if b.kind == "leakage" or not leaking & set(b.columns):
            return False
        # A sum of others takes only what is said of the target away from them.
        return len(leaking) == 1 or a.target in b.columns
    if a.kind == "unit_mixup":
        return b.kind in _OF_UNITS and set(b.columns) <= set(a.columns)
    return False


def groups(a: Candidate, b: Candidate) -> bool:
    """Tell whether the group of columns `a` makes finding `b` old news."""
    if a.kind == "functional_dependency":
        if b.kind == "association" and set(b.columns) == set(a.columns):
            return True
        # Where each decides the other, the second column is the first by another name.
        is_name = bool(a.facts.get("both")) and a.columns[1] in b.columns
        return is_name and b.kind not in ("functional_dependency", *_NAMED)
    if a.kind not in GROUPS or (a.columns == b.columns and a.kind == b.kind):
        return False
    names = set(a.columns)
    if b.kind in GROUPS:
        return len(names & set(b.columns)) >= 2
    return b.kind in _WITHIN and set(b.columns) <= names


def reversal(a: Candidate, b: Candidate) -> bool:
    """Tell whether Simpson's paradox `a` says what `b` says."""
    if a.kind != "simpsons_paradox" or b is a:
        return False
    if b.kind == "simpsons_paradox":
        return len(set(a.columns) & set(b.columns)) >= 2
    return b.kind in _WITHIN and set(b.columns) <= set(a.columns)


def together(a: Candidate, b: Candidate) -> bool:
    """Tell whether interaction `a` is the greater part of what `b` says."""
    if a.kind != "interaction" or not set(b.columns) < set(a.columns):
        return False
    if b.kind == "heteroscedasticity":
        return True
    effect = b.impact if b.effect_name == "slope" else b.effect
    return b.kind in _WITHIN and (effect or 0.0) ** 2 <= (a.effect or 0.0)


def doubled(a: Candidate, b: Candidate) -> bool:
    """Tell whether both say one fact about one time series, pair or mix."""
    if a.columns == b.columns and a.target is None and {a.kind, b.kind} == _OF_ROWS:
        # The number of rows has no scores to compete by.
        return (a.p_value or 0.0) < (b.p_value or 0.0)
    if a.kind != b.kind or a is b:
        return False
    if a.kind == "seasonality":
        return a.target == b.target and a.period == b.period
    if a.kind == "drift" and a.aspect == b.aspect == "share":
        return a.columns == b.columns
    if a.kind in ("lagged", "correlation", "functional_dependency", "simpsons_paradox"):
        return set(a.columns) == set(b.columns)
    return False


def within(a: Candidate, b: Candidate) -> bool:
    """Tell whether `a` names a wider part of the rows or days that `b` is about."""
    if a.kind == b.kind == "point_anomaly" and a.time_end != a.time_start:
        days = str(a.time_start), str(a.time_end)
        return a is not b and days[0] <= str(b.time_start) <= str(b.time_end) <= days[1]
    if b.facts.get("goes_with_level"):
        return a.kind in _PAIRED and a.columns == b.columns
    if a is b or a.kind != "dominance" or a.segment_value != b.segment_value:
        return False
    if b.kind == "dominance":
        # Who carries one total carries others that go with it.
        return a.segment_column == b.segment_column
    # Both say how much more a row of the value brings.
    return b.kind == "segment_outlier" and a.columns == b.columns


def cell_of(a: Candidate, b: Candidate) -> bool:
    """Tell whether the rows of two values together make what `b` says of their mix."""
    if a.kind != "change_point" or "values" not in a.facts or a is b:
        return False
    cell = dict(zip(a.columns, a.facts["values"], strict=False))
    if b.kind == "drift" and b.aspect == "share":
        is_part = cell.get(str(b.segment_column)) == b.segment_value
        moved = abs(a.effect or 0.0) * (a.impact or 0.0)
        return is_part and a.direction == b.direction and moved >= abs(b.effect or 0) / 2
    if b.kind != "change_point":
        return False
    if b.target is None and b.columns == a.columns[-1:]:
        # The rows of all values together change because these do.
        share = float(a.facts["rows_a_period"]) / (b.effect or math.inf)
        return _days_apart(a, b) <= CLOSE and share >= 0.5
    if "values" in b.facts:
        other = dict(zip(b.columns, b.facts["values"], strict=False))
        return bool(cell.items() & other.items())
    return False


def _days_apart(a: Candidate, b: Candidate) -> int:
    dates = [date.fromisoformat(str(c.time_start)) for c in (a, b)]
    return abs((dates[0] - dates[1]).days)


RULES: tuple[Callable[[Candidate, Candidate], bool], ...] = (
    faults,
    groups,
    reversal,
    together,
    doubled,
    within,
    cell_of,
)
"""In the order in which they are applied."""


def explain(candidates: Sequence[Candidate], points: Sequence[float]) -> dict[int, int]:
    """Return, for findings that another says already, the place of the other.

    Parameters
    ----------
    candidates
        Findings that hold.
    points
        How strong each is; of two that say each other's fact the stronger stays.
    """
    explained: dict[int, int] = {}
    order = sorted(range(len(candidates)), key=lambda i: (-points[i], i))
    for rule in RULES:
        for i in order:
            if i in explained:
                continue
            for j in order:
                if j in explained or i == j:
                    continue
                if rule(candidates[i], candidates[j]):
                    explained[j] = i
    return {j: root(explained, i) for j, i in explained.items()}


def root(explained: dict[int, int], place: int) -> int:
    """Return the finding at the end of a chain of explanations."""
    seen = set()
    while place in explained and place not in seen:
        seen.add(place)
        place = explained[place]
    return place
