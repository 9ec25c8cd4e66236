"""Placeholders that stand for missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsp.detectors import fact_words
from dsp.detectors.base import Candidate, Found
from dsp.detectors.evidence_sql import text
from dsp.engine.duckdb_engine import literal, quote

if TYPE_CHECKING:
    from dsp.detectors.frame import Measure
    from dsp.detectors.scene import Scene

NINES = tuple(s * (10.0**digits - 1) for digits in range(1, 10) for s in (1, -1))
NUMBERS = (*NINES, -1.0, 8888.0, 88888.0, -8888.0, 1e9, -1e9)
_WORDS = (
    "unknown,n/a,na,none,null,nil,nan,missing,undefined,tbd,?,-,--,.,x,xx,xxx,#n/a,#ref!,"
    "(blank),(null),not available,not applicable,unspecified"
)
WORDS = frozenset(_WORDS.split(","))
MIN_ROWS = 5
MIN_SHARE = 0.001
MAX_SHARE = 0.6
FAR = 0.5
"""Distance from the next value, in widths of the middle nine tenths of the others."""


class Sentinel:
    """A placeholder stands for missing."""

    name = "sentinel"

    def detect(self, scene: Scene) -> Found:
        """Look for numbers far from all others, and for words that say nothing."""
        listed: list[Candidate] = []
        for m in scene.frame.measures.values():
            if m.event is None and m.n >= 10 * MIN_ROWS:
                listed += _numbers(scene, m)
        for group in scene.frame.groupings().values():
            n = group.n
            for place, label in enumerate(group.labels):
                if label.strip().casefold() not in WORDS or len(group.labels) < 3:
                    continue
                part = float(n[place] / max(n.sum(), 1))
                if n[place] >= MIN_ROWS and MIN_SHARE <= part <= MAX_SHARE:
                    listed.append(_word(scene, group.name, label, int(n[place]), part))
        return Found(candidates=tuple(listed))


def _numbers(scene: Scene, m: Measure) -> list[Candidate]:
    import numpy as np

    x = m.x[m.has]
    found = []
    for value in NUMBERS:
        same = x == value
        n = int(same.sum())
        if n < MIN_ROWS or not MIN_SHARE <= n / len(x) <= MAX_SHARE:
            continue
        others = x[~same]
        low, high = np.percentile(others, [5, 95])
        width = max(float(high - low), 1e-12)
        end = float(others.min()) if value < low else float(others.max())
        is_outside = value < others.min() or value > others.max()
        if is_outside and abs(value - end) >= FAR * width:
            found.append(_number(scene, m.name, value, n, n / len(x)))
    return found


def _number(scene: Scene, measure: str, value: float, n: int, part: float) -> Candidate:
    x = scene.value_sql(measure)
    return Candidate(
        kind="sentinel",
        columns=(measure,),
        effect_name="share_of_rows",
        effect=part,
        n_rows=n,
        impact=part,
        evidence_sql=(
            f"select avg(cast({x} = {value!r} as integer)) as value,\n"
            f"    count(*) filter ({x} = {value!r}) as n_rows,\n"
            f"    min({x}) filter ({x} <> {value!r}) as low,\n"
            f"    max({x}) filter ({x} <> {value!r}) as high\nfrom {scene.source}"
        ),
        shape="fact",
        say=fact_words.sentinel,
        facts={"shown": f"{value:.0f}"},
    )


def _word(scene: Scene, column: str, label: str, n: int, part: float) -> Candidate:
    test = f"{text(column)} = {literal(label)}"
    return Candidate(
        kind="sentinel",
        columns=(column,),
        effect_name="share_of_rows",
        effect=part,
        n_rows=n,
        impact=part,
        evidence_sql=(
            f"select avg(cast({test} as integer)) as value,\n"
            f"    count(*) filter ({test}) as n_rows\nfrom {scene.source}\n"
            f"where {quote(column)} is not null"
        ),
        shape="fact",
        say=fact_words.sentinel,
        facts={"shown": label},
    )


plugin = Sentinel()
