"""Findings in the report: summary, one by one, what was not found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dsp.detectors.kinds import FACTS, RELATIONS
from dsp.exports.marks import code, inline, table
from dsp.insights.control import ALPHA
from dsp.insights.effects import effect_words
from dsp.numbers import agreeing, counted, day, number, p_value, share
from dsp.records import CheckResult, DetectorTests, Insight

MAX_SHOWN = 12
MAX_LISTED = 30
HEADLINES = 3
FAULTS = frozenset(
    {"leakage", "duplicate_rows", "unit_mixup", "quality_break", "sentinel"}
)
"""Kinds that would fake other findings: to mend before anything is believed."""
SURE = frozenset({"leakage", "duplicate_rows", "unit_mixup", "functional_dependency"})
"""Relations that are counted in the data, where no cause is meant."""
UNITS = {
    "row": "tested on rows",
    "day": "days, not rows, are the observations",
    "entity": "entities, not rows, are the observations",
}


def headlines(insights: Sequence[Insight]) -> list[str]:
    """Return lines of the summary: faults, the best findings, how sure they are."""
    said = [i for i in insights if i.is_said]
    tested = [i for i in said if i.q_value is not None]
    n_tests = max((i.n_tests for i in insights), default=0)
    if not said:
        return ["No finding passed its test; see below what was tested."]
    bad = [i for i in said if i.kind in FAULTS]
    lines = []
    if bad:
        more = f" and {counted(len(bad) - 1, 'more fault')}" if len(bad) > 1 else ""
        lines.append(f"Mind first: **{_title(bad[0])}**{more}.")
    # What is told of the subject matter, before what is told of single columns.
    stories = sorted(
        (i for i in said if i.kind not in FAULTS), key=lambda i: i.kind in FACTS
    )
    lines += [f"**{_title(i)}.**" for i in stories[: HEADLINES - len(lines)]]
    holds = counted(len(tested), "finding")
    if tested:
        lines.append(
            f"{holds} {agreeing(len(tested), 'holds', 'hold')} among "
            f"{counted(n_tests, 'test')}; the chance that any of them is false by "
            f"chance alone is at most {ALPHA:.1%}."
        )
    return lines


def findings(
    insights: Sequence[Insight],
    *,
    n_rows: int,
    n_read: int,
    pictures: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the findings with figures, scope, limit, advice and query.

    Parameters
    ----------
    n_rows
        Rows of the data.
    n_read
        Rows that the tests read.
    pictures
        Files of charts, by the id of their finding, as seen from the report.
    """
    said = [i for i in insights if i.is_said]
    lines = ["## Findings", ""]
    if not said:
        return [*lines, "None.", ""]
    for place, insight in enumerate(said[:MAX_SHOWN], start=1):
        also = [
            i for i in insights if i.asserted and i.explained_by == insight.insight_id
        ]
        lines += [
            f"### {place}. {inline(insight.title)}",
            "",
            inline(insight.statement),
            "",
            *_picture(insight, pictures or {}),
        ]
        parts = {
            "Figures": _figures(insight),
            "Scope": _scope(insight, n_rows),
            "Limit": _limit(insight, n_rows, n_read),
            "Next": [insight.recommendation] if insight.recommendation else [],
            "Explains": [i.title for i in also[:HEADLINES]],
        }
        for name, texts in parts.items():
            if texts:
                lines.append(f"- {name}: {inline('; '.join(texts))}")
        lines += ["", *code(insight.evidence_sql), ""]
    rest = said[MAX_SHOWN:]
    if rest:
        listed = [
            f"- {place}. {inline(i.title)}"
            for place, i in enumerate(rest[:MAX_LISTED], start=MAX_SHOWN + 1)
        ]
        lines += ["### More findings", "", *listed, ""]
    if len(rest) > MAX_LISTED:
        left = len(rest) - MAX_LISTED
        lines += [f"{left} more {agreeing(left, 'is', 'are')} in table `insights`.", ""]
    return lines


def _picture(insight: Insight, pictures: Mapping[str, str]) -> list[str]:
    path = pictures.get(insight.insight_id)
    if path is None:
        return []
    return [f"![Chart: {inline(insight.statement, limit=300)}]({path})", ""]


def not_found(insights: Sequence[Insight], tests: Sequence[DetectorTests]) -> list[str]:
    """Return what was tested and is not claimed, nearest misses first."""
    near = [i for i in insights if not i.asserted]
    explained = [i for i in insights if i.asserted and not i.is_said]
    n_tests = sum(t.n_tests for t in tests) or max(
        (i.n_tests for i in insights), default=0
    )
    lines = ["## Tested and not claimed", ""]
    if not near and not explained:
        lines += [f"Nothing else stood out in {counted(n_tests, 'test')}.", ""]
    if near:
        close = sorted(near, key=lambda i: (i.q_value is None, i.q_value or 0.0, i.rank))
        lines += [
            f"{counted(len(near), 'test')} came near a finding and did not pass:",
            "",
        ]
        lines += [f"- {inline(i.title)} {_odds(i)}".rstrip() for i in close[:MAX_SHOWN]]
        if len(close) > MAX_SHOWN:
            lines.append(f"- and {len(close) - MAX_SHOWN} more")
        lines.append("")
    if explained:
        causes = {i.insight_id: i.title for i in insights}
        lines += ["True, and explained by another finding:", ""]
        lines += [
            f"- {inline(i.title)} (by: {inline(causes.get(i.explained_by or '', '–'))})"
            for i in explained[:MAX_SHOWN]
        ]
        if len(explained) > MAX_SHOWN:
            lines.append(f"- and {len(explained) - MAX_SHOWN} more")
        lines.append("")
    return [*lines, *_counts(tests)]


def faults(insights: Sequence[Insight]) -> list[str]:
    """Return the faults of the data that were found, as list items."""
    return [
        f"- **fault**: {inline(i.title)}"
        for i in insights
        if i.is_said and i.kind in FAULTS
    ]


def next_steps(insights: Sequence[Insight], checks: Iterable[CheckResult]) -> list[str]:
    """Return what to do: faults first, then by finding, then by failed check."""
    said = sorted((i for i in insights if i.is_said), key=lambda i: i.kind not in FAULTS)
    steps = [i.recommendation for i in said if i.recommendation]
    steps += [c.action for c in checks if c.outcome == "failed" and c.action]
    unique = list(dict.fromkeys(steps))[:MAX_SHOWN]
    if not unique:
        return []
    return ["## Next steps", "", *(f"- {inline(step)}" for step in unique), ""]


def _counts(tests: Sequence[DetectorTests]) -> list[str]:
    rows = [
        (
            t.detector.replace("_", " "),
            f"{t.n_tests:,}",
            t.n_found,
            t.n_explained,
            t.n_set_aside,
            None if t.smallest_q is None else p_value(t.smallest_q, "q"),
        )
        for t in tests
        if t.n_tests
    ]
    if not rows:
        return []
    heads = ("what was looked for", "tests", "found", "explained", "near", "smallest q")
    n_tests = counted(sum(t.n_tests for t in tests), "test")
    intro = (
        f"All {n_tests} count for the adjusted p values (q), those without a result too:"
    )
    return [intro, "", *table(heads, rows)]


def _title(insight: Insight) -> str:
    return inline(insight.title.rstrip("."))


def _figures(insight: Insight) -> Iterable[str]:
    parts = []
    if insight.value is not None and insight.baseline is not None:
        parts.append(f"{number(insight.value)} against {number(insight.baseline)}")
    if insight.effect is not None:
        shown = f"{effect_words(insight.effect_name)} {number(insight.effect)}"
        if insight.effect_low is not None and insight.effect_high is not None:
            low, high = number(insight.effect_low), number(insight.effect_high)
            shown += f" (95% CI {low} to {high})"
        parts.append(shown)
    if insight.q_value is not None:
        tests = counted(insight.n_tests, "test")
        q = p_value(insight.q_value, "q")
        parts.append(f"{q} over {tests} ({insight.correction})")
    return parts


def _scope(insight: Insight, n_rows: int) -> list[str]:
    part = f" ({share(insight.n_rows / n_rows)})" if 0 < insight.n_rows < n_rows else ""
    parts = [f"{counted(insight.n_rows, 'row')}{part}"]
    if insight.segment_column is not None:
        parts.append(f"where {insight.segment_column} is {insight.segment_value}")
    if insight.time_start is not None:
        when = day(insight.time_start)
        if insight.time_end not in (None, insight.time_start):
            when += f" to {day(insight.time_end)}"
        parts.append(when)
    if insight.period is not None:
        parts.append(f"{insight.period} cycle")
    if insight.lag is not None:
        parts.append(f"{counted(insight.lag, 'day')} later")
    return parts


def _limit(insight: Insight, n_rows: int, n_read: int) -> Iterator[str]:
    if insight.q_value is None:
        yield "counted, not tested"
    else:
        yield UNITS.get(insight.unit, f"tested on {insight.unit}s")
        if 0 < n_read < n_rows:
            yield f"tested on a random sample of {counted(n_read, 'row')}"
    if insight.stability is not None:
        yield f"holds in {share(insight.stability)} of random halves of the rows"
    if insight.kind in RELATIONS - SURE and "cause" not in insight.statement:
        yield "an association, not proof of cause"


def _odds(insight: Insight) -> str:
    """Return how far a test was from passing."""
    if insight.p_value is None or insight.q_value is None:
        return ""
    return inline(f"({p_value(insight.p_value)}, {p_value(insight.q_value, 'q')})")
