"""The shapes of evidence: which columns the query of each kind of insight gives.

- ``bars``: ``label varchar, value double, n_rows bigint`` in the order to draw (largest
  first, or calendar order); `segment_outlier` adds ``baseline double``, the figure of
  all other rows, the same in every row.
- ``series``: ``ts date, value double, expected double``, one row a bucket, by time.
- ``relation``: ``x double, value double, n_rows bigint``, 20 bins of equal rank range.
- ``share``: ``label varchar, value double (0-1), n_rows bigint``, largest first.
- ``grid``: ``label varchar, label_b varchar, value double, n_rows bigint``.
- ``lines``: ``x double, value double, label varchar, n_rows bigint``: a line a label.
- ``series_by``: ``ts date, value double, label varchar``: a series a label.
- ``histogram``: ``low double, high double, value bigint, n_rows bigint``, by value.
- ``fact``: one row, ``value, n_rows`` (`heavy_tail` adds ``baseline``), drawn as two bars
  where it is a share or a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.charts.fact_bars import sides

if TYPE_CHECKING:
    from dsp.detectors.base import Candidate

COLUMNS: dict[str, tuple[str, ...]] = {
    "bars": ("label", "value", "n_rows"),
    "series": ("ts", "value", "expected"),
    "relation": ("x", "value", "n_rows"),
    "share": ("label", "value", "n_rows"),
    "grid": ("label", "label_b", "value", "n_rows"),
    "lines": ("x", "value", "label", "n_rows"),
    "series_by": ("ts", "value", "label"),
    "histogram": ("low", "high", "value", "n_rows"),
    "fact": ("value", "n_rows"),
}
"""Shape -> columns that are always there."""


def has_chart(c: Candidate) -> bool:
    """Tell whether a chart can be drawn from the evidence of a finding."""
    return c.shape != "fact" or sides(c.kind, c.effect_name) is not None
