"""A column is distributed as in another table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from dsp.checks.base import Figures, Plan, integer, label
from dsp.checks.kind import Asked, Example, Kind, Parameter, Reference, nothing, refused
from dsp.checks.rule import Rule
from dsp.checks.values import plain_number
from dsp.engine.drift import as_number, bins_of, counts, ks_statistic, statistic
from dsp.errors import RuleError
from dsp.inference.drift import effective_size
from dsp.inference.tails import chi_square_limit, chi_square_tail
from dsp.numbers import number

WORDS = {
    "psi": "population stability index",
    "jensen_shannon": "Jensen-Shannon distance",
    "chi_square": "chi-square statistic",
    "ks": "Kolmogorov-Smirnov distance",
}
DEFAULTS = {"psi": 0.2, "jensen_shannon": 0.1, "ks": 0.1}
"""Greatest statistic allowed; chi-square is judged by its p value."""
MIN_P = 0.001


class Distribution(Kind):
    """Holds that a column is distributed as in a reference file or an earlier run."""

    name = "distribution"
    title = "a column is distributed as in another table"
    dimension = "consistency"
    parameters = (
        Parameter(
            "to",
            "source",
            "The other file or table, or an earlier run.",
            is_required=True,
        ),
        Parameter("to_column", "text", "Column there; of the same name when not given."),
        Parameter(
            "method",
            "choice",
            "Statistic; ks compares all values and costs a pass of its own.",
            default="psi",
            choices=tuple(WORDS),
        ),
        Parameter(
            "max",
            "number",
            "Greatest statistic (default psi 0.2, jensen_shannon 0.1, ks 0.1).",
        ),
        Parameter(
            "min_p",
            "number",
            "Least p value, for ks and chi_square (default chi_square 0.001).",
        ),
    )
    nulls = "they are left out, NaN too"
    primary = "to"
    example = Example(
        toml='[columns.price]\ndistribution = "last_month.csv"',
        passing={"price": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, None]},
        failing={"price": [8, 9, 9, 9, 10, 10, 11, 12]},
        references={"last_month.csv": {"price": [*range(1, 11), None]}},
    )

    def references(self, rule: Rule) -> tuple[Reference, ...]:
        """Need the column of the other table."""
        return (Reference(rule.parameters["to"], (_there(rule),)),)

    def measures(self, asked: Asked) -> Iterable[str]:
        """Ask for the statistic, and for what its p value needs."""
        return _figures(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        figure, seen, cells = _figures(asked)
        refused(figures, figure, seen, cells)
        value, n = figures.get(figure), integer(figures, seen)
        law = _law(asked, n, figures.get(cells))
        limit = law.limit(_p(asked)) if law else _limit(asked)
        to = asked["to"] if isinstance(asked["to"], str) else "the other table"
        words = f"{WORDS[asked['method']]} of {asked.names} against {label(to)}"
        allowed = f"at most {number(limit)}"
        said = f"The {words} is {'unknown' if value is None else number(float(value))}"
        if law and value is not None:
            said += f" (p = {number(law.tail(float(value)))})"
            allowed += f" (p = {number(_p(asked))})"
        return self.planned(
            asked,
            f"the {words} is {allowed}",
            passed=f"{said}; {allowed} is allowed.",
            failed=f"{said}; {allowed} is allowed.",
            n_failed=None if value is None else int(value > limit),
            n_rows=0 if value is None else 1,
            count_sql=f"select case when {figure} > {plain_number(limit)} then 1 else 0 "
            f"end as n_failed from {asked.subject.relation.sql} as t",
            nothing="one of the tables has no values" if n else nothing(asked),
        )


def _there(rule: Rule) -> str:
    return str(rule.parameters.get("to_column") or rule.columns[0])


def _by_p(asked: Asked) -> bool:
    if asked["min_p"] is not None and asked["method"] not in ("ks", "chi_square"):
        raise RuleError(
            f"{asked['method']} has no p value",
            hint="give max, or the method ks or chi_square",
            key="min_p",
        )
    if asked["min_p"] is not None and asked["max"] is not None:
        raise RuleError("max and min_p exclude each other", key="min_p")
    if asked["min_p"] is not None:
        return True
    return asked["max"] is None and asked["method"] == "chi_square"


def _figures(asked: Asked) -> tuple[str, str, str]:
    """Return the statistic, the values seen, and their counts in bins, as aggregates."""
    there, column = asked.reference(asked["to"]), asked.column
    other = there.find(_there(asked.rule))
    mine, its = as_number(column), as_number(other)
    if (mine is None) != (its is None) or column.is_temporal != other.is_temporal:
        raise RuleError(
            f"{label(column.name)} holds {column.data_type}, and {label(other.name)} of "
            f"the other table {other.data_type}"
        )
    _by_p(asked)
    seen = asked.filtered(f"count({mine or column.sql})")
    if asked["method"] == "ks":
        if mine is None or its is None:
            raise RuleError(
                "ks compares numbers or moments",
                hint="use psi, jensen_shannon or chi_square for categories",
                key="method",
            )
        where = asked.where or ""
        distance = ks_statistic(asked.subject.relation, mine, there, its, where)
        return distance, seen, f"(select count({its}) from {there.sql} as r)"
    bins = bins_of(there, other)
    here = counts(column, bins, asked.where or "")
    known = there.engine.rows(f"select {counts(other, bins)} from {there.sql} as r")[0][0]
    return statistic(asked["method"], here, known), seen, f"[{here}, {known}]"


def _p(asked: Asked) -> float:
    return float(MIN_P if asked["min_p"] is None else asked["min_p"])


def _limit(asked: Asked) -> float:
    return float(DEFAULTS[asked["method"]] if asked["max"] is None else asked["max"])


class Law(NamedTuple):
    """How a statistic is distributed when nothing has changed.

    Attributes
    ----------
    tail
        Chance of at least a statistic.
    limit
        Statistic that is reached with a chance.
    """

    tail: Callable[[float], float]
    limit: Callable[[float], float]


def _law(asked: Asked, n: int, cells: Any) -> Law | None:
    """Return the distribution of the statistic when nothing has changed.

    None where the statistic itself is judged, or a table has no values. For ks it is the
    one that `scipy.stats.ks_2samp` takes as asymptotic.
    """
    if not (n and cells and _by_p(asked)):
        return None
    if asked["method"] == "chi_square":
        df = max(_n_filled(cells) - 1, 1)
        return Law(lambda x: chi_square_tail(x, df), lambda p: chi_square_limit(p, df))
    from scipy import stats

    law = stats.kstwo(effective_size(n, cells))
    return Law(lambda x: float(law.sf(x)), lambda p: float(law.isf(p)))


def _n_filled(cells: Sequence[Sequence[int]]) -> int:
    return sum(bool(sum(pair)) for pair in zip(*cells, strict=True))


plugin = Distribution()
