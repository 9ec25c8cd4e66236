"""Columns that hold one value only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
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
                        "    count(*) as n_rows,\n"
                        f"    count(*) - count({quote(c.column_name)}) as n_missing,\n"
                        f"    cast(min({quote(c.column_name)}) as varchar) as only\n"
                        f"from {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.constant,
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
