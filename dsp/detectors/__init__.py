"""Detectors of candidate findings."""

from __future__ import annotations
