"""A key is there in every row, and identifies it."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Groups, Plan
from dsp.checks.groups import evidence
from dsp.checks.keys import key_of, proof
from dsp.checks.kind import SOME, Asked, Example, Kind, known, nothing, present


class PrimaryKey(Kind):
    """Holds that a key has a value in every row and repeats in none."""

    name = "primary_key"
    title = "a key is there in every row, and identifies it"
    dimension = "uniqueness"
    n_columns = SOME
    nulls = "a row without a value in one of the columns fails"
    example = Example(
        toml='[[rules]]\nkind = "primary_key"\ncolumns = ["a", "b"]',
        passing={"a": [1, 1, 2], "b": ["x", "y", "x"]},
        failing={"a": [1, 1, None, 2], "b": ["x", "x", "x", "x"]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows, those with a key, and the different keys."""
        return asked.filtered("count(*)"), asked.seen(), proof(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; rows are grouped only when something repeats."""
        n_rows = known(figures, asked.filtered("count(*)"))
        n_with, n_keys = known(figures, asked.seen()), known(figures, proof(asked))
        groups = Groups(key_of(asked))
        empty = asked.among(f"not ({present(asked.columns)})")
        relation = asked.subject.relation
        return self.planned(
            asked,
            f"{asked.names} identifies every row",
            passed=f"{asked.names} identifies all {{rows}} {{rows:row}}.",
            failed=f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:lacks|lack}} "
            f"{asked.names} or {{n:repeats|repeat}} an earlier one.",
            n_failed=n_rows - n_with if n_keys == n_with else None,
            n_besides=n_rows - n_with,
            n_rows=n_rows,
            groups=groups if n_keys < n_with else None,
            count_sql=f"select ({evidence(relation, groups)}) + (select count(*) "
            f"from {relation.sql} as t where {empty}) as n_failed",
            sample_predicate=empty if n_with < n_rows else None,
            nothing=nothing(asked),
        )


plugin = PrimaryKey()
