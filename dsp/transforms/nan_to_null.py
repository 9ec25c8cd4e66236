"""NaN becomes NULL: a number that is none is a missing value."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dsp.engine.relation import Field, Figures, count_if
from dsp.numbers import counted
from dsp.transforms.base import ColumnTransform, Proposal, number_of


class NanToNull(ColumnTransform):
    """Turns NaN in floating-point columns into NULL."""

    name = "nan_to_null"
    order = 10

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Ask for the greatest value: NaN is greater than all others."""
        if column.family == "float":
            yield f"max({column.sql})"

    def counts(self, column: Field, figures: Figures) -> Iterable[str]:
        """Count the NaN values, where there are any."""
        greatest = figures.get(f"max({column.sql})")
        if column.family == "float" and greatest is not None and math.isnan(greatest):
            yield count_if(f"isnan({column.sql})")

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Propose NULL where the value is NaN."""
        n = number_of(figures, count_if(f"isnan({column.sql})"))
        if not n:
            return None
        return Proposal(
            column.name,
            "case when isnan({value}) then null else {value} end",
            f"{counted(n, 'value')} NaN: not a number, counted as missing from here on",
            n,
        )


plugin = NanToNull()
