"""Numbers are finite."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject, label


class NonFinite:
    """Holds that no number is NaN or infinite."""

    name = "non_finite"
    order = 100

    def measures(self, subject: Subject) -> Iterable[str]:
        """Ask for the extremes: where they are finite, all numbers are."""
        for column in subject.of("float"):
            yield from (f"min({column.sql})", f"max({column.sql})")

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a floating-point column."""
        if not subject.n_rows:
            return
        for column in subject.of("float"):
            name = label(column.name)
            ends = [figures.get(f"{end}({column.sql})") for end in ("min", "max")]
            calm = all(end is None or math.isfinite(end) for end in ends)
            yield Plan(
                title=f"{name} is finite",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation="every value is a finite number",
                passed=f"All values of {name} are finite.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:value}} of {name} "
                    f"{{n:is not a number or|are not numbers or}} infinite."
                ),
                action="not-a-number set to missing (nan_to_null); infinities kept",
                predicate=f"isnan({column.sql}) or isinf({column.sql})",
                n_failed=0 if calm else None,
                shared="All numbers are finite",
            )


plugin = NonFinite()
