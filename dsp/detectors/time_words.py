"""What findings over time are called, and how their evidence is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.timeline import Series
from dsp.detectors.words import figure, first, name, subject
from dsp.numbers import NBSP, amount, change, day

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

OFTEN = {"day": "daily", "month": "monthly", "year": "yearly"}
LONG = 180
"""Days from which a span is told by months."""
NO_NAMES = ("true", "false", "yes", "no", "y", "n", "t", "f", "none", "other")
"""Values that say nothing without their column."""


def time_columns(scene: Scene, series: Series) -> tuple[str, ...]:
    """Return the columns a finding over time is about."""
    return tuple(c for c in (series.name, scene.time) if c is not None)


def time_facts(scene: Scene, series: Series) -> dict[str, Any]:
    """Return what the sentences need besides the figures."""
    event = None if series.name is None else scene.numbers[series.name].event
    return {"bucket": series.clock.bucket, "event": event}


def what(c: Candidate) -> str:
    """Return what moves over time."""
    if c.target is None:
        return f"the {OFTEN[c.facts['bucket']]} row count"
    event = c.facts.get("event")
    return f"the {subject(c.target, event)}" if event else name(c.target)


def figures(c: Candidate) -> Any:
    """Return how values are written."""
    return figure(c.facts.get("event"))


def when(value: Any, c: Candidate) -> str:
    """Return a date as exactly as the periods are."""
    text = day(value if isinstance(value, str) else value.isoformat())
    bucket = c.facts["bucket"]
    if bucket == "month":
        return text.split(NBSP, 1)[1]
    return text.rsplit(NBSP, 1)[1] if bucket == "year" else text


def over(start: Any, end: Any, c: Candidate) -> str:
    """Return a span of time from its first to its last period, long ones by months."""
    dates = [when(start, c), when(end, c)]
    if c.facts["bucket"] == "day" and (end - start).days >= LONG:
        dates = [date.split(NBSP, 1)[1] for date in dates]
    return f"from {dates[0]} to {dates[1]}"


def moved(c: Candidate, value: float, base: float) -> str:
    """Return by how much a level changed, in words that fit its base."""
    return f" by {change(value, base, is_share=bool(c.facts.get('event')))}"


def say_trend(c: Candidate, found: Rows) -> Words:
    """Say where the line through a series starts and ends."""
    subject_, write = what(c), figures(c)
    verb = "rises" if c.direction == "up" else "falls"
    title = f"{first(subject_)} {verb} over time"
    if len(found) < 2 or found[0]["expected"] is None:
        return Words(title, f"{title}.", f"Watch {subject_}.")
    start, end = found[0], found[-1]
    low, high = start["expected"], end["expected"]
    is_said = (high > low) == (c.direction == "up")
    size = change(high, low, is_share=bool(c.facts.get("event")))
    return Words(
        f"{first(subject_)} {verb} {size} {over(start['ts'], end['ts'], c)}"
        if is_said
        else title,
        f"The line through {len(found)} {c.facts['bucket']}s of {subject_} goes from "
        f"{write(low)} ({when(start['ts'], c)}) to {write(high)} ({when(end['ts'], c)}). "
        "A line describes the past, it is no forecast.",
        f"Compare like with like: {subject_} is not the same at all times.",
        value=high,
        baseline=low,
    )


def say_step(c: Candidate, found: Rows) -> Words:
    """Say the level before and from the date of a step."""
    subject_, write = what(c), figures(c)
    verb = "rises" if c.direction == "up" else "falls"
    date = when(str(c.time_start), c)
    title = f"{first(subject_)} {verb} from {date} on"
    if not found:
        return Words(title, f"{title}.", f"Ask what changed around {date}.")
    before, after = found[0]["expected"], found[-1]["expected"]
    size = moved(c, after, before) if (after > before) == (c.direction == "up") else ""
    return Words(
        f"{first(subject_)} {verb}{size} from {date} on",
        f"{first(subject_)} averages {write(before)} before {date} and {write(after)} "
        f"from then on, over {len(found)} {c.facts['bucket']}s. The data do not say why.",
        f"Ask what changed around {date}, and compare only within each side of it.",
        value=after,
        baseline=before,
    )


def say_segment_step(c: Candidate, found: Rows) -> Words:
    """Say the level of a segment before and from the date, and that of the others."""
    subject_, write = what(c), figures(c)
    label = name(c.segment_value)
    date = when(str(c.time_start), c)
    verb = "rises" if c.direction == "up" else "falls"
    where = f"{name(c.segment_column)} {label}"
    title = f"{first(subject_)} {verb} for {where} from {date} on"
    inside = [r for r in found if r["label"] == c.segment_value]
    others = [r for r in found if r["label"] != c.segment_value]
    if not inside or not others:
        return Words(title, f"{title}.", f"Ask what changed for {label} around {date}.")
    before, after = inside[0]["expected"], inside[-1]["expected"]
    return Words(
        title,
        f"{first(subject_)} for {where} averages {write(before)} before {date} and "
        f"{write(after)} from then on. All others go from "
        f"{write(others[0]['expected'])} to {write(others[-1]['expected'])}. "
        f"Only {label} changes, and the data do not say why.",
        f"Ask what changed for {label} around {date}.",
        value=after,
        baseline=before,
    )


def say_cell_step(c: Candidate, found: Rows) -> Words:
    """Say by how much the rows of two values together are off since a date."""
    outer, inner = (cell_value(c, i) for i in (0, 1))
    date = when(str(c.time_start), c)
    verb = "fell" if c.direction == "down" else "rose"
    title = f"Rows of {inner} in {outer} {verb} since {date}"
    usual = found[0]["usual"] if found else None
    if not usual:
        return Words(title, f"{title}.", f"Ask what changed for {inner} in {outer}.")
    since = found[0]["since"]
    more = "fewer" if since < usual else "more"
    return Words(
        f"Rows of {inner} in {outer} {verb} {change(since, usual)} since {date}",
        f"From {date} on there are {amount(since)} rows of {inner} in {outer}, "
        f"{amount(abs(since - usual))} {more} than expected. The {amount(usual)} "
        f"expected follow from {inner} elsewhere and the other rows of {outer}. The data "
        "do not say why.",
        f"Ask what changed for {inner} in {outer} around {date}.",
        value=since,
        baseline=usual,
    )


def cell_value(c: Candidate, place: int) -> str:
    """Return a value of a pair as it is spoken of: alone where it is a word."""
    value = name(c.facts["values"][place])
    is_word = value[:1].isalpha() and value.casefold() not in NO_NAMES
    return value if is_word else f"{name(c.columns[place])} {value}"


def say_cycle(c: Candidate, found: Rows) -> Words:
    """Say where a cycle is highest and lowest."""
    subject_, write = what(c), figures(c)
    known = [r for r in found if r["value"] is not None]
    title = f"{first(subject_)} has a {c.period} cycle"
    if len(known) < 2:
        return Words(title, f"{title}.", "Compare whole cycles only.")
    high, low = (f(known, key=lambda r: r["value"]) for f in (max, min))
    within = {"weekly": "week", "yearly": "year"}.get(str(c.period), "cycle")
    ends = f"{high['label']} {write(high['value'])}, {low['label']} {write(low['value'])}"
    return Words(
        f"{first(subject_)} goes by the {within}: {ends}",
        f"{title}: it averages {write(high['value'])} on {high['label']} and "
        f"{write(low['value'])} on {low['label']}, over all of the data."
        if within == "week"
        else f"{title}: it averages {write(high['value'])} in {high['label']} and "
        f"{write(low['value'])} in {low['label']}, over all of the data.",
        f"Compare whole {within}s, or the same part of each {within}.",
        value=high["value"],
        baseline=low["value"],
    )


def say_anomaly(c: Candidate, found: Rows) -> Words:
    """Say how far one date is from its neighbours."""
    subject_, write = what(c), figures(c)
    date = when(str(c.time_start), c)
    title = f"{first(subject_)} is out of line on {date}"
    row = next((r for r in found if r["ts"].isoformat() == c.time_start), None)
    if row is None or row["expected"] is None:
        return Words(title, f"{title}.", f"Look at the rows of {date}.")
    value, usual = row["value"], row["expected"]
    return Words(
        title,
        f"{first(subject_)} is {write(value)} on {date}, where its neighbours in time "
        f"make {write(usual)} usual. It is a single {c.facts['bucket']}, not a new "
        "level.",
        f"Look at the rows of {date} before they enter an average.",
        value=value,
        baseline=usual,
    )


def say_stretch(c: Candidate, found: Rows) -> Words:
    """Say how far a total over some days is from what was usual."""
    subject_ = "the row count" if c.target is None else name(c.target)
    start, end = str(c.time_start), str(c.time_end)
    dates = span(start, end)
    side = "below" if c.direction == "down" else "above"
    title = f"{first(subject_)} ran {side} expected, {dates}"
    if not found or not found[0]["usual"]:
        return Words(title, f"{title}.", "Ask what happened then.")
    total, usual = found[0]["stretch"], found[0]["usual"]
    size = f"{change(total, usual)} " if (total > usual) == (side == "above") else ""
    days = int(c.facts["days"])
    gap = amount(abs(total - usual))
    more = "more" if side == "above" else "less"
    of = "rows" if c.target is None else "total"
    return Words(
        f"{first(subject_)} ran {size}{side} expected, {dates}",
        f"{first(subject_)} came to {amount(total)} in these {days} days, {gap} {more} "
        f"than the {amount(usual)} that the same weekdays around them make usual. "
        f"The {of} came back into line after. The data do not say why.",
        "Ask what happened then, and leave these days out of comparisons.",
        value=total,
        baseline=usual,
    )


def span(start: str, end: str) -> str:
    """Return two dates as one span, what they share written once.

    Examples
    --------
    >>> span("2026-05-15", "2026-05-28").replace(NBSP, " ")
    '15–28 May 2026'
    >>> span("2026-05-30", "2026-06-03").replace(NBSP, " ")
    '30 May – 3 Jun 2026'
    """
    left, right = day(start).split(NBSP), day(end).split(NBSP)
    if left[1:] == right[1:]:
        return f"{left[0]}–{day(end)}"
    if left[2:] == right[2:]:
        left = left[:2]
    return f"{NBSP.join(left)} – {day(end)}"
