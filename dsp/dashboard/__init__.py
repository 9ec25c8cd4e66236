"""The dashboard page."""

from __future__ import annotations

from dsp.dashboard.board import Board, BoardError
from dsp.dashboard.figures import build_figures
from dsp.dashboard.generator import DashboardGenerator

__all__ = ["Board", "BoardError", "DashboardGenerator", "build_figures"]
