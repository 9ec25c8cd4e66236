"""The latest date is recent."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from dsp.checks.durations import in_words, seconds_in
from dsp.checks.kind import TEMPORAL, Asked, Example, FigureKind, Parameter


class Fresh(FigureKind):
    """Holds that the latest date is not older than allowed."""

    name = "fresh"
    title = "the latest date is recent"
    dimension = "freshness"
    parameters = (Parameter("max_age", "duration", "Greatest age.", is_required=True),)
    primary = "max_age"
    families = TEMPORAL
    nulls = "they are left out, and so is infinity"
    example = Example(
        toml='[columns.at]\nfresh = "2 days"',
        passing={"at": ["2025-12-31", "2001-01-01", None]},
        failing={"at": ["2025-12-29", "2001-01-01", None]},
        types={"at": "date"},
    )

    def figure(self, asked: Asked) -> str:
        """Return the seconds since the latest date; days count from midnight."""
        column = asked.column
        latest = asked.filtered(f"max({column.sql})", f"isfinite({column.sql})")
        now = asked.subject.now.astimezone(UTC)
        if column.family == "date":
            now = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return f"({now.timestamp()!r} - epoch({latest}))"

    def wording(self, asked: Asked) -> str:
        """Name the figure."""
        return f"the age of the latest {asked.names}"

    def wrong(self, asked: Asked, figure: str) -> str:
        """Compare with the greatest age."""
        return f"{figure} > {seconds_in(asked['max_age'])!r}"

    def allowed(self, asked: Asked) -> str:
        """Name the greatest age."""
        return f"at most {asked['max_age']}"

    def shown(self, asked: Asked, value: Any) -> str:
        """Return the age in words."""
        del asked
        return "unknown" if value is None else in_words(float(value))


plugin = Fresh()
