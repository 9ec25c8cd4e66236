"""Turns candidates into insights: control, collapse, ranking and words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from dsp.detectors import Candidate, Detected
from dsp.insights.collapse import explain
from dsp.insights.control import ALPHA, holm
from dsp.insights.evidence import has_chart
from dsp.insights.fact_words import Words
from dsp.insights.ranking import arrange, score, severity
from dsp.insights.wording import quiet_words, words
from dsp.records import ColumnProfile, Insight

MAX_QUIET = 20
MAX_OF_KIND = 40
MAX_TITLE = 90


class InsightGenerator:
    """Decides which findings may be said, in which order and in which words.

    Examples
    --------
    >>> from dsp.detectors import Detected
    >>> InsightGenerator().generate(Detected(), (), n_rows=0)
    ()
    """

    def generate(
        self,
        detected: Detected,
        columns: Sequence[ColumnProfile],
        *,
        target: str | None = None,
        context: str | None = None,
        n_rows: int,
    ) -> tuple[Insight, ...]:
        """Return ranked insights; all that is asserted survives Holm over all tests.

        Parameters
        ----------
        detected
            Candidates and the number of tests that ran.
        columns
            Profiles; candidates about other columns are left out.
        target
            The column to explain; findings about it rank higher.
        context
            Words of the user; findings about columns they name rank higher.
        n_rows
            Rows of the data; without rows nothing is said.

        Returns
        -------
        tuple of Insight
            Asserted ones first, then up to 20 tests that found nothing.
        """
        known = {c.column_name for c in columns}
        listed = [c for c in detected.candidates if known.issuperset(c.columns)]
        if not listed or n_rows < 1:
            return ()
        tested = [c for c in listed if c.p_value is not None]
        adjusted = holm([c.p_value or 0.0 for c in tested], detected.n_tests)
        q_values = {id(c): q for c, q in zip(tested, adjusted, strict=True)}
        said = [c for c in listed if c.is_large and q_values.get(id(c), 0.0) < ALPHA]
        scores = [score(c, target=target, context=context) for c in said]
        said, scores = _limit(said, scores)
        explained = explain(said, scores)
        ids = [_identifier(c) for c in said]
        insights: list[Insight] = []
        for place, points in arrange(said, scores, explained, target):
            c = said[place]
            cause = explained.get(place)
            insights.append(
                _insight(
                    c,
                    words(c),
                    insight_id=ids[place],
                    rank=len(insights) + 1,
                    points=points,
                    q=q_values.get(id(c)),
                    n_tests=detected.n_tests,
                    explained_by=None if cause is None else ids[cause],
                )
            )
        quiet = [c for c in tested if q_values[id(c)] >= ALPHA]
        quiet.sort(key=lambda c: (c.kind != "driver", c.p_value or 0.0, c.columns))
        for c in quiet[:MAX_QUIET]:
            q = q_values[id(c)]
            insights.append(
                _insight(
                    c,
                    quiet_words(c, q),
                    insight_id=_identifier(c),
                    rank=len(insights) + 1,
                    points=0.0,
                    q=q,
                    n_tests=detected.n_tests,
                    asserted=False,
                )
            )
        return tuple(insights)


def _limit(
    said: list[Candidate], scores: list[float]
) -> tuple[list[Candidate], list[float]]:
    """Keep the best forty of each kind."""
    order = sorted(range(len(said)), key=lambda i: (-scores[i], i))
    count: dict[str, int] = {}
    kept = []
    for i in order:
        count[said[i].kind] = count.get(said[i].kind, 0) + 1
        if count[said[i].kind] <= MAX_OF_KIND:
            kept.append(i)
    kept.sort()
    return [said[i] for i in kept], [scores[i] for i in kept]


def _identifier(c: Candidate) -> str:
    parts = (c.kind, *c.columns, c.segment_value, c.time_start, c.period, c.target)
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _insight(
    c: Candidate,
    said: Words,
    *,
    insight_id: str,
    rank: int,
    points: float,
    q: float | None,
    n_tests: int,
    explained_by: str | None = None,
    asserted: bool = True,
) -> Insight:
    title = said.title if len(said.title) <= MAX_TITLE else said.title[:89] + "…"
    return Insight(
        insight_id=insight_id,
        rank=rank,
        score=points,
        asserted=asserted,
        kind=c.kind,
        title=title,
        columns=c.columns,
        target=c.target,
        segment_column=c.segment_column,
        segment_value=c.segment_value,
        time_start=c.time_start,
        time_end=c.time_end,
        period=c.period,
        direction=c.direction,
        baseline=c.baseline,
        value=c.value,
        effect_name=c.effect_name,
        effect=c.effect,
        effect_low=c.effect_low,
        effect_high=c.effect_high,
        n_rows=c.n_rows,
        impact=c.impact,
        test=c.test,
        unit=c.unit,
        statistic=c.statistic,
        p_value=c.p_value,
        q_value=q,
        n_tests=n_tests,
        correction="none" if c.p_value is None else "holm",
        explained_by=explained_by,
        severity=severity(c, points) if asserted else "info",
        statement=said.statement,
        recommendation=said.recommendation,
        evidence_sql=c.evidence_sql,
        chart_id=f"insight_{insight_id}" if asserted and has_chart(c.shape) else None,
    )
