"""Texts hold no control characters."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal


class Printable(RowKind):
    """Holds that texts hold no control characters and no broken letters."""

    name = "printable"
    title = "texts hold no control characters or broken letters"
    parameters = (
        Parameter(
            "line_breaks", "boolean", "Whether line breaks are fine.", default=True
        ),
    )
    families = TEXT
    example = Example(
        toml="[columns.name]\nprintable = true",
        passing={"name": ["Zoë 🦆", "a\nb", "", None]},
        failing={"name": ["a\x00b", "a\x1bb", "Zo\ufffd", "ok", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail on control characters and the replacement character."""
        allowed = r"\x00-\x08\x0b\x0c\x0e-\x1f" if asked["line_breaks"] else r"\x00-\x1f"
        pattern = literal(f"[{allowed}\\x7f\\x{{FFFD}}]")
        return f"regexp_matches(cast({asked.column.sql} as varchar), {pattern})"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} holds no control characters"


plugin = Printable()
