"""Turns candidates into insights: control, explaining away, ranking and words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsp.detectors import Candidate, Detected
from dsp.detectors.base import Rows, Words
from dsp.engine.arrays import one_blas_thread
from dsp.inference.clustered import ScoreTest
from dsp.insights.bench import Bench
from dsp.insights.compete import compete
from dsp.insights.control import ALPHA, holm_by_family
from dsp.insights.evidence import has_chart
from dsp.insights.explain import explain, root
from dsp.insights.quiet import plain_words, quiet_words
from dsp.insights.ranking import arrange, score, severity
from dsp.insights.stability import halves, stability
from dsp.records import ColumnProfile, Insight

MAX_QUIET = 20
MAX_OF_KIND = 40
MAX_EXPLAINED = 20
MAX_STABLE = 25
MAX_TITLE = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Findings that hold, with what was found out about each.

    Attributes
    ----------
    candidates
        Findings, with the p value of the test that allows for clusters.
    q_values
        None for facts, which are not tested.
    factors
        Inflation of the variance by clusters.
    shares
        Share of the variance of a column that each explains; None where it is no term.
    """

    candidates: list[Candidate]
    q_values: list[float | None]
    factors: list[float]
    shares: list[float | None]


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

        Findings that survive are tested again with allowance for rows that go together
        (entities, stretches of time), then explain each other away.

        Parameters
        ----------
        detected
            Candidates, the number of tests that ran, and the rows that were tested.
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
            Asserted ones first, those that another explains last among them, then up to
            20 tests that found nothing.
        """
        with one_blas_thread():
            return self._generate(detected, columns, target, context, n_rows)

    def _generate(
        self,
        detected: Detected,
        columns: Sequence[ColumnProfile],
        target: str | None,
        context: str | None,
        n_rows: int,
    ) -> tuple[Insight, ...]:
        known = {c.column_name for c in columns}
        listed = [c for c in detected.candidates if known.issuperset(c.columns)]
        if not listed or n_rows < 1:
            return ()
        bench = None if detected.frame is None else Bench(detected.frame)
        held, quiet = _held(listed, detected, bench)
        said = held.candidates
        scores = [
            score(c, share=share, target=target, context=context)
            for c, share in zip(said, held.shares, strict=True)
        ]
        explained, unsaid = _explained(bench, held)
        order = [
            item
            for item in arrange(said, scores, explained, (target, _time(detected)))
            if item[0] not in unsaid
        ]
        insights = _asserted(detected, held, bench, order, explained)
        for c, q in quiet[:MAX_QUIET]:
            insights.append(
                _insight(
                    c,
                    quiet_words(c, q),
                    rank=len(insights) + 1,
                    q=q,
                    n_tests=detected.n_tests,
                    is_asserted=False,
                )
            )
        return tuple(insights)


def _time(detected: Detected) -> str | None:
    clock = None if detected.frame is None else detected.frame.clock
    return None if clock is None else clock.column


def _held(
    listed: list[Candidate], detected: Detected, bench: Bench | None
) -> tuple[Held, list[tuple[Candidate, float]]]:
    """Return what survives control, and tests that found nothing, nearest first."""
    tested = [c for c in listed if c.p_value is not None]
    first = _adjusted(tested, detected)
    tests: dict[int, ScoreTest] = {}
    again = []
    for candidate, q in zip(tested, first, strict=True):
        c = candidate
        if bench is not None and q < ALPHA and c.is_large:
            c, test = _again(bench, c)
            if test is not None:
                tests[id(c)] = test
        again.append(c)
    adjusted = _adjusted(again, detected)
    q_values: dict[int, float | None] = {
        id(c): q for c, q in zip(again, adjusted, strict=True)
    }
    facts = [c for c in listed if c.p_value is None]
    kept = [c for c in [*again, *facts] if c.is_large and _holds(q_values.get(id(c)))]
    kept = _distinct(_limit(kept))
    quiet = [(c, q) for c, q in zip(again, adjusted, strict=True) if q >= ALPHA]
    quiet.sort(key=lambda item: (item[0].kind != "driver", item[1], item[0].columns))
    told = {id(c) for c in _distinct([*kept, *(c for c, _ in quiet)])}
    quiet = [(c, q) for c, q in quiet if id(c) in told]
    held = Held(
        candidates=kept,
        q_values=[q_values.get(id(c)) for c in kept],
        factors=[tests[id(c)].inflation if id(c) in tests else 1.0 for c in kept],
        shares=[tests[id(c)].effect if id(c) in tests else None for c in kept],
    )
    return held, quiet


def _adjusted(tested: list[Candidate], detected: Detected) -> list[float]:
    """Return p values adjusted for every test that ran, in families by detector."""
    n_tests = dict(detected.n_tests_of)
    left = detected.n_tests - sum(n_tests.values())
    if left > 0:
        n_tests[""] = left
    return holm_by_family(
        [c.p_value or 0.0 for c in tested], [c.detector or "" for c in tested], n_tests
    )


def _holds(q: float | None) -> bool:
    return q is None or q < ALPHA


def _again(bench: Bench, c: Candidate) -> tuple[Candidate, ScoreTest | None]:
    """Test a finding again with allowance for clusters; the larger p value counts."""
    response, made = bench.response(c), bench.design(c)
    if response is None or made is None:
        return c, None
    test = bench.test(response, made)
    if test is None or test.p_value <= (c.p_value or 0.0):
        return c, test
    unit = c.unit if test.unit == "row" else test.unit
    return replace(c, p_value=test.p_value, unit=unit), test


def _explained(bench: Bench | None, held: Held) -> tuple[dict[int, int], set[int]]:
    """Return the places of findings that another explains with that of the other.

    The second part are the places of findings of which nothing is left.
    """
    said = held.candidates
    points = [_weight(c) for c in said]
    explained = explain(said, points)
    if bench is None:
        return explained, set()
    open_places = [i for i in range(len(said)) if i not in explained]
    fallen = compete(
        bench, [said[i] for i in open_places], [held.factors[i] for i in open_places]
    )
    for place, cause in fallen.items():
        if cause is not None:
            explained[open_places[place]] = open_places[cause]
    unsaid = {open_places[place] for place, cause in fallen.items() if cause is None}
    return {i: root(explained, i) for i in explained}, unsaid


def _weight(c: Candidate) -> float:
    """Return how much a finding says, to choose between two that say one fact."""
    return abs(c.effect or 0.0)


def _asserted(
    detected: Detected,
    held: Held,
    bench: Bench | None,
    order: list[tuple[int, float]],
    explained: dict[int, int],
) -> list[Insight]:
    said = held.candidates
    ids = [_identifier(c) for c in said]
    masks = [] if bench is None else halves(bench.frame.n)
    insights: list[Insight] = []
    order = sorted(order, key=lambda item: item[0] in explained)
    n_explained = 0
    for place, points in order:
        c, cause = said[place], explained.get(place)
        n_explained += cause is not None
        if n_explained > MAX_EXPLAINED:
            break
        is_tested = bench is not None and cause is None and len(insights) < MAX_STABLE
        sentences = words_of(c, detected)
        if _is_refuted(detected, c, sentences):
            continue
        insights.append(
            _insight(
                c,
                sentences,
                rank=len(insights) + 1,
                points=points,
                q=held.q_values[place],
                n_tests=detected.n_tests,
                explained_by=None if cause is None else ids[cause],
                stability=stability(bench, c, masks) if bench and is_tested else None,
            )
        )
    return insights


def words_of(c: Candidate, detected: Detected) -> Words:
    """Return the sentences of a finding, from the rows of its evidence query."""
    if c.say is None:
        return plain_words(c)
    rows: Rows = () if detected.read is None else detected.read(c.evidence_sql)
    return c.say(c, rows)


def _is_refuted(detected: Detected, c: Candidate, said: Words) -> bool:
    """Tell whether all rows point the other way than the rows that were drawn."""
    if detected.frame is None or not detected.frame.is_sample:
        return False
    if said.value is None or said.baseline is None:
        return False
    rises = said.value > said.baseline
    return (c.direction == "up" and not rises) or (c.direction == "down" and rises)


def _limit(said: list[Candidate]) -> list[Candidate]:
    """Keep the best forty of each kind."""
    order = sorted(range(len(said)), key=lambda i: (said[i].p_value or 0.0, i))
    count: dict[str, int] = {}
    kept = []
    for i in order:
        count[said[i].kind] = count.get(said[i].kind, 0) + 1
        if count[said[i].kind] <= MAX_OF_KIND:
            kept.append(i)
    return [said[i] for i in sorted(kept)]


def _distinct(said: list[Candidate]) -> list[Candidate]:
    """Leave out what another one says too: a cycle can be found in two ways."""
    best: dict[str, Candidate] = {}
    for c in sorted(said, key=lambda c: c.p_value or 0.0):
        best.setdefault(_identifier(c), c)
    kept = {id(c) for c in best.values()}
    return [c for c in said if id(c) in kept]


def _identifier(c: Candidate) -> str:
    parts: tuple[Any, ...] = (
        c.kind,
        *c.columns,
        c.segment_column,
        c.segment_value,
        c.time_start,
        c.period,
        c.target,
        c.lag,
        c.aspect,
    )
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _insight(
    c: Candidate,
    said: Words,
    *,
    rank: int,
    q: float | None,
    n_tests: int,
    points: float = 0.0,
    explained_by: str | None = None,
    stability: float | None = None,
    is_asserted: bool = True,
) -> Insight:
    insight_id = _identifier(c)
    title = said.title if len(said.title) <= MAX_TITLE else said.title[:89] + "…"
    has = is_asserted and has_chart(c)
    return Insight(
        insight_id=insight_id,
        rank=rank,
        score=points,
        asserted=is_asserted,
        kind=c.kind,
        title=title,
        columns=c.columns,
        target=c.target,
        segment_column=c.segment_column,
        segment_value=c.segment_value,
        time_start=c.time_start,
        time_end=c.time_end,
        period=c.period,
        lag=c.lag,
        direction=c.direction,
        baseline=_rounded(c.baseline if said.baseline is None else said.baseline),
        value=_rounded(c.value if said.value is None else said.value),
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
        correction="none" if c.p_value is None else "holm by family",
        stability=stability,
        explained_by=explained_by,
        severity=severity(c, points) if is_asserted else "info",
        statement=said.statement,
        recommendation=said.recommendation,
        evidence_sql=c.evidence_sql,
        chart_id=f"insight_{insight_id}" if has else None,
        detector=c.detector,
    )


def _rounded(value: float | None) -> float | None:
    """Return a figure to twelve digits: the engine adds in no fixed order."""
    return None if value is None else float(f"{float(value):.12g}")
