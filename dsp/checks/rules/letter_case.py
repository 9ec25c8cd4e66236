"""Texts are in upper or lower case."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind


class LetterCase(RowKind):
    """Holds that texts are in upper or lower case throughout."""

    name = "letter_case"
    title = "texts are in upper or in lower case"
    dimension = "consistency"
    parameters = (
        Parameter(
            "case", "choice", "The case.", is_required=True, choices=("upper", "lower")
        ),
    )
    primary = "case"
    families = TEXT
    example = Example(
        toml='[columns.code]\nletter_case = "upper"',
        passing={"code": ["CH", "1-Ä", "", None]},
        failing={"code": ["CH", "Ch", "ä", None]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where changing the case changes the text."""
        value = f"cast({asked.column.sql} as varchar)"
        return f"{value} <> {asked['case']}({value})"

    def expectation(self, asked: Asked) -> str:
        """Name the case."""
        return f"{asked.names} is in {asked['case']} case"


plugin = LetterCase()
