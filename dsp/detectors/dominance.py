"""One value that carries a large share of a total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Found, Rows, Words, found
from dsp.detectors.gram import grouped
from dsp.detectors.relations import Apart
from dsp.detectors.terms import Term
from dsp.detectors.words import first, name, row_of, rows, total
from dsp.engine.duckdb_engine import quote
from dsp.numbers import count, counted, share

if TYPE_CHECKING:
    from dsp.detectors.frame import Dimension, Measure
    from dsp.detectors.scene import Scene

MOST = 0.5
"""Share of a total that one value must carry."""
LARGE = 0.08
TIMES = 2.0
"""Or less of it, when that is many times its share of the rows."""
MORE = 1.1
"""Times its share of the rows: most rows carry most of a total, which is no news."""
MIN_VALUES = 3
MAX_ROWS = 0.95
MIN_SPREAD = 0.4
"""Standard deviation over mean: a sum of things that hardly vary says nothing."""


class Dominance:
    """One value carries a large share of a total."""

    name = "dominance"

    def detect(self, scene: Scene) -> Found:
        """Share out the total of every measure that adds up."""
        listed: list[Candidate] = []
        n_tests = 0
        for m in scene.frame.measures.values():
            if not adds_up(m):
                continue
            for group in scene.frame.groupings().values():
                if group.name != m.name:
                    n_tests += len(group.labels)
                    listed += _largest(scene, group, m)
        most = [c for c in listed if c.p_value is None]
        most.sort(key=lambda c: (-(c.effect or 0.0), c.columns))
        return found([c for c in listed if c.p_value is not None] + most[:1], n_tests)


def adds_up(m: Measure) -> bool:
    """Tell whether a total of a measure says something: not negative, and it varies."""
    if m.event is not None:
        return False
    x = m.x[m.has]
    low, high = float(x.min()), float(x.max())
    if low < 0 or high <= 0:
        return False
    x = x / high
    return float(x.std()) >= MIN_SPREAD * float(x.mean())


def _largest(scene: Scene, group: Dimension, m: Measure) -> list[Candidate]:
    import numpy as np

    use = m.has & (group.code >= 0)
    k = len(group.labels)
    if not use.any() or float(m.x[use].max()) <= 0:
        return []
    x = m.x[use] / float(m.x[use].max())
    totals = np.bincount(group.code[use], weights=x, minlength=k)
    n = np.bincount(group.code[use], minlength=k)
    if (n > 0).sum() < MIN_VALUES or totals.sum() <= 0:
        return []
    # The one whose share is furthest from that of its rows.
    place = int(np.argmax(totals / totals.sum() - n / n.sum()))
    part = float(totals[place] / totals.sum())
    of_rows = float(n[place] / n.sum())
    is_most = part >= max(MOST, MORE * of_rows) and of_rows <= MAX_ROWS
    is_most = is_most and m.name == scene.target
    is_large = part >= LARGE and part >= TIMES * of_rows
    if not (is_most or is_large):
        return []
    apart = Apart(grouped(group.code, k, m.z, m.has), place)
    if is_large and (apart.p_value > 1e-3 or apart.effect <= 0) and not is_most:
        return []
    return [
        Candidate(
            kind="dominance",
            columns=(group.name, m.name),
            target=m.name,
            segment_column=group.name,
            segment_value=group.labels[place],
            direction="up",
            effect_name="share_of_total",
            effect=part,
            n_rows=int(n[place]),
            impact=part,
            test="rank sum of its rows" if is_large else None,
            statistic=apart.statistic if is_large else None,
            p_value=apart.p_value if is_large else None,
            evidence_sql=_shares(scene, group.name, m.name),
            shape="share",
            response=m.name if is_large else None,
            term=_term(group.name, group.labels[place]) if is_large else None,
            say=_say,
            facts={"row_share": of_rows},
        )
    ]


def _term(dimension: str, label: str) -> Term:
    return Term(form="level", columns=(dimension,), value=label)


def _shares(scene: Scene, dimension: str, measure: str) -> str:
    value = evidence.shown(scene, measure)
    return (
        f"select {evidence.text(dimension)} as label,\n"
        f"    sum({value}) / sum(sum({value})) over () as value,\n"
        f"    count({value}) as n_rows,\n"
        f"    count({value}) / sum(count({value})) over () as row_share\n"
        f"from {scene.source}\nwhere {quote(dimension)} is not null\ngroup by 1\n"
        "order by 2 desc, 1"
    )


def _say(c: Candidate, found_rows: Rows) -> Words:
    dimension, measure = name(c.columns[0]), name(c.columns[1])
    label = name(c.segment_value)
    row: Any = row_of(found_rows, c.segment_value)
    title = f"{dimension} {label} carries a large part of all {measure}"
    if not row:
        return Words(title, f"{title}.", f"Follow {label} on its own.")
    return Words(
        f"{dimension} {label} carries {share(row['value'])} of all {measure} with "
        f"{share(row['row_share'])} of rows",
        f"{first(dimension)} {label} is one of {counted(len(found_rows), 'value')}. "
        f"It carries {share(row['value'])} of all {measure} with "
        f"{share(row['row_share'])} of the rows ({count(int(row['n_rows']))} of "
        f"{rows(total(found_rows))}).",
        f"Follow {label} on its own: what happens to it moves the total.",
        value=row["value"],
        baseline=row["row_share"],
    )


plugin = Dominance()
