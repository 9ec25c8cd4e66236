"""Words that stand for booleans and for missing values."""

from __future__ import annotations

BOOLEANS = (
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("ja", "nein"),
    ("ja", "nee"),
    ("oui", "non"),
    ("sí", "no"),
    ("si", "no"),
    ("sì", "no"),
    ("sim", "não"),
)
"""Pairs in lower case: the word for true, then that for false."""

MISSING = (
    *("NA", "N/A", "n/a", "#N/A", "N.A.", "n.a.", "<NA>", "NULL", "null", "Null"),
    *("(null)", "<null>", "\\N", "None", "#NULL!"),
)
"""Words for a value that is not there, whatever stands around them."""

PLACEHOLDERS = (
    *("-", "--", "---", "–", "—", ".", "..", "...", "?", "??", "*", "na", "nil"),
    *("none", "NONE", "missing", "Missing", "MISSING", "unknown", "Unknown", "UNKNOWN"),
    *("not available", "Not available", "Not Available", "N/D", "n/d", "ND", "k.A."),
    *("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "tbd", "TBD", "undefined"),
    *("0000-00-00", "0000-00-00 00:00:00"),
)
"""Words for a value that is not there where all others are numbers or dates."""

NUMBERS = ("-1", "-9", "-99", "-999", "-9999", "-99999", "99", "999", "9999", "99999")
"""Numbers that often stand for a value that is not there: proposed, never applied."""
