"""Checks of the data: those that dsp finds by itself, and rules that are asked for."""

from __future__ import annotations

from dsp.checks.asked import reference_name
from dsp.checks.rule import Rule, Tolerance, check, references_of, rule
from dsp.checks.rule_set import Rules
from dsp.checks.validation import Validation
from dsp.checks.validator import DataValidator

__all__ = [
    "DataValidator",
    "Rule",
    "Rules",
    "Tolerance",
    "Validation",
    "check",
    "reference_name",
    "references_of",
    "rule",
]
