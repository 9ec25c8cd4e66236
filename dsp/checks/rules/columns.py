"""The table has the columns that are expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dsp.checks.base import Figures, Plan, label
from dsp.checks.kind import NONE, Asked, Example, Kind, Parameter, listed


class Columns(Kind):
    """Holds that the table has some columns, no others, and in order."""

    name = "columns"
    title = "the table has the columns that are expected"
    dimension = "consistency"
    n_columns = NONE
    parameters = (
        Parameter("names", "columns", "Columns that must be there.", is_required=True),
        Parameter("others", "boolean", "Whether there may be others.", default=False),
        Parameter("may_be", "columns", "Columns that may be there or not.", default=()),
        Parameter("ordered", "boolean", "Whether their order counts.", default=False),
    )
    primary = "names"
    nulls = "they are not looked at"
    example = Example(
        toml='[table]\ncolumns = { names = ["a", "b"], ordered = true }',
        passing={"a": [1], "b": [2]},
        failing={"b": [1], "a": [2], "c": [3]},
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Need no figures."""
        del asked
        return ()

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Compare names, number and order."""
        del figures
        wanted: Sequence[str] = asked["names"]
        fine = {*wanted, *asked["may_be"]}
        there = [column.name for column in asked.subject.columns]
        lacking = [name for name in wanted if name not in there]
        more = [] if asked["others"] else [name for name in there if name not in fine]
        order = [name for name in there if name in wanted]
        is_out = asked["ordered"] and order != [name for name in wanted if name in there]
        said = [f"{listed([label(n) for n in lacking])} lacking"] * bool(lacking)
        said += [f"{listed([label(n) for n in more])} not expected"] * bool(more)
        said += ["the order is another one"] * is_out
        n_failed = len(lacking) + len(more) + is_out
        shown = listed([label(name) for name in (wanted or asked["may_be"])[:12]])
        what = f"the columns {'are' if wanted else 'may be'} {shown or 'none'}"
        return self.planned(
            asked,
            what,
            passed=f"The table is as expected: {what}.",
            failed=f"The columns are not as expected: {'; '.join(said)}.",
            n_failed=n_failed,
            n_rows=max(len(wanted), 1),
            count_sql=f"select {n_failed} as n_failed",
        )


plugin = Columns()
