"""Texts are not blank."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject, label, n_values, trimmed, untidy


class BlankText:
    """Holds that no text is empty or white space only."""

    name = "blank_text"
    order = 40

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
            name = label(column.name)
            yield Plan(
                title=f"{name} has no blank text",
                columns=(column.name,),
                dimension="completeness",
                severity="warning",
                expectation="no text is empty or white space only",
                passed=f"No text in {name} is blank.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:text}} in {name} {{n:is|are}} blank "
                    f"({{percent}})."
                ),
                action="set to missing (blank_to_null)",
                predicate=f"{trimmed(column.sql)} = ''",
                n_failed=None if figures.get(untidy(column)) else 0,
                n_rows=n,
                shared="No text column has blank texts",
            )


plugin = BlankText()
