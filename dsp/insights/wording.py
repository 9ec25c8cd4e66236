"""Sentences: title, statement and recommendation of each form of finding."""

from __future__ import annotations

from collections.abc import Callable

from dsp.detectors import Candidate
from dsp.detectors.base import Words
from dsp.detectors.words import LIMIT, first, name, rows
from dsp.insights import fact_words
from dsp.numbers import (
    MINUS,
    NBSP,
    amount,
    apart,
    change,
    correlation,
    counted,
    day,
    is_year,
    level,
    plain,
    share,
)


def words(c: Candidate) -> Words:
    """Return the sentences for a finding that is asserted."""
    return _FORMS[c.facts["form"]](c)


def _relation(c: Candidate) -> Words:
    x, y = c.columns
    r = c.effect or 0.0
    event = c.facts.get("event")
    verb = "rises" if r > 0 else "falls"
    subject = f"share of {_event(y, event)}" if event else name(y)
    figure = share if event else amount
    title = f"{first(subject)} {verb} with {name(x)} (r{NBSP}={NBSP}{correlation(r)})"
    ends = ""
    if c.value is not None and c.baseline is not None and "low_x" in c.facts:
        agrees = (c.value > c.baseline) == (r > 0)
        if agrees:
            ends = (
                f" It averages {figure(c.baseline)} where {name(x)} is "
                f"{_range(x, c.facts['low_x'])}, and {figure(c.value)} where it is "
                f"{_range(x, c.facts['high_x'])}."
            )
    interval = ""
    if c.effect_low is not None and c.effect_high is not None:
        low, high = correlation(c.effect_low), correlation(c.effect_high)
        interval = f" (95% CI {low} to {high})"
    statement = (
        f"{first(subject)} {verb} with {name(x)}: correlation "
        f"{correlation(r)}{interval} "
        f"over {rows(c.n_rows)}.{ends} {LIMIT}"
    )
    if c.kind == "correlation":
        advice = f"Read {name(x)} and {name(y)} together; one may stand for the other."
    else:
        advice = (
            f"Look at {name(x)} first when {name(y)} changes, and test it on purpose."
        )
    return Words(title, statement, advice)


def _means(c: Candidate) -> Words:
    facts = c.facts
    dimension, number, event = facts["dimension"], facts["number"], facts["event"]
    figure = share if event else amount
    high, low = name(facts["high_label"]), name(facts["low_label"])
    subject = f"share of {_event(number, event)}" if event else name(number)
    title = (
        f"{first(subject)} differs by {name(dimension)}: {high} {figure(c.value)}, "
        f"{low} {figure(c.baseline)}"
    )
    kind = "" if event else "Average "
    statement = (
        f"{kind}{subject if kind else first(subject)} is highest for "
        f"{name(dimension)} {high} ({figure(c.value)}) and lowest for {low} "
        f"({figure(c.baseline)}). {first(name(dimension))} accounts for "
        f"{share(c.effect)} of the variance over {rows(c.n_rows)}. {LIMIT}"
    )
    return Words(
        title,
        statement,
        f"Ask what {high} does differently from {low} before acting on the averages.",
    )


def _shares(c: Candidate) -> Words:
    facts = c.facts
    a, b, wanted = name(facts["dimension"]), name(facts["of"]), name(facts["wanted"])
    high, low = name(facts["high_label"]), name(facts["low_label"])
    title = (
        f"{first(b)} {wanted} makes up {share(c.value)} for {a} {high}, "
        f"{share(c.baseline)} for {low}"
    )
    statement = (
        f"{first(b)} depends on {a}: {b} {wanted} makes up {share(c.value)} of the rows "
        f"with {a} {high}, and {share(c.baseline)} with {low}. Cramér's V is "
        f"{correlation(c.effect or 0)} over {rows(c.n_rows)}. {LIMIT}"
    )
    return Words(title, statement, f"Split figures on {b} by {a} before comparing them.")


def _segment(c: Candidate) -> Words:
    event = c.facts["event"]
    number, column = name(c.facts["number"]), name(c.segment_column or "")
    value = name(c.segment_value or "")
    figure = share if event else amount
    subject = f"share of {_event(c.facts['number'], event)}" if event else number
    base = c.baseline or 0.0
    differs = apart(c.value or 0.0, base, is_share=bool(event))
    than = "as" if differs.endswith("as high") else "than"
    title = f"{first(subject)} is {differs} for {column} {value} {than} elsewhere"
    kind = "Average " if not event else ""
    statement = (
        f"{kind}{subject if kind else first(subject)} is {figure(c.value)} for {column} "
        f"{value}, {differs} {than} the {figure(base)} of all other rows. The "
        f"segment holds "
        f"{share(c.impact)} of the rows ({rows(c.n_rows)}). {LIMIT}"
    )
    return Words(
        title, statement, f"Look into {column} {value}: what sets it apart from the rest?"
    )


def _trend(c: Candidate) -> Words:
    figure = share if c.facts["event"] else amount
    verb = "rises" if c.direction == "up" else "falls"
    subject = _subject(c)
    title = (
        f"{first(subject)} {verb}{_size(c)} from {_when(c.time_start, c)} to "
        f"{_when(c.time_end, c)}"
    )
    points = counted(c.facts["n_points"], c.unit or "point")
    statement = (
        f"{first(subject)} {verb} over time: the straight line goes from "
        f"{figure(c.baseline)} on {day(c.time_start)} to {figure(c.value)} on "
        f"{day(c.time_end)}. The test takes {points} as units and allows for wandering "
        "levels. The line describes the period and is no forecast."
    )
    return Words(
        title, statement, f"Plan with the current level of {subject}, not the average."
    )


def _step(c: Candidate) -> Words:
    figure = share if c.facts["event"] else amount
    verb = "rose" if c.direction == "up" else "fell"
    subject = _subject(c)
    points = counted(c.facts["n_before"] + c.facts["n_after"], c.unit or "point")
    title = f"{first(subject)} {verb}{_size(c)} around {_when(c.time_start, c)}"
    statement = (
        f"The level of {subject} changed around {day(c.time_start)}: the average is "
        f"{figure(c.baseline)} before and {figure(c.value)} since. A step fits the "
        f"{points} clearly better than a straight line. The data do not "
        "say what caused it."
    )
    return Words(
        title,
        statement,
        f"Find out what happened around {day(c.time_start)}; compare periods on one "
        f"side.",
    )


def _cycle(c: Candidate) -> Words:
    figure = share if c.facts["event"] else amount
    subject = _subject(c)
    high, low = c.facts["high_label"], c.facts["low_label"]
    cycle = "week" if c.period == "weekly" else "year"
    title = (
        f"{first(subject)} follows the {cycle}: {high} {figure(c.value)}, "
        f"{low} {figure(c.baseline)}"
    )
    statement = (
        f"{first(subject)} has a {c.period} cycle. It is highest on average "
        f"{'on' if cycle == 'week' else 'in'} {high} ({figure(c.value)}) and lowest "
        f"{'on' if cycle == 'week' else 'in'} {low} ({figure(c.baseline)}), seen over "
        f"{counted(c.facts['n_cycles'], f'whole {cycle}')}."
    )
    return Words(
        title,
        statement,
        f"Compare {subject} with the same {'weekday' if cycle == 'week' else 'month'} "
        "of other periods.",
    )


def _anomaly(c: Candidate) -> Words:
    figure = share if c.facts["event"] else amount
    subject = _subject(c)
    when = _when(c.time_start, c)
    side = "above" if c.direction == "up" else "below"
    title = f"{first(subject)} was far {side} its usual level {_at(c)} {when}"
    statement = (
        f"{first(subject)} was {figure(c.value)} {_at(c)} {when}, against "
        f"{figure(c.baseline)} around it. That is {amount(abs(c.effect or 0))} robust "
        f"standard deviations {side}, with {rows(c.n_rows)} behind it."
    )
    return Words(title, statement, f"Check what was recorded {_at(c)} {when}.")


def _dominance(c: Candidate) -> Words:
    column, value = name(c.segment_column or ""), name(c.segment_value or "")
    number = name(c.target or "")
    title = f"{column} {value} carries {share(c.value)} of total {number}"
    statement = (
        f"{first(column)} {value} carries {share(c.value)} of the total of "
        f"{number}, with "
        f"{share(c.facts['row_share'])} of the rows. It is one of "
        f"{counted(c.facts['n_values'], 'value')}."
    )
    return Words(
        first(title), statement, f"Totals of {number} mostly tell of {column} {value}."
    )


def _decides(c: Candidate) -> Words:
    a, b = name(c.columns[0]), name(c.columns[1])
    n = c.facts["n_violations"]
    exact = (
        "without exception"
        if not n
        else f"with {counted(n, 'exception', is_compact=True)}"
    )
    if c.kind == "leakage":
        return Words(
            f"{first(a)} gives {b} away ({share(c.value)} of rows)",
            f"{first(a)} decides the target {b} in {share(c.value)} of "
            f"{rows(c.n_rows)}, {exact}. A model that sees {a} has already "
            f"seen the "
            "answer.",
            f"Leave {a} out of models of {b}, unless it is known beforehand.",
        )
    if c.facts["both"]:
        title = f"{first(a)} and {b} say the same thing"
        start = f"{first(a)} and {b} determine each other"
    else:
        title = f"{first(a)} decides {b}"
        start = f"{first(a)} decides {b}"
    return Words(
        f"{title} ({share(c.value)} of rows)",
        f"{start} in {share(c.value)} of {rows(c.n_rows)}, {exact}.",
        f"Keep one of {a} and {b} in an analysis"
        + ("." if not n else ", and check the exceptions."),
    )


def _copies(c: Candidate) -> Words:
    a, b = name(c.columns[0]), name(c.columns[1])
    r = correlation(c.effect or 0)
    return Words(
        f"{first(a)} is nearly a copy of {b} (r{NBSP}={NBSP}{r})",
        f"{first(a)} and the target {b} correlate at {r} over {rows(c.n_rows)}. "
        f"{first(a)} is a copy of the target or made from it.",
        f"Leave {a} out of models of {b}, unless it is known beforehand.",
    )


def _missing(c: Candidate) -> Words:
    column, dimension = name(c.columns[0]), name(c.columns[1])
    high, low = name(c.facts["high_label"]), name(c.facts["low_label"])
    return Words(
        f"{first(column)} is missing in {share(c.value)} of {dimension} {high}, "
        f"{share(c.baseline)} of {low}",
        f"Whether {column} is missing depends on {dimension}: {share(c.value)} of "
        f"the rows "
        f"with {high} lack it, and {share(c.baseline)} with {low}. The gaps are not "
        f"random, over {rows(c.n_rows)}.",
        f"Do not drop rows without {column}; compare within values of {dimension}.",
    )


def _identity(c: Candidate) -> Words:
    target = name(c.columns[-1])
    terms = [name(x, 20) for x in c.columns[:-1]]
    made = terms[0] if c.facts["signs"][0] else f"{MINUS}{terms[0]}"
    for term, plus in zip(terms[1:], c.facts["signs"][1:], strict=True):
        made += f" {'+' if plus else MINUS} {term}"
    r = correlation(c.effect or 0)
    return Words(
        f"{first(target)} is nearly {made} (r{NBSP}={NBSP}{r})",
        f"{first(target)} is nearly {made}: both correlate at {r} over "
        f"{rows(c.n_rows)}. A model that sees all of them only does the sum.",
        f"Leave {terms[0]} out of models of {target}, unless it is known beforehand.",
    )


def _filled_after(c: Candidate) -> Words:
    column, target = name(c.columns[0]), name(c.columns[1])
    high, low = name(c.facts["high_label"]), name(c.facts["low_label"])
    return Words(
        f"{first(column)} gives {target} away: whether it is filled depends on it",
        f"{first(column)} is missing in {share(c.value)} of rows with {target} "
        f"{high}, and "
        f"in {share(c.baseline)} with {low}. It seems to be filled after the "
        f"outcome, over "
        f"{rows(c.n_rows)}.",
        f"Leave {column} out of models of {target}, unless it is known beforehand.",
    )


_FORMS: dict[str, Callable[[Candidate], Words]] = {
    "relation": _relation,
    "means": _means,
    "shares": _shares,
    "segment": _segment,
    "trend": _trend,
    "step": _step,
    "cycle": _cycle,
    "anomaly": _anomaly,
    "dominance": _dominance,
    "decides": _decides,
    "copies": _copies,
    "missing": _missing,
    "identity": _identity,
    "filled_after": _filled_after,
    "missing_values": fact_words.missing_values,
    "constant": fact_words.constant,
    "identifier": fact_words.identifier,
    "heavy_tail": fact_words.heavy_tail,
    "outlier_values": fact_words.outlier_values,
    "duplicates": fact_words.duplicates,
}


def _subject(c: Candidate) -> str:
    if c.target is None:
        return f"the number of rows per {c.facts.get('bucket', c.unit)}"
    event = c.facts.get("event")
    return f"the share of {_event(c.target, event)}" if event else name(c.target)


def _event(column: str, value: str | None) -> str:
    return f"{name(column)}{NBSP}={NBSP}{name(value or '')}"


def _size(c: Candidate) -> str:
    """Return by how much a level changed, in words that fit its base."""
    if c.value is None or c.baseline is None:
        return ""
    spread, is_share = c.facts.get("spread", 0.0), bool(c.facts["event"])
    return f" by {change(c.value, c.baseline, spread=spread, is_share=is_share)}"


def _when(iso: str | None, c: Candidate) -> str:
    text = day(iso)
    if c.unit == "month":
        return text.split(NBSP, 1)[1]
    return text.rsplit(NBSP, 1)[1] if c.unit == "year" else text


def _at(c: Candidate) -> str:
    return "on" if c.unit == "day" else "in"


def _range(column: str, ends: tuple[float, float]) -> str:
    low, high = map(plain if is_year(column, *ends) else level, ends)
    return low if low == high else f"{low} to {high}"


def _joined(names: list[str]) -> str:
    return " and ".join(names)
