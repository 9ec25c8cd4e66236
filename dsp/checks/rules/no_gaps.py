"""Dates or numbers follow each other without gaps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from dsp.checks.base import Figures, Plan
from dsp.checks.durations import seconds_in
from dsp.checks.groups import ROWS
from dsp.checks.kind import Asked, Example, Kind, Parameter, known, nothing, refused
from dsp.checks.second_pass import window_evidence
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
        """Count the values; days are few, so the different ones are fetched."""
        self.check(asked)
        return [asked.seen(), *([_days(asked)] if _are_days(asked) else ())]

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        window = _window(asked)
        what = f"{asked.names} has no gaps wider than {asked['step']}"
        found: dict[str, Any] = {"window": window}
        if _are_days(asked):
            refused(figures, _days(asked))
            late = _late(figures.get(_days(asked)) or (), seconds_in(asked["step"]))
            listed = ", ".join(f"date '{day.isoformat()}'" for day in late[:ROWS])
            found = {
                "n_failed": len(late),
                "sample_predicate": f"{asked.column.sql} in ({listed})" if late else None,
                "count_sql": window_evidence(asked.subject.relation, window),
            }
        return self.planned(
            asked,
            what,
            passed=f"{what[0].upper()}{what[1:]} among {{rows}} {{rows:value}}.",
            failed=f"{asked.names} has {{n}} {{n:gap}} wider than {asked['step']} "
            "among {rows} {rows:value}.",
            n_rows=known(figures, asked.seen()),
            nothing=nothing(asked),
            **found,
        )


def _are_days(asked: Asked) -> bool:
    return asked.column.family == "date" and not asked["by"]


def _days(asked: Asked) -> str:
    column = asked.column.sql
    return asked.filtered(f"list(distinct {column})", f"isfinite({column})")


def _late(days: Iterable[date], seconds: float) -> list[date]:
    """Return the days that lie too far after the day before them."""
    ordered = sorted(days)
    pairs = pairwise(ordered)
    return [late for day, late in pairs if (late - day).days * 86400.0 > seconds]


def _window(asked: Asked) -> str:
    """Return SQL that is true for a value too far after the one before it."""
    column = asked.column
    by = [asked.find(name).sql for name in asked["by"] or ()]
    each = f"partition by {', '.join(by)} " if by else ""
    is_finite = column.family in ("integer", "decimal")
    finite = "true" if is_finite else f"isfinite({column.sql})"
    number = f"epoch({column.sql})" if column.is_temporal else column.sql
    value = f"case when {asked.among(finite)} then cast({number} as double) end"
    before = f"lag({value}) over ({each}order by {value} nulls first)"
    return f"{value} - {before} > {_step(asked)}"


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
