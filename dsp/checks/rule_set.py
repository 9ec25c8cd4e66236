"""`Rules`: what a table should keep, from a file, from code, or from a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dsp.checks.rule import Rule
from dsp.checks.rules_file import read_rules, rules_of
from dsp.errors import RuleError


class Rules:
    """Rules in order, however they were written.

    Parameters
    ----------
    rules
        Rules, made with `dsp.rule` and `dsp.check`.
    untranslated
        Parts of a schema that no rule can express, one sentence each.

    Examples
    --------
    >>> import dsp
    >>> rules = Rules.of({"columns": {"price": {"not_null": True, "min": 0}}})
    >>> [r.known_as for r in rules]
    ['not_null.price', 'in_range.price']
    >>> rules == Rules(
    ...     [dsp.rule("not_null", "price"), dsp.rule("in_range", "price", min=0)]
    ... )
    True
    """

    def __init__(self, rules: Iterable[Rule] = (), *, untranslated: Iterable[str] = ()):
        self._rules = tuple(rules)
        self.untranslated = tuple(untranslated)
        for one in self._rules:
            if not isinstance(one, Rule):
                raise RuleError(
                    f"{one!r} is no rule", hint="make rules with dsp.rule or dsp.check"
                )

    @classmethod
    def from_file(cls, path: Path | str) -> Rules:
        """Read a rules file, TOML, YAML or JSON.

        Raises
        ------
        RuleError
            The file or a rule in it is wrong; the message has line and key.
        """
        return cls(read_rules(path))

    @classmethod
    def of(cls, rules: Any) -> Rules:
        """Return rules from whatever names them.

        Parameters
        ----------
        rules
            A path, a mapping of the form of a rules file, rules, or `Rules`.
        """
        if isinstance(rules, Rules):
            return rules
        if isinstance(rules, str | Path):
            return cls.from_file(rules)
        if isinstance(rules, Mapping):
            return cls(rules_of(rules))
        if isinstance(rules, Rule):
            return cls([rules])
        if isinstance(rules, Iterable):
            return cls(rules)
        raise RuleError(
            f"a {type(rules).__name__} names no rules",
            hint="give a path, rules made with dsp.rule, or dsp.Rules",
        )

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __add__(self, other: Iterable[Rule]) -> Rules:
        more = other.untranslated if isinstance(other, Rules) else ()
        return Rules([*self, *other], untranslated=[*self.untranslated, *more])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and self._rules == other._rules

    def __hash__(self) -> int:
        return hash(tuple(r.known_as for r in self._rules))

    def __repr__(self) -> str:
        return f"<dsp.Rules: {len(self)}>"
