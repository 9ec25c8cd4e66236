"""What a semantic type is: how it is written, how it is checked, where that is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dsp.engine.relation import let, literal

BLANKS = " \t\n\r\v\f\u00a0"
"""Characters that count as white space at the ends of a text."""


BY_CHANCE = 1e-4
"""Greatest probability that arbitrary texts of a pattern all have right check digits."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is brought to one form before it is looked at, in SQL and in Python.

    Attributes
    ----------
    words
        What is done, for people.
    sql
        SQL with ``{c}`` for the text.
    of
        The same in Python.
    """

    words: str
    sql: str
    of: Callable[[str], str]


def _compact(text: str, marks: str) -> str:
    return text.strip(BLANKS).translate({ord(mark): None for mark in marks})


_TRIM = f"trim({{c}}, {literal(BLANKS)})"
_BARE = f"replace(replace({_TRIM}, ' ', ''), '-', '')"
_DIALED = f"translate({_TRIM}, ' -./()\u00a0', '')"

TRIMMED = Form("blanks around it are left out", _TRIM, lambda c: c.strip(BLANKS))
UPPER = Form(
    "blanks around it are left out, case does not matter",
    f"upper({_TRIM})",
    lambda c: c.strip(BLANKS).upper(),
)
COMPACT = Form("blanks and hyphens are left out", _BARE, lambda c: _compact(c, " -"))
COMPACT_UPPER = Form(
    "blanks and hyphens are left out, case does not matter",
    f"upper({_BARE})",
    lambda c: _compact(c, " -").upper(),
)
DIALED = Form(
    "blanks, hyphens, dots, slashes and parentheses are left out",
    _DIALED,
    lambda c: _compact(c, " -./()\u00a0"),
)


def _as_text(column: str, family: str) -> str:
    """Return SQL of a value as text; whole numbers have no decimal point."""
    if family == "text":
        return column
    text = f"cast({column} as varchar)"
    if family != "float":
        return text
    whole = f"cast(try_cast({column} as hugeint) as varchar)"
    is_whole = f"{column} = trunc({column})"
    return f"case when {is_whole} then coalesce({whole}, {text}) else {text} end"


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticType:
    """A kind of text that has a meaning: an IBAN, an e-mail address, a colour.

    Attributes
    ----------
    name
        Name in rules.
    many
        Several of them, for people.
    source
        The standard or register that says what is valid.
    pattern
        Regular expression of the whole text, in the language that RE2 and Python share.
    check
        SQL with ``{t}`` for a text that fits the pattern: true when it is valid.
    form
        What is done to a text first.
    number
        SQL with ``{c}`` that decides for a column of numbers; the text of the number is
        looked at when it is None.
    looks
        Pattern of the beginning of a text, for a guess; `pattern` when None.
    chance
        Share of arbitrary texts of the pattern that are valid. A type is guessed from
        values alone only when that is far from what is found.
    names
        Words of a column name that allow the guess, where values alone prove too little.
        None where they are enough; empty where it is never guessed.
    inside
        Pattern that finds it in a longer text, for what tells who somebody is.
    valid, invalid
        Examples.
    """

    name: str
    many: str
    source: str
    pattern: str
    check: str | None = None
    form: Form = TRIMMED
    number: str | None = None
    looks: str | None = None
    chance: float = 0.0
    names: tuple[str, ...] | None = ()
    inside: str | None = None
    valid: tuple[str, ...]
    invalid: tuple[str, ...]

    def valid_sql(self, column: str, family: str = "text") -> str:
        """Return SQL that is true for a valid value, false for another, null for null.

        It never raises, whatever the value.

        Parameters
        ----------
        column
            SQL of the column.
        family
            Family of its type: see `dsp.engine.relation.family_of`.
        """
        if self.number and family in ("integer", "decimal", "float"):
            return self.number.format(c=column)
        text = self.form.sql.format(c=_as_text(column, family))
        if self.check is None:
            return f"regexp_full_match({text}, {literal(self.pattern)})"
        like = f"regexp_full_match(t, {literal(self.pattern)})"
        checked = f"case when {like} then coalesce({self.check.format(t='t')}, false)"
        judged = let("t", text, f"{checked} else false end")
        return f"case when {column} is not null then {judged} end"

    def may_be(self, words: Sequence[str], texts: Sequence[str]) -> bool:
        """Return whether it may be guessed from the name of a column and its texts.

        Parameters
        ----------
        words
            Words of the name, in lower case.
        texts
            Distinct values of the first rows, perhaps cut.
        """
        named = self.names is not None and not set(self.names).isdisjoint(words)
        alone = self.names is None and self.chance ** len(texts) < BY_CHANCE
        return (named or alone) and self.may_look_like(texts)

    def may_look_like(self, texts: Sequence[str]) -> bool:
        """Return whether half of some texts or more are written like it."""
        like = re.compile(self.looks or self.pattern).fullmatch
        n_other = len(texts) // 2
        for text in texts:
            if like(self.form.of(text)) is None:
                n_other -= 1
                if n_other < 0:
                    return False
        return bool(texts)
