"""Sentences about tests that found nothing, and of detectors that bring none."""

from __future__ import annotations

from dsp.detectors.base import Candidate, Words
from dsp.detectors.words import name, rows
from dsp.insights.control import ALPHA
from dsp.numbers import p_value


def quiet_words(c: Candidate, q: float) -> Words:
    """Return the sentences for a test that found nothing."""
    subject = " and ".join(name(x) for x in c.columns)
    spoken = name(c.target) if c.target is not None else "the number of rows"
    what = {
        "driver": f"that {name(c.columns[0])} goes with {name(c.columns[-1])}",
        "correlation": f"that {subject} move together",
        "trend": f"of a trend in {spoken}",
        "change_point": f"of a change of level in {spoken}",
        "seasonality": f"of a {c.period or 'regular'} cycle in {spoken}",
    }.get(c.kind, f"of a relation of {subject}")
    return Words(
        f"No evidence {what}",
        f"No evidence {what}: adjusted {p_value(q)} over {rows(c.n_rows)}, "
        f"where less than {ALPHA:g} is asked for.",
        "Do not act on it; more data may decide.",
    )


def plain_words(c: Candidate) -> Words:
    """Return the sentences for a finding whose detector brings none of its own."""
    subject = " and ".join(name(x) for x in c.columns) or "the table"
    title = f"{c.kind.replace('_', ' ').capitalize()}: {subject}"
    return Words(
        title,
        f"{title}, over {rows(c.n_rows)}.",
        "Run its evidence query, and read the rows it gives.",
    )
