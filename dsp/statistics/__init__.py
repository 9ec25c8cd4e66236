"""Profile, associations and dependencies, all on sufficient statistics.

Files with a ``plugin`` hold one measure of association each; the rest is shared by them.
"""

from __future__ import annotations

from dsp.statistics.base import Profile, Relations
from dsp.statistics.engine import StatisticsEngine

__all__ = ["Profile", "Relations", "StatisticsEngine"]
