"""No value, or combination of values, is there twice."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Groups, Plan
from dsp.checks.groups import evidence
from dsp.checks.keys import key_of, proof
from dsp.checks.kind import SOME, Asked, Example, Kind, known, nothing


class Unique(Kind):
    """Holds that a key repeats in no row."""

    name = "unique"
    title = "no value, or combination of values, is there twice"
    dimension = "uniqueness"
    n_columns = SOME
    nulls = "rows without a value in one of the columns pass; NaN equals NaN"
    example = Example(
        toml='[[rules]]\nkind = "unique"\ncolumns = ["a", "b"]',
        passing={"a": [1, 1, None, None], "b": ["x", "y", "x", "x"]},
        failing={"a": [1, 1, 1, 2], "b": ["x", "x", "x", "x"]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows with a key, and the different keys."""
        return asked.seen(), proof(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; rows are grouped only when something repeats."""
        n_rows, n_keys = known(figures, asked.seen()), known(figures, proof(asked))
        groups = Groups(key_of(asked))
        what = f"{asked.names} {'repeats' if len(asked.columns) == 1 else 'repeat'} never"
        if len(asked.columns) > 1:
            what = f"{asked.names} together repeat never"
        return self.planned(
            asked,
            what,
            passed=f"All {{rows}} {{rows:value}} of {asked.names} "
            "{rows:is|are} different.",
            failed=f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:repeats|repeat}} "
            f"an earlier {asked.names}.",
            n_failed=0 if n_keys == n_rows else None,
            n_rows=n_rows,
            groups=groups if n_keys < n_rows else None,
            count_sql=evidence(asked.subject.relation, groups),
            nothing=nothing(asked),
        )


plugin = Unique()
