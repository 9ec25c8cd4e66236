"""Checks of the data."""

from __future__ import annotations

from dsp.checks.validator import DataValidator, Validation

__all__ = ["DataValidator", "Validation"]
