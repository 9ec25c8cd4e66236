"""Columns that hold one value only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Found
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_ROWS = 10


class ConstantColumn:
    """One value only, or none."""

    name = "constant_column"

    def detect(self, scene: Scene) -> Found:
        """Read the distinct counts of the profile."""
        return Found(
            candidates=tuple(
                Candidate(
                    kind="constant_column",
                    columns=(c.column_name,),
                    value=float(c.n_distinct),
                    effect_name="distinct_values",
                    effect=float(c.n_distinct),
                    n_rows=c.n_rows,
                    impact=1.0,
                    evidence_sql=(
                        f"select count(distinct {quote(c.column_name)}) as value,\n"
                        f"    count(*) as n_rows\nfrom {scene.source}"
                    ),
                    shape="fact",
                    facts={
                        "form": "constant",
                        "only": c.min_value,
                        "n_missing": c.n_null + c.n_nan,
                    },
                )
                for c in scene.columns.values()
                if c.n_rows >= MIN_ROWS
                and c.n_distinct <= 1
                and c.distinct_exact
                and c.family not in ("nested", "binary", "other")
                and c.n_nan + c.n_infinite == 0
            )
        )


plugin = ConstantColumn()
