"""Detectors of candidate findings."""

from __future__ import annotations

from dsp.detectors.base import Candidate, Detected, Detector, Found
from dsp.detectors.detector import PatternDetector

__all__ = ["Candidate", "Detected", "Detector", "Found", "PatternDetector"]
