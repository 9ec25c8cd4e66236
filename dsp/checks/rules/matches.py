"""Texts match a pattern."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal
from dsp.errors import QueryError, RuleError


class Matches(RowKind):
    """Holds that texts match a regular expression."""

    name = "matches"
    title = "texts match a pattern"
    parameters = (
        Parameter(
            "pattern",
            "text",
            "Regular expression (RE2 syntax).",
            is_required=True,
            short=("regex", "pattern"),
        ),
        Parameter(
            "part", "boolean", "Whether a part of the text may match.", default=False
        ),
        Parameter("ignore_case", "boolean", "Whether case counts.", default=False),
    )
    primary = "pattern"
    families = TEXT
    example = Example(
        toml="[columns.code]\nmatches = '[A-Z]{2}\\d+'",
        passing={"code": ["CH1", "DE22", None]},
        failing={"code": ["CH1", "ch1", "", "CH1 "]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where the pattern does not match."""
        return f"not {matched(asked)}"

    def expectation(self, asked: Asked) -> str:
        """Give the pattern."""
        how = "contains a match of" if asked["part"] else "matches"
        return f"{asked.names} {how} {asked['pattern']}"


def matched(asked: Asked) -> str:
    """Return SQL that is true where the pattern of a rule matches its column.

    Raises
    ------
    RuleError
        The engine does not understand the pattern.
    """
    pattern, engine = literal(asked["pattern"]), asked.subject.relation.engine
    try:
        engine.execute(f"select regexp_matches('', {pattern})")
    except QueryError as error:
        raise RuleError(
            f"the pattern {asked['pattern']} is not understood: "
            f"{error.message.splitlines()[0]}",
            hint="look-around and back-references are not part of RE2",
        ) from error
    function = "regexp_matches" if asked["part"] else "regexp_full_match"
    options = "'si'" if asked["ignore_case"] else "'s'"
    value = f"cast({asked.column.sql} as varchar)"
    value = asked.column.sql if asked.column.family == "text" else value
    return f"{function}({value}, {pattern}, {options})"


plugin = Matches()
