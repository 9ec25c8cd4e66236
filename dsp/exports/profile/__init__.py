"""Renderings of a profile: terminal aside, one file here is one format."""

from __future__ import annotations

from dsp.exports.profile.alerts import Alert
from dsp.exports.profile.json_text import document
from dsp.exports.profile.report import ProfileReport

__all__ = ["Alert", "ProfileReport", "document"]
