"""Candidates of relations between a column and a measure, with their sentences.

Shared by the detectors of drivers, segments and correlations, which differ in what they
look at and not in how it is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dsp.detectors import evidence_sql as evidence
from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.terms import Term
from dsp.detectors.words import (
    LIMIT,
    extremes,
    figure,
    first,
    name,
    row_of,
    rows,
    subject,
    total,
)
from dsp.inference.base import Group
from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.inference.groups import welch_t
from dsp.inference.tails import f_tail
from dsp.numbers import apart, is_year, level, plain, share

if TYPE_CHECKING:
    from dsp.detectors.gram import Groups
    from dsp.detectors.scene import Scene

NEAR = 1e-3
"""Candidates have at most this p value; the others are only counted."""
MIN_R = 0.015
"""Correlation below which nothing is worth saying, whatever its p value."""
MIN_ROWS = 20
MAX_TOLD = 90
"""Letters of a title; a figure cut short would be another figure."""
SKEWED = 2.0
"""Skewness from which a median says more than a mean."""


def is_skewed(scene: Scene, measure: str) -> bool:
    """Tell whether a few rows carry the mean of a measure."""
    if scene.numbers[measure].event is not None:
        return False
    return abs(scene.columns[measure].skewness or 0.0) > SKEWED


def line(scene: Scene, x: str, y: str, *, kind: str, r: float, n: int) -> Candidate:
    """Return the candidate that y moves with x, from the correlation of their scores."""
    test = pearson_test(r, n) if n > 3 else None
    low, high = (fisher_interval(r, n) if n > 4 else None) or (r, r)
    average = "median(y)" if is_skewed(scene, y) else None
    return Candidate(
        kind=kind,
        columns=(x, y),
        target=y if kind != "correlation" else None,
        direction="up" if r > 0 else "down",
        effect_name="rank_r",
        effect=r,
        effect_low=low,
        effect_high=high,
        n_rows=n,
        impact=r * r,
        test="correlation of normal scores",
        statistic=test.statistic if test else None,
        p_value=test.p_value if test else 1.0,
        is_large=abs(r) >= MIN_R,
        evidence_sql=evidence.relation(scene, x, y, average=average),
        shape="relation",
        response=y,
        term=Term(form="line", columns=(x,)),
        say=say_line,
        facts={"event": scene.numbers[y].event, "is_median": average is not None},
    )


def say_line(c: Candidate, found: Rows) -> Words:
    """Say how y moves with x, with the bins at both ends."""
    x, y = c.columns
    event = c.facts["event"]
    what, write = subject(y, event), figure(event)
    verb = "rises" if (c.effect or 0.0) > 0 else "falls"
    title = f"{first(what)} {verb} with {name(x)}"
    ends = line_ends(c, found, x, write)
    if c.kind == "correlation":
        advice = f"Read {name(x)} and {name(y)} together; one may stand for the other."
    else:
        advice = f"Look at {name(x)} first when {name(y)} changes; test it on purpose."
    low, high = (found[0]["value"], found[-1]["value"]) if found else (None, None)
    return Words(
        with_ends(title, low, high, write) if is_as_said(c, low, high) else title,
        f"{title}{ends}, over {rows(total(found))}. {LIMIT}",
        advice,
        value=high,
        baseline=low,
    )


def is_as_said(c: Candidate, low: Any, high: Any) -> bool:
    """Tell whether the figures at both ends go the way that the scores went."""
    return low is not None and high is not None and (high > low) == (c.direction == "up")


def with_ends(title: str, low: Any, high: Any, write: Any) -> str:
    """Return a title with the figures at both ends, where there is room for them."""
    told = f"{title}, from {write(low)} to {write(high)}"
    return told if len(told) <= MAX_TOLD else title


def line_ends(c: Candidate, found: Rows, x: str, write: Any) -> str:
    """Return what y is where x is lowest and highest, from the bins of a relation."""
    if len(found) < 2 or found[0]["value"] is None or found[-1]["value"] is None:
        return ""
    low, high = found[0], found[-1]
    shown = plain if is_year(x, low["x"], high["x"]) else level
    usual = "the median is" if c.facts["is_median"] else "it averages"
    return (
        f": {usual} {write(low['value'])} where {name(x)} is lowest "
        f"(around {shown(low['x'])}) and {write(high['value'])} where it is highest "
        f"(around {shown(high['x'])})"
    )


class GroupsTest(NamedTuple):
    """F of group means with omega squared, the share of variance between groups."""

    n: int
    statistic: float
    p_value: float
    omega: float


def f_of(groups: Groups) -> GroupsTest | None:
    """Test equal means over groups of five rows or more; None where there is no test."""
    kept = groups.n >= 5
    n, mean, var = groups.n[kept], groups.mean[kept], groups.var[kept]
    k, count = len(n), float(n.sum())
    if k < 2 or count <= k + 2:
        return None
    grand = float((n * mean).sum() / count)
    between = float((n * (mean - grand) ** 2).sum())
    within = float(((n - 1) * var).sum())
    if within <= 0:
        return None
    pooled = within / (count - k)
    f = between / (k - 1) / pooled
    omega = max(0.0, (between - (k - 1) * pooled) / (between + within + pooled))
    return GroupsTest(int(count), f, f_tail(f, k - 1, count - k), omega)


def means(
    scene: Scene, dimension: str, measure: str, groups: Any, *, kind: str = "driver"
) -> Candidate | None:
    """Return the candidate that a measure differs by value of a dimension (F test)."""
    test = f_of(groups)
    if test is None:
        return None
    return Candidate(
        kind=kind,
        columns=(dimension, measure),
        target=measure,
        effect_name="omega_squared",
        effect=test.omega,
        n_rows=test.n,
        impact=test.omega,
        test="F of normal scores",
        statistic=test.statistic,
        p_value=test.p_value,
        is_large=test.omega >= MIN_R**2,
        evidence_sql=evidence.mean_bars(scene, dimension, measure),
        shape="bars",
        response=measure,
        term=Term(form="groups", columns=(dimension,)),
        say=say_means,
        facts={"event": scene.numbers[measure].event},
    )


def say_means(c: Candidate, found: Rows) -> Words:
    """Say which value of a dimension has the highest and which the lowest mean."""
    dimension, measure = c.columns
    event = c.facts["event"]
    what, write = subject(measure, event), figure(event)
    high, low = extremes(found)
    title = (
        f"{first(what)} differs by {name(dimension)}: {name(high['label'])} "
        f"{write(high['value'])}, {name(low['label'])} {write(low['value'])}"
    )
    average = what if event is not None else f"average {what}"
    return Words(
        title,
        f"{first(average)} is highest for {name(dimension)} {name(high['label'])} "
        f"({write(high['value'])}) and lowest for {name(low['label'])} "
        f"({write(low['value'])}), over {rows(total(found))} in "
        f"{len(found)} values. {LIMIT}",
        f"Ask what {name(high['label'])} does differently from {name(low['label'])} "
        "before acting on the averages.",
        value=high["value"],
        baseline=low["value"],
    )


def one_value(
    scene: Scene,
    dimension: str,
    measure: str,
    label: str,
    outcome: Any,
    *,
    kind: str = "segment_outlier",
) -> Candidate:
    """Return the candidate that one value of a dimension stands out in a measure."""
    n, rest = outcome.n, outcome.rest
    return Candidate(
        kind=kind,
        columns=(dimension, measure),
        target=measure,
        segment_column=dimension,
        segment_value=label,
        direction="up" if outcome.effect > 0 else "down",
        effect_name="cohens_d",
        effect=outcome.effect,
        n_rows=int(n),
        impact=float(n / (n + rest)),
        test="Welch's t of normal scores",
        statistic=outcome.statistic,
        p_value=outcome.p_value,
        is_large=abs(outcome.effect) >= 0.05,
        evidence_sql=evidence.outlier_bars(scene, dimension, measure, label),
        shape="bars",
        response=measure,
        term=Term(form="level", columns=(dimension,), value=label),
        say=say_one_value,
        facts={"event": scene.numbers[measure].event},
    )


def say_one_value(c: Candidate, found: Rows) -> Words:
    """Say how far one value is from all the others."""
    dimension, measure = c.columns
    event = c.facts["event"]
    what, write = subject(measure, event), figure(event)
    row = row_of(found, c.segment_value)
    value, rest = row.get("value"), row.get("baseline")
    label = name(c.segment_value)
    if value is None or rest is None:
        return Words(
            f"{first(what)} stands out for {name(dimension)} {label}",
            f"{first(what)} stands out for {name(dimension)} {label}. {LIMIT}",
            f"Look at the rows of {label}.",
        )
    side = "above" if value > rest else "below"
    title = (
        f"{first(what)} for {name(dimension)} {label} is {write(value)}, "
        f"{side} the others' {write(rest)}"
    )
    gap = apart(value, rest, is_share=event is not None)
    average = what if event is not None else f"average {what}"
    n = int(row["n_rows"])
    return Words(
        title,
        f"{first(average)} for {name(dimension)} {label} is {write(value)} over "
        f"{rows(n)} ({share(n / max(total(found), 1))}), {gap} "
        f"{'as' if 'times' in gap else 'than'} the {write(rest)} of all others. {LIMIT}",
        f"Look at what sets {label} apart before comparing {name(dimension)} values.",
        value=value,
        baseline=rest,
    )


class Apart:
    """One value of a dimension against all the others."""

    __slots__ = ("effect", "n", "p_value", "rest", "share", "statistic")

    def __init__(self, groups: Any, place: int) -> None:
        import numpy as np

        n, mean, var = groups
        keep = np.arange(len(n)) != place
        self.n, self.rest = float(n[place]), float(n[keep].sum())
        centre = float((n[keep] * mean[keep]).sum() / max(self.rest, 1))
        squares = ((n[keep] - 1).clip(0) * var[keep]).sum()
        squares += (n[keep] * (mean[keep] - centre) ** 2).sum()
        spread = float(squares / max(self.rest - 1, 1))
        own = float(var[place])
        pooled = ((self.n - 1) * own + (self.rest - 1) * spread) / max(
            self.n + self.rest - 2, 1
        )
        gap = float(mean[place]) - centre
        floor = 0.05 * pooled
        test = None
        if pooled > 0 and min(self.n, self.rest) >= MIN_ROWS:
            test = welch_t(
                Group(round(self.n), float(mean[place]), max(own, floor)),
                Group(round(self.rest), centre, max(spread, floor)),
            )
        self.statistic = test.statistic if test else 0.0
        self.p_value = test.p_value if test else 1.0
        self.effect = gap / pooled**0.5 if pooled > 0 else 0.0
        self.share = _explained(n, mean, place)


def _explained(n: Any, mean: Any, place: int) -> float:
    """Return the part of the variance between values that one value makes."""
    all_rows = float(n.sum())
    grand = float((n * mean).sum() / all_rows)
    between = float((n * (mean - grand) ** 2).sum())
    if between <= 0:
        return 0.0
    own = float(n[place] * (mean[place] - grand) ** 2)
    return own * all_rows / max(all_rows - float(n[place]), 1.0) / between
