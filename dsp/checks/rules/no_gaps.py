"""Dates or numbers follow each other without gaps."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan
from dsp.checks.durations import seconds_in
from dsp.checks.kind import Asked, Example, Kind, Parameter, known, nothing
from dsp.checks.values import number_of, plain_number
from dsp.errors import RuleError


class NoGaps(Kind):
    """Holds that, in order, each value lies close enough to the one before."""

    name = "no_gaps"
    title = "dates or numbers follow each other without gaps"
    dimension = "completeness"
    parameters = (
        Parameter(
            "step",
            "scalar",
            'Widest gap: a duration such as "1 day", or a number.',
            is_required=True,
        ),
        Parameter("by", "columns", "Columns; each group of them is looked at alone."),
    )
    primary = "step"
    families = ("integer", "decimal", "float", "date", "timestamp")
    nulls = "they are left out, and so are NaN and infinity"
    example = Example(
        toml='[columns.day]\nno_gaps = "1 day"',
        passing={"day": ["1970-01-02", "1969-12-31", "1970-01-01", "1970-01-01", None]},
        failing={"day": ["2024-01-01", "2024-01-03", "2024-01-07", "2024-01-08", None]},
        n_failed=2,
        types={"day": "date"},
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the values."""
        self.check(asked)
        return (asked.seen(),)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        step, column = _step(asked), asked.column
        by = [asked.find(name).sql for name in asked["by"] or ()]
        each = f"partition by {', '.join(by)} " if by else ""
        finite = f"isfinite({column.sql})" if column.family != "integer" else "true"
        finite = "true" if column.family == "decimal" else finite
        number = f"epoch({column.sql})" if column.is_temporal else column.sql
        value = f"case when {asked.among(finite)} then cast({number} as double) end"
        before = f"lag({value}) over ({each}order by {value} nulls first)"
        what = f"{asked.names} has no gaps wider than {asked['step']}"
        return self.planned(
            asked,
            what,
            passed=f"{what[0].upper()}{what[1:]} among {{rows}} {{rows:value}}.",
            failed=f"{asked.names} has {{n}} {{n:gap}} wider than {asked['step']} "
            "among {rows} {rows:value}.",
            window=f"{value} - {before} > {step}",
            n_rows=known(figures, asked.seen()),
            nothing=nothing(asked),
        )


def _step(asked: Asked) -> str:
    given = asked["step"]
    if asked.column.is_temporal:
        if isinstance(given, str):
            return repr(seconds_in(given))
    else:
        number = number_of(given)
        if number is not None and number > 0:
            return plain_number(number)
    raise RuleError(
        f"{given!r} is no step for {asked.names}, which holds {asked.column.data_type}",
        hint='give a duration such as "1 day" for dates, a number for numbers',
        key="step",
    )


plugin = NoGaps()
