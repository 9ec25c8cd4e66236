"""Dates fall on some days of the week."""

from __future__ import annotations

from dsp.checks.kind import TEMPORAL, Asked, Example, Parameter, RowKind, listed
from dsp.errors import RuleError, nearest

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class OnWeekdays(RowKind):
    """Holds that dates fall on some days of the week."""

    name = "on_weekdays"
    title = "dates fall on some days of the week"
    parameters = (Parameter("days", "texts", "Days such as monday.", default=DAYS[:5]),)
    primary = "days"
    families = TEMPORAL
    nulls = "they pass, and so does infinity"
    example = Example(
        toml='[[rules]]\nkind = "on_weekdays"\ncolumn = "day"',
        passing={"day": ["2024-01-05", "1969-12-31", None]},
        failing={"day": ["2024-01-06", "2024-01-07", "2024-01-08", None]},
        n_failed=2,
        types={"day": "date"},
    )

    def failing(self, asked: Asked) -> str:
        """Fail on the other days."""
        numbers = ", ".join(str(_number(day)) for day in asked["days"])
        column = asked.column.sql
        return f"isfinite({column}) and not list_contains([{numbers}], isodow({column}))"

    def expectation(self, asked: Asked) -> str:
        """Name the days."""
        return f"{asked.names} falls on {listed(asked['days'], last='or')}"


def _number(day: str) -> int:
    folded = day.casefold()
    if folded not in DAYS:
        close = nearest(folded, DAYS, n=1)
        raise RuleError(
            f"{day} is no day of the week",
            hint=f'did you mean "{close[0]}"?' if close else "write monday to sunday",
            key="days",
        )
    return DAYS.index(folded) + 1


plugin = OnWeekdays()
