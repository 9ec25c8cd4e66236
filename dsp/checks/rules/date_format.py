"""Texts are dates in a format."""

from __future__ import annotations

from dsp.checks.kind import TEXT, Asked, Example, Parameter, RowKind
from dsp.engine.relation import literal
from dsp.errors import QueryError, RuleError


class DateFormat(RowKind):
    """Holds that texts are dates or moments in a format."""

    name = "date_format"
    title = "texts are dates in a format"
    parameters = (
        Parameter("format", "text", "Format such as %d.%m.%Y.", is_required=True),
    )
    primary = "format"
    families = TEXT
    example = Example(
        toml='[columns.day]\ndate_format = "%d.%m.%Y"',
        passing={"day": ["31.01.2024", "29.02.2024", "01.01.1901", None]},
        failing={"day": ["30.02.2024", "2024-01-31", "", "01.01.2024", None]},
        n_failed=3,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where reading in the format gives nothing."""
        pattern, engine = literal(asked["format"]), asked.subject.relation.engine
        try:
            engine.execute(f"select try_strptime('', {pattern})")
        except QueryError as error:
            raise RuleError(
                f"the format {asked['format']} is not understood",
                hint="write it like %Y-%m-%d %H:%M:%S",
                key="format",
            ) from error
        value = f"cast({asked.column.sql} as varchar)"
        return (
            f"{asked.column.sql} is not null and try_strptime({value}, {pattern}) is null"
        )

    def expectation(self, asked: Asked) -> str:
        """Name the format."""
        return f"{asked.names} is a date like {asked['format']}"


plugin = DateFormat()
