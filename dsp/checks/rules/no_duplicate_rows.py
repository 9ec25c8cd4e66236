"""No row repeats another."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Groups, Plan
from dsp.checks.groups import evidence
from dsp.checks.kind import ANY, Asked, Example, Kind, known, nothing


class NoDuplicateRows(Kind):
    """Holds that no row repeats another, in all columns or in some."""

    name = "no_duplicate_rows"
    title = "no row repeats another, in all columns or in some"
    dimension = "uniqueness"
    n_columns = ANY
    nulls = "null equals null, and NaN equals NaN"
    example = Example(
        toml="[table]\nno_duplicate_rows = true",
        passing={"a": [1, 1, None], "b": ["x", None, None]},
        failing={"a": [1, 1, None, None, 2], "b": ["x", "x", None, None, "x"]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows, and the different ones."""
        return asked.filtered("count(*)"), _hashes(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; rows are grouped only when something repeats."""
        n_rows = known(figures, asked.filtered("count(*)"))
        n_different = known(figures, _hashes(asked))
        groups = Groups(_key(asked))
        where = f" in {asked.names}" if asked.columns else " in all columns"
        return self.planned(
            asked,
            f"no row repeats another{where}",
            passed=f"All {{rows}} {{rows:row is|rows are}} different{where}.",
            failed=f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:repeats|repeat}} "
            f"an earlier row{where}.",
            n_failed=0 if n_different == n_rows else None,
            n_rows=n_rows,
            groups=groups if n_different < n_rows else None,
            count_sql=evidence(asked.subject.relation, groups),
            nothing=nothing(asked),
        )


def _columns(asked: Asked) -> str:
    return ", ".join(c.sql for c in asked.columns or asked.subject.columns)


def _key(asked: Asked) -> str:
    row = f"row({_columns(asked)})"
    return f"case when {asked.where} then {row} end" if asked.where else row


def _hashes(asked: Asked) -> str:
    """Return an aggregate that is the number of rows only if no row repeats another."""
    return asked.filtered(f"count(distinct hash({_columns(asked)}))")


plugin = NoDuplicateRows()
