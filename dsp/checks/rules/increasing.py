"""Values rise, or fall, from row to row."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan
from dsp.checks.kind import ORDERED, TEXT, Asked, Example, Kind, Parameter, known, nothing


class Increasing(Kind):
    """Holds that no value is lower than the one before it, in the order of the rows."""

    name = "increasing"
    title = "values rise, or fall, from row to row"
    dimension = "consistency"
    parameters = (
        Parameter("strictly", "boolean", "Whether equal values fail.", default=False),
        Parameter("decreasing", "boolean", "Whether values should fall.", default=False),
        Parameter("by", "columns", "Columns; each group of them is looked at alone."),
        Parameter("along", "text", "Column that orders the rows, instead of the file."),
    )
    families = (*ORDERED, *TEXT)
    nulls = "they are skipped; NaN is above all numbers"
    example = Example(
        toml="[columns.at]\nincreasing = true",
        passing={"at": [1, 1, None, 3]},
        failing={"at": [1, 5, None, 3, 4, 2]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the values."""
        self.check(asked)
        return (asked.seen(),)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        n_values = known(figures, asked.seen())
        column = asked.column.sql
        by = [asked.find(name).sql for name in asked["by"] or ()]
        along = asked.find(asked["along"]).sql if asked["along"] else None
        value = f"case when {asked.where} then {column} end" if asked.where else column
        order = f"{along}, dsp_row_number" if along else "dsp_row_number"
        is_plain = n_values == asked.subject.n_rows and not (by or along or asked.where)
        # Without an order DuckDB looks one row back while it reads: no sort, no memory.
        parts = [f"partition by {', '.join(by)}"] if by else []
        parts += [] if is_plain else [f"order by {order}"]
        skip = "" if is_plain else " ignore nulls"
        before = f"lag({value}{skip}) over ({' '.join(parts)})"
        sign = ">" if asked["decreasing"] else "<"
        sign += "=" if asked["strictly"] else ""
        word = "falls" if asked["decreasing"] else "rises"
        way = f"strictly {word}" if asked["strictly"] else f"never {_OTHER[word]}"
        inner = f" within {', '.join(asked['by'])}" if by else ""
        what = f"{asked.names} {way} from row to row{inner}"
        return self.planned(
            asked,
            what,
            passed=f"{what[0].upper()}{what[1:]} ({{rows}} {{rows:value}}).",
            failed=f"{{n}} of {{rows}} {{rows:value}} ({{percent}}) "
            f"{{n:is|are}} out of order: {what}.",
            window=f"{value} {sign} {before}",
            n_rows=n_values,
            nothing=nothing(asked),
        )


_OTHER = {"rises": "falls", "falls": "rises"}


plugin = Increasing()
