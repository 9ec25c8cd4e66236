"""Text columns of many values that repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_VALUES = 1_000


class HighCardinality:
    """Many values."""

    name = "high_cardinality"

    def detect(self, scene: Scene) -> Found:
        """Read the distinct counts of the profile."""
        return Found(
            candidates=tuple(
                Candidate(
                    kind="high_cardinality",
                    columns=(c.column_name,),
                    effect_name="distinct_values",
                    effect=float(c.n_distinct),
                    n_rows=c.n_rows,
                    impact=1.0,
                    evidence_sql=(
                        f"select count(distinct {quote(c.column_name)}) as value,\n"
                        f"    count({quote(c.column_name)}) as n_rows\n"
                        f"from {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.high_cardinality,
                )
                for c in scene.columns.values()
                if c.family == "text"
                and c.role != "identifier"
                and c.distinct_exact
                and MIN_VALUES <= c.n_distinct <= c.n_rows / 2
            )
        )


plugin = HighCardinality()
