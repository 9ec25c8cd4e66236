"""No date lies in the future."""

from __future__ import annotations

from datetime import timedelta

from dsp.checks.kind import TEMPORAL, Asked, Example, Parameter, RowKind


class NotInFuture(RowKind):
    """Holds that no date lies after today (UTC)."""

    name = "not_in_future"
    title = "no date lies in the future"
    parameters = (
        Parameter("days", "integer", "Days that dates may lie ahead.", default=0),
    )
    families = TEMPORAL
    nulls = "they pass; infinity fails"
    example = Example(
        toml="[columns.day]\nnot_in_future = true",
        passing={"day": ["2026-01-01", "1850-06-01", "0001-01-01", None]},
        failing={"day": ["2026-01-02", "2026-01-01", "infinity", "-infinity", None]},
        n_failed=2,
        types={"day": "date"},
    )

    def failing(self, asked: Asked) -> str:
        """Fail from the first moment of the day after."""
        limit = asked.subject.today + timedelta(days=1 + asked["days"])
        return f"{asked.column.sql} >= date '{limit.isoformat()}'"

    def expectation(self, asked: Asked) -> str:
        """Name the day."""
        limit = asked.subject.today + timedelta(days=asked["days"])
        return f"{asked.names} is not after {limit.isoformat()}"


plugin = NotInFuture()
