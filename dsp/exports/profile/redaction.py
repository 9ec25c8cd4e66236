"""Hides the values of columns that may tell who somebody is."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from dsp.exports.profile.report import ProfileReport
from dsp.records import ColumnProfile, HistogramBin
from dsp.semantic.personal import PERSONAL, is_personal, redacted

VALUES = (
    *("value", "min_value", "max_value", "example", "first_value", "last_value"),
    *("gap_start", "gap_end", "group_value", "mode_value"),
)
"""Fields of records that hold a value of the column that `OWNERS` names."""
OWNERS = ("column_name", "by_column")
NUMBERS = ("min_number", "max_number", "q01", "q05", "q25", "q50", "q75", "q95", "q99")
"""Figures that are the number of one person, where numbers are personal."""
HINTS = ("fix_hint",)
"""Sentences of records on several columns that may quote a value."""


def personal_columns(report: ProfileReport) -> frozenset[str]:
    """Return the columns that may tell who somebody is.

    By their semantic type, by their name, or by what was found inside their values.
    """
    found = {row.column_name for row in report.table("personal_data")}
    found |= {
        c.column_name
        for c in report.columns
        if c.semantic_type in PERSONAL or is_personal(c.column_name)
    }
    return frozenset(found)


def redacted_report(report: ProfileReport) -> ProfileReport:
    """Return a profile in which no value of a personal column can be read.

    Counts, lengths, means and relations stay; extremes, quantiles and histograms of
    personal numbers go, since each may be the number of one person.
    """
    hidden = personal_columns(report)
    kept = []
    for record in report.records:
        own = [getattr(record, name, None) for name in OWNERS]
        if isinstance(record, HistogramBin) and record.column_name in hidden:
            continue
        if hidden.intersection(name for name in own if name is not None):
            kept.append(_without_values(record))
        elif hidden.intersection(_named(record)):
            kept.append(_without(record, HINTS))
        else:
            kept.append(record)
    facts = {**report.facts, "redacted": sorted(hidden)}
    return replace(report, records=tuple(kept), facts=facts)


def _without_values(record: Any) -> Any:
    known = {part.name for part in fields(record)}
    changes: dict[str, Any] = {
        name: redacted(str(getattr(record, name)))
        for name in VALUES
        if name in known and getattr(record, name) is not None
    }
    if isinstance(record, ColumnProfile):
        changes |= dict.fromkeys(NUMBERS)
        why = "values hidden"
        changes["reason"] = f"{record.reason}; {why}" if record.reason else why
    if "sentinels" in known:
        changes["sentinels"] = ()
    return replace(record, **changes)


def _without(record: Any, names: tuple[str, ...]) -> Any:
    known = {part.name for part in fields(record)}
    gone = [name for name in names if name in known]
    return replace(record, **dict.fromkeys(gone)) if gone else record


def _named(record: object) -> set[str]:
    """Return the columns that a record on several columns names."""
    names: set[str] = set()
    for field in ("determinant", "columns"):
        names |= set(getattr(record, field, ()) or ())
    return names | {str(getattr(record, "dependent", ""))}
