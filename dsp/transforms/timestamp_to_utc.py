"""Moments with a time zone are written in UTC."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, Figures
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, number_of

ZONED = "TIMESTAMP WITH TIME ZONE"


class TimestampToUtc(ColumnTransform):
    """Turns moments with a time zone into moments in UTC."""

    name = "timestamp_to_utc"
    order = 40
    is_cast = True

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Count the values."""
        if column.data_type == ZONED:
            yield f"count({column.sql})"

    def propose(
        self,
        column: Field,
        head: list[str] | None,
        figures: Figures,
    ) -> Proposal | None:
        """Propose the same moment without zone, in UTC."""
        if column.data_type != ZONED:
            return None
        n = number_of(figures, f"count({column.sql})")
        return Proposal(
            column.name,
            "({value} at time zone 'UTC')",
            f"{counted(n, 'value')} with a time zone: the same moments, written in UTC",
            n,
        )


plugin = TimestampToUtc()
