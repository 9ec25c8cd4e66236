"""What follows from the threshold of a probability."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.charts.base import MAX_ROWS, Facts, Look, Plan
from dsp.charts.lines import Lines
from dsp.engine.duckdb_engine import literal


class Thresholds(Lines):
    """Draws precision, recall and F1 along the threshold."""

    name = "thresholds"
    has_points = False

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the thresholds of the best model of two classes."""
        best = facts.best
        if best is None or best.task != "binary" or facts.engine is None:
            return []
        which = f"from main.thresholds\nwhere model_id = {literal(best.model_id)}\n"
        if not facts.engine.rows(f"select 1 {which} limit 1"):
            return []
        sql = (
            "select threshold as x,\n    value,\n    label\nfrom (\n"
            '    unpivot (\n        select threshold, precision as "Precision", '
            'recall as "Recall", f1 as "F1"\n'
            f"        {which.replace(chr(10), ' ')}\n"
            '    ) on "Precision", "Recall", "F1" into name label value value\n)\n'
            f"order by label, x\nlimit {MAX_ROWS}"
        )
        return [
            Plan(
                "model_thresholds",
                "model",
                "Precision and recall by threshold",
                "What follows from calling a row from a probability on, on held-out "
                "rows. The table thresholds has counts and costs.",
                sql,
                Look(
                    "Share",
                    "Threshold",
                    "percent",
                    height=260,
                    columns=("x", "value", "label"),
                ),
            )
        ]


plugin = Thresholds()
