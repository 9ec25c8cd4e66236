"""Findings as a JSON list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dsp.engine.store import plain
from dsp.records import Insight

_PLACES = ("time_start", "time_end", "segment_column", "segment_value")


def document(insights: Iterable[Insight]) -> list[dict[str, Any]]:
    """Return findings as the list that ``dsp insights --json`` writes, best first.

    Every entry has the columns of the result table ``insights``, except that time and
    segment are one key each: ``time`` is an ISO date, or a list of two for a range;
    ``segment`` is ``{"column": …, "value": …}``. What is undefined is null. Keys are
    added, never renamed or removed.
    """
    return [_entry(insight) for insight in insights]


def _entry(insight: Insight) -> dict[str, Any]:
    flat = plain(insight)
    start, end = insight.time_start, insight.time_end
    segment = None
    if insight.segment_column is not None:
        segment = {"column": insight.segment_column, "value": insight.segment_value}
    entry: dict[str, Any] = {}
    for name, value in flat.items():
        if name == "segment_column":
            entry["segment"] = segment
        elif name == "time_start":
            entry["time"] = start if end in (None, start) else [start, end]
        elif name not in _PLACES:
            entry[name] = value
    return entry
