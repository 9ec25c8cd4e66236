"""Cleaning transforms that record their SQL."""

from __future__ import annotations

from dsp.transforms.transformer import DataTransformer, Proposed, Transformed

__all__ = ["DataTransformer", "Proposed", "Transformed"]
