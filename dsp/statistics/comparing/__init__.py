"""Compares two tables: columns, rows and distributions, by SQL on both."""

from __future__ import annotations

from dsp.statistics.comparing.comparison import Compared, compare_tables
from dsp.statistics.comparing.schema import column_changes

__all__ = ["Compared", "column_changes", "compare_tables"]
