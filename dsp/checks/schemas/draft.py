"""A schema on its way to rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dsp.checks.rule import Rule, rule
from dsp.errors import RuleError


@contextmanager
def well_formed(what: str) -> Iterator[None]:
    """Turn what reading a document of another shape raises into one clear line."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, StopIteration) as error:
        raise RuleError(
            f"{what} is not well formed: {type(error).__name__}, {error}",
            hint="a part of it is not of the kind that stands there",
        ) from error


class Draft:
    """Rules so far, and what could not become one.

    Parameters
    ----------
    severity
        What the rules weigh.
    origin
        Where the schema comes from, for messages.
    """

    def __init__(self, severity: str, origin: str) -> None:
        self.severity = severity
        self.origin = origin
        self.rules: list[Rule] = []
        self.untranslated: list[str] = []

    def add(self, kind: str, *columns: str, **given: Any) -> None:
        """Add a rule; one that its kind refuses is noted."""
        given.setdefault("severity", self.severity)
        try:
            made = rule(kind, *columns, **given)
        except RuleError as error:
            self.note(f"{', '.join(columns) or 'the table'}: {error.message}")
            return
        if made not in self.rules:
            self.rules.append(made.but(origin=self.origin))

    def note(self, sentence: str) -> None:
        """Note what no rule expresses."""
        self.untranslated.append(sentence)

    def leftovers(self, where: str, names: Iterable[str]) -> None:
        """Note keywords that are not understood."""
        for name in names:
            self.note(f"{where}: {name} is not translated")
