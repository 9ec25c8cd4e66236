"""Values that most rows have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found
from dsp.detectors.evidence_sql import text
from dsp.engine.duckdb_engine import quote

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

MIN_SHARE = 0.8
MIN_ROWS = 100


class TopShare:
    """One value makes up most of a column."""

    name = "top_share"

    def detect(self, scene: Scene) -> Found:
        """Read the counts of the frame."""
        listed = []
        for group in scene.frame.dimensions.values():
            n = group.n
            if len(n) < 2 or n.sum() < MIN_ROWS:
                continue
            place = int(n.argmax())
            share = float(n[place] / n.sum())
            if share < MIN_SHARE:
                continue
            column = quote(group.name)
            listed.append(
                Candidate(
                    kind="top_share",
                    columns=(group.name,),
                    segment_column=group.name,
                    segment_value=group.labels[place],
                    effect_name="share_of_rows",
                    effect=share,
                    n_rows=int(n[place]),
                    impact=share,
                    evidence_sql=(
                        f"select {text(group.name)} as label,\n"
                        "    count(*) / sum(count(*)) over () as value,\n"
                        f"    count(*) as n_rows\nfrom {scene.source}\n"
                        f"where {column} is not null\ngroup by 1\norder by 2 desc, 1"
                    ),
                    shape="share",
                    say=fact_words.top_share,
                )
            )
        return Found(candidates=tuple(listed))


plugin = TopShare()
