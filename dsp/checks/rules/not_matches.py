"""No text matches a pattern."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.checks.rules.matches import matched


class NotMatches(RowKind):
    """Holds that no text matches a regular expression."""

    name = "not_matches"
    title = "no text matches a pattern"
    parameters = (
        Parameter("pattern", "text", "Regular expression (RE2).", is_required=True),
        Parameter(
            "part", "boolean", "Whether a part of the text may match.", default=True
        ),
        Parameter("ignore_case", "boolean", "Whether case is ignored.", default=False),
    )
    primary = "pattern"
    families = TEXT
    example = Example(
        toml="[columns.note]\nnot_matches = '\\d{16}'",
        passing={"note": ["paid", "", None]},
        failing={"note": ["card 4111111111111111", "paid", None]},
    )

    def failing(self, asked: Asked) -> str:
        """Fail where the pattern matches."""
        return matched(asked)

    def expectation(self, asked: Asked) -> str:
        """Give the pattern."""
        return f"{asked.names} has no match of {asked['pattern']}"


plugin = NotMatches()
