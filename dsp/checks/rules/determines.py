"""Columns determine other columns."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Groups, Plan, label
from dsp.checks.groups import evidence
from dsp.checks.kind import (
    SOME,
    Asked,
    Example,
    Kind,
    Parameter,
    known,
    listed,
    nothing,
    present,
)


class Determines(Kind):
    """Holds that rows equal in some columns are equal in others (a dependency)."""

    name = "determines"
    title = "rows equal in some columns are equal in others"
    dimension = "consistency"
    n_columns = SOME
    parameters = (
        Parameter(
            "dependents", "columns", "Columns that are determined.", is_required=True
        ),
    )
    nulls = "rows that lack one of the columns pass"
    example = Example(
        toml='[[rules]]\nkind = "determines"\ncolumns = ["zip"]\ndependents = ["town"]',
        passing={"zip": [1, 1, 2, 1], "town": ["a", "a", "a", None]},
        failing={"zip": [1, 1, 1, 2, 2], "town": ["a", "b", "a", "c", "d"]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows, the keys, and the keys with what they determine."""
        both = f"({_key(asked)}, {_value(asked)})"
        return _seen(asked), f"count(distinct {_key(asked)})", _distinct(asked, both)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; rows are grouped only when a key has several values."""
        _, keys, pairs = self.measures(asked)
        holds = known(figures, keys) == known(figures, pairs)
        groups = Groups(_key(asked), _value(asked))
        others = listed([label(name) for name in asked["dependents"]])
        what = f"{asked.names} determines {others}"
        return self.planned(
            asked,
            what,
            passed=f"{what[0].upper()}{what[1:]} in all {{rows}} {{rows:row}}.",
            failed=f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:has|have}} another "
            f"{others} than most rows with the same {asked.names}.",
            n_failed=0 if holds else None,
            n_rows=known(figures, _seen(asked)),
            groups=None if holds else groups,
            count_sql=evidence(asked.subject.relation, groups),
            nothing=nothing(asked),
        )


def _all(asked: Asked) -> str:
    others = [asked.find(name) for name in asked["dependents"]]
    return asked.among(present([*asked.columns, *others]))


def _seen(asked: Asked) -> str:
    return f"count(*) filter (where {_all(asked)})"


def _key(asked: Asked) -> str:
    names = ", ".join(column.sql for column in asked.columns)
    return f"case when {_all(asked)} then row({names}) end"


def _value(asked: Asked) -> str:
    names = ", ".join(asked.find(name).sql for name in asked["dependents"])
    return f"row({names})"


def _distinct(asked: Asked, both: str) -> str:
    return f"count(distinct case when {_all(asked)} then {both} end)"


plugin = Determines()
