"""Renderings of findings: terminal aside, one file here is one format."""

from __future__ import annotations

from dsp.exports.insights.json_text import document
from dsp.exports.insights.report import InsightReport

__all__ = ["InsightReport", "document"]
