"""No value stands for a missing one."""

from __future__ import annotations

from datetime import date

from dsp.checks.base import trimmed
from dsp.checks.kind import Asked, Example, Parameter, RowKind
from dsp.checks.sentinels import TEXTS
from dsp.checks.values import list_sql

NUMBERS = (-99, -999, -9999, -99999, 9999, 99999, 999999)
DATES = (date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31))


class NoStandIns(RowKind):
    """Holds that missing values are null, and not written as N/A, -999 or 1900-01-01."""

    name = "no_stand_ins"
    title = "no value stands for a missing one (N/A, -999, 1900-01-01 …)"
    dimension = "completeness"
    parameters = (
        Parameter("values", "scalars", "Values to look for instead of the usual ones."),
    )
    families = ("text", "enum", "integer", "decimal", "float", "date", "timestamp")
    example = Example(
        toml="[columns.name]\nno_stand_ins = true",
        passing={"name": ["Ann", "", None]},
        failing={"name": ["n/a", " Unknown ", "Ann"]},
        n_failed=2,
    )

    def failing(self, asked: Asked) -> str:
        """Fail where a value is on the list; case and white space do not matter."""
        column, given = asked.column, asked["values"]
        if column.family in ("text", "enum"):
            words = [str(v).casefold() for v in given] if given else TEXTS
            shown = list_sql(column, words, kind=self.name)
            text = f"lower({trimmed(f'cast({column.sql} as varchar)')})"
            return f"list_contains({shown}, {text})"
        usual = NUMBERS if column.is_numeric else DATES
        shown = list_sql(column, given or usual, kind=self.name)
        return f"list_contains({shown}, {column.sql})"

    def expectation(self, asked: Asked) -> str:
        """Name the column."""
        return f"{asked.names} has no stand-ins for missing values"


plugin = NoStandIns()
