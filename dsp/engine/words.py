"""Words that stand for booleans and for missing values."""

from __future__ import annotations

BOOLEANS = (("true", "false"), ("yes", "no"))
"""Pairs in lower case: the word for true, then that for false."""

MISSING = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "\\N")
"""Words for a value that is not there, as they are written."""
