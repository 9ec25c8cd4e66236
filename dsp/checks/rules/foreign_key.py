"""Values are there in another table."""

from __future__ import annotations

from dsp.checks.base import Field, label
from dsp.checks.kind import (
    SOME,
    Asked,
    Example,
    Parameter,
    Reference,
    RowKind,
    present,
)
from dsp.checks.rule import Rule
from dsp.errors import RuleError


class ForeignKey(RowKind):
    """Holds that every key is there in another file or table."""

    name = "foreign_key"
    title = "values are there in another file or table"
    dimension = "consistency"
    n_columns = SOME
    parameters = (
        Parameter(
            "to", "source", "File, glob, database.db::table or table.", is_required=True
        ),
        Parameter(
            "to_columns", "columns", "Columns there; of the same names when not given."
        ),
    )
    nulls = "rows that lack one of the columns pass"
    example = Example(
        toml='[[rules]]\nkind = "foreign_key"\ncolumn = "customer"\n'
        'to = "customers.csv"\nto_columns = ["id"]',
        passing={"customer": [1, 2, 2, None]},
        failing={"customer": [1, 3, 4, 3, None]},
        n_failed=3,
        references={"customers.csv": {"id": [1, 2, None]}},
    )

    def references(self, rule: Rule) -> tuple[Reference, ...]:
        """Need the different keys of the other table."""
        return (Reference(rule.parameters["to"], _there(rule), is_distinct=True),)

    def failing(self, asked: Asked) -> str:
        """Fail where the other table lacks the key."""
        relation = asked.reference(asked["to"])
        names = _there(asked.rule)
        if len(names) != len(asked.columns):
            raise RuleError(
                f"{len(asked.columns)} columns refer to {len(names)}",
                hint="name as many to_columns as columns",
                key="to_columns",
            )
        others = [relation.find(name) for name in names]
        for here, there in zip(asked.columns, others, strict=True):
            _compare(here, there, single=len(names) == 1)
        keys = ", ".join(
            there.sql
            if here.data_type == there.data_type or len(names) == 1
            else f"try_cast({there.sql} as {here.data_type})"
            for here, there in zip(asked.columns, others, strict=True)
        )
        mine = ", ".join(column.sql for column in asked.columns)
        if len(names) > 1:
            mine, keys = f"row({mine})", f"row({keys})"
        # Nulls among the keys would make every miss unknown.
        known = f"select {keys} from {relation.sql} as r where {present(others)}"
        return f"{present(asked.columns)} and {mine} not in ({known})"

    def expectation(self, asked: Asked) -> str:
        """Name the columns and where they lead."""
        there = ", ".join(label(name) for name in _there(asked.rule))
        to = asked["to"] if isinstance(asked["to"], str) else "the other table"
        return f"{asked.names} is there in {label(to)} ({there})"


def _there(rule: Rule) -> tuple[str, ...]:
    return tuple(rule.parameters.get("to_columns") or rule.columns)


def _compare(here: Field, there: Field, *, single: bool) -> None:
    """Refuse keys of types that are not equal to one another."""
    same = here.data_type == there.data_type or here.family == there.family
    alike = {here.family, there.family} <= {"text", "enum"}
    if not (same or alike or (single and here.is_numeric and there.is_numeric)):
        raise RuleError(
            f"{label(here.name)} holds {here.data_type}, and {label(there.name)} of the "
            f"other table {there.data_type}"
        )


plugin = ForeignKey()
