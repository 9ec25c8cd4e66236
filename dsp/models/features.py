"""Chooses the columns a model may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.records import ColumnProfile

MAX_FEATURES = 200
MAX_LEVEL_SHARE = 0.5
"""A text with more different values than this share of its rows names single rows."""

NUMBER, CATEGORY, DATE, TEXT = "number", "category", "date", "text"
MIN_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the data that a model may use, and how."""

    name: str
    kind: str


def choose(
    schema: Any, profiles: Sequence[ColumnProfile], target: str
) -> tuple[list[Feature], dict[str, str]]:
    """Return the usable columns, and the others with the reason they are left out.

    Parameters
    ----------
    schema
        Ibis schema of the table.
    profiles
        Profiles of its columns; without them types alone decide.
    """
    by_name = {profile.column_name: profile for profile in profiles}
    features: list[Feature] = []
    excluded: dict[str, str] = {}
    for name, kind in schema.items():
        if name == target:
            continue
        profile = by_name.get(name)
        reason = _reason(profile) if profile else _reason_of_type(kind)
        if reason is None and len(features) >= MAX_FEATURES:
            reason = f"more than {MAX_FEATURES} columns"
        if reason is not None:
            excluded[name] = reason
        else:
            features.append(Feature(name, _kind(kind, profile)))
    return features, excluded


def shared_entity(
    profiles: Sequence[ColumnProfile], excluded: Sequence[str]
) -> str | None:
    """Return the identifier that several rows share, if there is one.

    Rows of one customer, patient or machine are no independent witnesses: they go into
    one fold together. Of several identifiers the one with the fewest values counts.
    """
    found = [
        profile
        for profile in profiles
        if profile.column_name in excluded
        and profile.role == "identifier"
        and MIN_GROUPS <= profile.n_distinct < 0.9 * (profile.n_rows - profile.n_null)
        and profile.n_null < 0.1 * profile.n_rows
    ]
    best = min(found, key=lambda p: (p.n_distinct, p.position), default=None)
    return best.column_name if best else None


def _reason(profile: ColumnProfile) -> str | None:
    if profile.n_distinct == 0:
        return "no values"
    if profile.role == "constant" or profile.is_constant:
        return "one value only"
    if profile.family in ("date", "timestamp"):
        return None
    if profile.role == "ignored":
        return f"columns of type {profile.data_type} are not used"
    if profile.role == "identifier":
        return "an identifier says nothing about new rows"
    if _is_text(profile):
        return None
    n_known = profile.n_rows - profile.n_null
    if profile.family == "text" and profile.n_distinct > MAX_LEVEL_SHARE * n_known:
        return f"{profile.n_distinct:,} different texts in {n_known:,} rows"
    return None


def _is_text(profile: ColumnProfile) -> bool:
    """Return whether a column holds sentences rather than names."""
    return profile.role == "text" and (profile.length_mean or 0) >= 12


def _reason_of_type(kind: Any) -> str | None:
    usable = kind.is_numeric() or kind.is_boolean() or kind.is_string()
    if usable or kind.is_date() or kind.is_timestamp():
        return None
    return f"columns of type {kind} are not used"


def _kind(kind: Any, profile: ColumnProfile | None) -> str:
    if kind.is_date() or kind.is_timestamp():
        return DATE
    if kind.is_string():
        return TEXT if profile is not None and _is_text(profile) else CATEGORY
    if not kind.is_numeric():
        return CATEGORY
    # A number with few values that names things (a class, a code) is kept as a number:
    # trees split it as well, and the order may matter.
    return NUMBER
