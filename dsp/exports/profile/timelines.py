"""What a time column shows of the rows and the measures, in words."""

from __future__ import annotations

from typing import Any

from dsp.exports.profile.report import ProfileReport
from dsp.numbers import counted, share

STRONG = 0.5
"""Strength of trend or season from which it is worth a word (0-1)."""
MOST = 12
"""Series that are listed."""

Line = tuple[str, str]


def timeline(report: ProfileReport) -> list[Line]:
    """Return the time column with its regularity, then what each series shows.

    Returns
    -------
    list
        Name and words; empty where there is no time column.
    """
    lines = []
    for row in report.table("time_columns"):
        parts = []
        if row.step is not None:
            known = (
                "" if row.regularity is None else f" ({share(row.regularity)} of them)"
            )
            parts.append(f"steps of {row.step}{known}")
        if row.n_missing:
            parts.append(f"{counted(row.n_missing, 'step')} without rows")
        if row.n_backward:
            parts.append(f"{counted(row.n_backward, 'step')} back in time")
        if parts:
            lines.append((row.column_name, ", ".join(parts)))
    for row in report.table("series")[:MOST]:
        words = _series(row)
        if words:
            name = "rows" if row.measure is None else f"{row.aggregate} of {row.measure}"
            lines.append((name, f"by {row.granularity}: {words}"))
    return lines


def _series(row: Any) -> str:
    parts = []
    if row.trend_strength is not None and row.trend_strength >= STRONG:
        parts.append(f"trend {row.trend_strength:.2f}")
    if row.cycle and (row.seasonal_strength or 0.0) >= STRONG:
        parts.append(f"season of a {row.cycle} {row.seasonal_strength:.2f}")
    if row.n_changes:
        parts.append(counted(row.n_changes, "change of level", "changes of level"))
    if row.verdict and row.verdict != "inconclusive":
        parts.append(row.verdict)
    return ", ".join(parts)
