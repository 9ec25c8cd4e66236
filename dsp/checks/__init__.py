"""Checks of the data: those that dsp finds by itself, and rules that are asked for."""

from __future__ import annotations

from dsp.checks.rule import Rule, Tolerance, check, rule
from dsp.checks.rule_set import Rules
from dsp.checks.validation import Validation
from dsp.checks.validator import DataValidator

__all__ = ["DataValidator", "Rule", "Rules", "Tolerance", "Validation", "check", "rule"]
