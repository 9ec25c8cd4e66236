"""Hides the values of columns that may tell who somebody is."""

from __future__ import annotations

from dataclasses import replace

from dsp.exports.profile.report import ProfileReport
from dsp.semantic.personal import PERSONAL, is_personal
from dsp.semantic.redaction import redacted


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
    facts = {**report.facts, "redacted": sorted(hidden)}
    return replace(report, records=redacted(report.records, hidden), facts=facts)
