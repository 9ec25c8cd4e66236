"""The shapes of evidence: which columns the query of each kind of insight gives.

- ``bars``: ``label varchar, value double, n_rows bigint`` in the order to draw (largest
  first, or calendar order); `segment_outlier` adds ``baseline double``, the figure of
  all other rows, the same in every row.
- ``series``: ``ts date, value double, expected double``, one row a bucket, by time.
- ``relation``: ``x double, value double, n_rows bigint``, 20 bins of equal rank range.
- ``share``: ``label varchar, value double (0-1), n_rows bigint``, largest first.
- ``fact``: one row, ``value, n_rows`` (`heavy_tail` adds ``baseline``); no chart.
"""

from __future__ import annotations

EVIDENCE: dict[str, tuple[str, ...]] = {
    "driver": ("relation", "bars"),
    "correlation": ("relation",),
    "association": ("bars",),
    "segment_outlier": ("bars",),
    "missing_dependent": ("bars",),
    "seasonality": ("bars",),
    "trend": ("series",),
    "change_point": ("series",),
    "point_anomaly": ("series",),
    "dominance": ("share",),
    "leakage": ("fact", "bars"),
    "functional_dependency": ("fact",),
    "missing_values": ("fact",),
    "constant_column": ("fact",),
    "id_column": ("fact",),
    "heavy_tail": ("fact",),
    "outlier_values": ("fact",),
    "duplicate_rows": ("fact",),
}
"""Kind of insight -> shapes its `evidence_sql` may give."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "bars": ("label", "value", "n_rows"),
    "series": ("ts", "value", "expected"),
    "relation": ("x", "value", "n_rows"),
    "share": ("label", "value", "n_rows"),
    "fact": ("value", "n_rows"),
}
"""Shape -> columns that are always there."""


def has_chart(shape: str) -> bool:
    """Tell whether a chart can be drawn from a shape."""
    return shape != "fact"
