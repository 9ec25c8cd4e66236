"""Columns with missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.05


class MissingValues:
    """Five percent or more of a column are missing."""

    name = "missing_values"

    def detect(self, scene: Scene) -> Found:
        """Read the counts of the profile."""
        listed = []
        for c in scene.columns.values():
            missing = min(c.n_null + c.n_nan, c.n_rows)
            if not c.n_rows or missing / c.n_rows < MIN_SHARE or missing == c.n_rows:
                continue
            column = quote(c.column_name)
            is_null = f"{column} is null"
            if c.family == "float" and c.n_nan:
                is_null = f"({column} is null or isnan({column}))"
            listed.append(
                Candidate(
                    kind="missing_values",
                    columns=(c.column_name,),
                    value=missing / c.n_rows,
                    effect_name="missing_share",
                    effect=missing / c.n_rows,
                    n_rows=missing,
                    impact=missing / c.n_rows,
                    evidence_sql=(
                        f"select avg(cast({is_null} as integer)) as value,\n"
                        f"    count(*) filter ({is_null}) as n_rows\nfrom {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.missing_values,
                )
            )
        return Found(candidates=tuple(listed))


plugin = MissingValues()
