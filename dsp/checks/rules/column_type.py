"""A column has a type."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan
from dsp.checks.kind import Asked, Example, Kind, Parameter

FAMILIES = (
    "integer", "decimal", "float", "number", "text", "boolean", "date", "timestamp",
    "time", "enum", "json", "binary", "nested",
)  # fmt: skip
WIDER = {
    "number": ("integer", "decimal", "float"),
    "text": ("text", "enum"),
    "decimal": ("decimal", "integer"),
    "float": ("float", "decimal", "integer"),
    "timestamp": ("timestamp", "date"),
}


class ColumnType(Kind):
    """Holds that a column has a type: a family of types, or one of DuckDB's by name."""

    name = "column_type"
    title = "a column has a type"
    parameters = (
        Parameter(
            "type",
            "text",
            f"A family ({', '.join(FAMILIES)}), or a type such as DECIMAL(12,2).",
            is_required=True,
            short=("type",),
        ),
        Parameter(
            "exact",
            "boolean",
            "Whether a narrower type (integers for decimals) will not do.",
            default=False,
        ),
    )
    primary = "type"
    nulls = "they have no type and are not looked at"
    example = Example(
        toml='[columns.price]\ntype = "decimal"',
        passing={"price": [1, 2]},
        failing={"price": ["a"]},
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Need no figures."""
        del asked
        return ()

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Compare the type."""
        del figures
        column, wanted = asked.column, asked["type"]
        folded = wanted.strip().casefold()
        if folded in FAMILIES:
            some = (folded,) if asked["exact"] else WIDER.get(folded, (folded,))
            holds = column.family in some
        else:
            holds = _plain(wanted) == _plain(column.data_type)
        said = f"{asked.names} holds {column.data_type}"
        return self.planned(
            asked,
            f"{asked.names} holds {wanted}",
            passed=f"{said}.",
            failed=f"{said}, not {wanted}.",
            n_failed=int(not holds),
            n_rows=1,
            count_sql=f"select {int(not holds)} as n_failed",
        )


def _plain(name: str) -> str:
    short = {"INT": "INTEGER", "STRING": "VARCHAR", "TEXT": "VARCHAR", "BOOL": "BOOLEAN"}
    folded = "".join(name.upper().split())
    return short.get(folded, folded)


plugin = ColumnType()
