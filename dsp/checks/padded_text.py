"""Texts have no white space at their ends."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    Figures,
    Plan,
    Subject,
    label,
    n_values,
    padded,
    trimmed,
    untidy,
)


class PaddedText:
    """Holds that no text begins or ends with white space."""

    name = "padded_text"
    order = 50

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values."""
        for column in subject.of("text"):
            yield f"count({column.sql})"
            yield untidy(column)

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a text column."""
        for column in subject.of("text"):
            n = n_values(figures, column)
            if not n:
                continue
            name, cut = label(column.name), trimmed(column.sql)
            yield Plan(
                title=f"{name} has no white space at its ends",
                columns=(column.name,),
                dimension="consistency",
                severity="warning",
                expectation="no text begins or ends with white space",
                passed=f"No text in {name} begins or ends with white space.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:text}} in {name} "
                    f"{{n:begins or ends|begin or end}} with spaces."
                ),
                action="trimmed (trim)",
                predicate=f"({padded(column.sql)}) and {cut} <> ''",
                n_failed=None if figures.get(untidy(column)) else 0,
                n_rows=n,
                shared="No text column has white space at its ends",
            )


plugin = PaddedText()
