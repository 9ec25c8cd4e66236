"""Numbers are finite."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject, label


class NonFinite:
    """Holds that no number is NaN or infinite."""

    name = "non_finite"
    order = 100

    def measures(self, subject: Subject) -> Iterable[str]:
        """Need nothing: rows are counted together."""
        return ()

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a floating-point column."""
        if not subject.n_rows:
            return
        for column in subject.of("float"):
            name = label(column.name)
            yield Plan(
                title=f"{name} is finite",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation="no value is NaN or infinite",
                passed=f"All values of {name} are finite.",
                failed=f"{{n}} of {{rows}} values of {name} are NaN or infinite.",
                action="NaN set to missing (nan_to_null); infinities kept",
                predicate=f"isnan({column.sql}) or isinf({column.sql})",
                shared="All numbers are finite",
            )


plugin = NonFinite()
