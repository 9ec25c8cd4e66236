"""Every record of the source could be read."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan
from dsp.checks.kind import NONE, Asked, Example, Kind, Parameter


class NoRejects(Kind):
    """Holds that every record of a file could be read into a row."""

    name = "no_rejects"
    title = "every record of the source could be read"
    dimension = "completeness"
    n_columns = NONE
    parameters = (
        Parameter("max", "integer", "Most records that may be left out.", default=0),
    )
    primary = "max"
    nulls = "they are not looked at"
    example = Example(
        toml="[table]\nno_rejects = true",
        passing={"a": [1]},
        failing={},
        n_failed=0,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Need nothing of the table."""
        del asked
        return ()

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Count the records that were kept apart when the source was read."""
        del figures
        rejects, engine = (
            asked.subject.beside.get("rejects"),
            asked.subject.relation.engine,
        )
        n_rejected = 0
        if rejects is not None:
            n_rejected = engine.rows(f"select count(*) from {rejects}", is_scan=False)[0][
                0
            ]
        n_failed = max(0, n_rejected - asked["max"])
        more = f" beyond the {asked['max']} that may" if asked["max"] else ""
        return self.planned(
            asked,
            "every record can be read",
            passed="All records that had to be read could be.",
            failed=f"{{n}} {{n:record}} could not be read{more}.",
            n_failed=n_failed,
            n_rows=asked.subject.n_rows + n_rejected,
            count_sql=f"select greatest(0, count(*) - {asked['max']:d}) as n_failed "
            f"from {rejects}"
            if rejects
            else "select 0 as n_failed",
            rejects=rejects,
        )


plugin = NoRejects()
