"""Rows for which a model does worse than for the others."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.charts.base import Facts, Look, Plan
from dsp.charts.importance import ImportanceBars
from dsp.engine.duckdb_engine import literal

SHOWN = 8
LOSSES = {"absolute_error": "absolute error", "log_loss": "log loss"}


class Slices(ImportanceBars):
    """Draws label, value, low and high as bars with an interval."""

    name = "slices"

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the significant slices of the best model, the worst first."""
        best = facts.best
        if best is None or facts.engine is None:
            return []
        which = (
            f"from main.model_slices\nwhere model_id = {literal(best.model_id)}\n"
            "    and is_significant\n"
        )
        found = facts.engine.rows(f"select count(*), any_value(metric)\n{which}")
        if not found[0][0]:
            return []
        loss = LOSSES[str(found[0][1])]
        sql = (
            "select description as label,\n    difference as value,\n    low,\n    high\n"
            f"{which}order by rank\nlimit {SHOWN}"
        )
        return [
            Plan(
                "model_slices",
                "model",
                "Where the model does worse",
                f"Mean {loss} of these rows above that of the others, on rows the model "
                "had not seen; only what stands after correction for many looks.",
                sql,
                Look(
                    f"More {loss} than other rows",
                    "Rows",
                    columns=("label", "value", "low", "high"),
                ),
            )
        ]


plugin = Slices()
