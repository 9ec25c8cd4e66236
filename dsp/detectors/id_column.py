"""Columns that number or name the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_ROWS = 10


class IdColumn:
    """An identifier: every row has its own value."""

    name = "id_column"

    def detect(self, scene: Scene) -> Found:
        """Read roles and uniqueness of the profile."""
        return Found(
            candidates=tuple(
                Candidate(
                    kind="id_column",
                    columns=(c.column_name,),
                    value=float(c.n_rows),
                    effect_name="distinct_values",
                    effect=float(c.n_rows),
                    n_rows=c.n_rows,
                    impact=1.0,
                    evidence_sql=(
                        f"select count(distinct {quote(c.column_name)}) as value,\n"
                        f"    count(*) as n_rows\nfrom {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.identifier,
                )
                for c in scene.columns.values()
                if c.n_rows >= MIN_ROWS
                and c.role == "identifier"
                and c.is_unique
                and c.distinct_exact
                and c.column_name != scene.target
                and c.family in ("integer", "text")
            )
        )


plugin = IdColumn()
