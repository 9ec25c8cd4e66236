"""The cube behind the filters of the page: planned, counted in the engine, encoded."""

from __future__ import annotations

from dsp.dashboard.cube.base import CubeOptions, CubePlan
from dsp.dashboard.cube.build import BuiltCube, build_cube
from dsp.dashboard.cube.plan import plan_cube

__all__ = ["BuiltCube", "CubeOptions", "CubePlan", "build_cube", "plan_cube"]
