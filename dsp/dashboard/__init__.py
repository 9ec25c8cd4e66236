"""The dashboard page."""

from __future__ import annotations

from dsp.dashboard.figures import build_figures
from dsp.dashboard.generator import DashboardGenerator

__all__ = ["DashboardGenerator", "build_figures"]
