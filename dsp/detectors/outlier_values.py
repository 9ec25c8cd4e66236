"""Values far beyond the body of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

FENCE = 10.0
MAX_SHARE = 0.005
MIN_ROWS = 100
MAX_SKEWNESS_OF_BODY = 0.5


class OutlierValues:
    """A few values lie more than ten quartile ranges outside the quartiles."""

    name = "outlier_values"

    def detect(self, scene: Scene) -> Found:
        """Count values beyond the far fences, where the body is not skewed itself."""
        wanted = []
        n_of = {m.name: m.n for m in scene.frame.measures.values()}
        for name, number in scene.numbers.items():
            c = scene.columns[name]
            if (
                name not in n_of
                or number.event is not None
                or c.q25 is None
                or c.q75 is None
            ):
                continue
            width = c.q75 - c.q25
            if width <= 0 or c.n_rows < MIN_ROWS or _is_skewed(c.q05, c.q50, c.q95):
                continue
            wanted.append((name, c.q25 - FENCE * width, c.q75 + FENCE * width))
        if not wanted:
            return Found()
        tests = [
            f"not ({scene.value_sql(name)}) between {low!r} and {high!r}"
            for name, low, high in wanted
        ]
        picked = ", ".join(f"count(*) filter ({test})" for test in tests)
        (row,) = scene.engine.rows(f"select {picked} from {scene.source}")
        listed = []
        for (name, low, high), test, n in zip(wanted, tests, row, strict=True):
            total = n_of[name]
            if not 0 < n <= MAX_SHARE * total:
                continue
            listed.append(
                Candidate(
                    kind="outlier_values",
                    columns=(name,),
                    value=n / total,
                    effect_name="share_beyond",
                    effect=n / total,
                    n_rows=n,
                    impact=n / total,
                    evidence_sql=(
                        f"select count(*) filter ({test})\n    / count("
                        f"{scene.value_sql(name)}) as value,\n"
                        f"    count(*) filter ({test}) as n_rows\nfrom {scene.source}"
                    ),
                    shape="fact",
                    say=fact_words.outlier_values,
                    facts={"low": low, "high": high},
                )
            )
        return Found(candidates=tuple(listed))


def _is_skewed(q05: float | None, q50: float | None, q95: float | None) -> bool:
    if q05 is None or q50 is None or q95 is None or q95 <= q05:
        return True
    return abs(q95 + q05 - 2 * q50) / (q95 - q05) > MAX_SKEWNESS_OF_BODY


plugin = OutlierValues()
