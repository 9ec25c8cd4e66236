"""Scores claims against planted truth: what was found, and what was made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SAME = {
    "linear_driver": ("driver", "nonlinear_driver"),
    "nonlinear_driver": ("nonlinear_driver", "driver"),
    "segment_outlier": ("segment_outlier", "driver", "dominance"),
    "segment_change_point": ("change_point",),
    "quality_break": ("quality_break", "missing_dependent"),
    "near_fd": ("functional_dependency",),
    "clusters": ("cluster",),
    "dominance": ("dominance", "segment_outlier"),
    "imbalance_driver": ("imbalance_driver", "driver", "segment_outlier"),
    "drift": ("drift", "change_point"),
    "unit_mixup": ("unit_mixup",),
}
"""Kinds of claims that say a planted effect; by default the kind of the same name."""
_NEUTRAL = (
    "constant_column id_column missing_values heavy_tail outlier_values top_share "
    "high_cardinality zero_inflated sentinel benford distribution"
)
NEUTRAL = frozenset(_NEUTRAL.split())
"""Facts about one column, which are true of planted columns too."""


def columns_of(claim: Mapping[str, Any]) -> set[str]:
    """Return the columns that a claim is about."""
    return set(claim["columns"])


def finds(claim: Mapping[str, Any], effect: Mapping[str, Any]) -> bool:
    """Tell whether a claim says a planted effect, with its segment, period and lag."""
    if claim["kind"] not in SAME.get(effect["kind"], (effect["kind"],)):
        return False
    wanted, known = set(effect["columns"]), columns_of(claim)
    if effect["group"]:
        return len(wanted & known) >= 0.6 * len(wanted | known)
    optional = set(effect["optional_columns"])
    if effect["kind"] == "duplicate_rows":
        return known <= optional
    if not wanted <= known or known - wanted - optional:
        return False
    segment, said = effect["segment"], claim["segment"]
    if segment and said and said["value"] != segment["value"]:
        return False
    if effect["period"] and claim["period"] != effect["period"]:
        return False
    return not effect["lag"] or abs((claim["lag"] or 0) - effect["lag"]) <= 1


def is_false(claim: Mapping[str, Any], truth: Mapping[str, Any]) -> bool:
    """Tell whether a claim joins columns that nothing joins."""
    if claim["kind"] in NEUTRAL or any(finds(claim, e) for e in truth["effects"]):
        return False
    known = columns_of(claim)
    if claim["kind"] == "dominance" and claim["p_value"] is None:
        return False
    groups = [set(group) for group in truth["components"]]
    trap = truth["trap"] or {}
    if trap.get("kind") == "ar" and claim["kind"] in ("point_anomaly", "drift"):
        return not known - {truth["time_column"]} <= set(trap["columns"])
    return not any(known <= group for group in groups)


def missed(
    claims: Sequence[Mapping[str, Any]], truth: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the planted effects that no claim says."""
    return [e for e in truth["effects"] if not any(finds(c, e) for c in claims)]
