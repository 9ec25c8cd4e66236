"""Proposals for numbers, dates and lengths: limits with margins from their tails."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dsp.checks.base import Field
from dsp.checks.rule import rule
from dsp.checks.suggestions.extremes import ends, is_limit, reach
from dsp.checks.suggestions.record import Seen, Suggestion, tested
from dsp.checks.suggestions.summaries import Split, Summary

WIDER = 3.0
"""How many times farther a limit lies than the farthest value of a held-out block."""
SNAP = 0.05
"""A lower limit so close below zero, beside the mean, becomes zero."""
FARTHEST = 3.0
"""A limit farther out than so many times the range of all values says nothing."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An end of a range.

    Attributes
    ----------
    value
        The limit.
    is_natural
        Whether values meet it often and never cross it.
    n_tests
        Held-out parts that it was tested on; it held on all.
    wider
        How many times its margin was widened to hold.
    """

    value: float
    is_natural: bool
    n_tests: int
    wider: float = 1.0


def upper(seen: Seen, key: tuple[str, ...], *, turn: bool = False) -> Limit | None:
    """Return the limit above which new values hardly lie; below for a turned measure.

    Parameters
    ----------
    seen
        What was counted.
    key
        The measure.
    turn
        Whether to look at the negated measure.
    """
    whole = _side(seen.blocks.all(key), turn=turn)
    if whole.n < 2:
        return None
    splits = [
        (train, test)
        for split in seen.blocks.splits
        if (train := _part(seen, key, split, "train", turn=turn)).n
        and (test := _part(seen, key, split, "test", turn=turn)).n
    ]
    never_crossed = all(test.high[0] <= train.high[0] for train, test in splits)
    if never_crossed and is_limit(*_ends(seen, key, whole, turn=turn)):
        return Limit(whole.high[0], is_natural=True, n_tests=len(splits))
    full = reach(whole)
    if full is None:
        return None
    worst, n_tests = 0.0, 0
    for train, test in splits:
        limit = reach(train)
        if limit is None:
            continue
        n_tests += 1
        margin = max(limit - train.high[0], 1e-12 * abs(limit), 1e-300)
        worst = max(worst, (test.high[0] - train.high[0]) / margin)
    if not n_tests:
        return None
    wider = max(1.0, WIDER * worst) if worst > 0.5 else 1.0
    value = whole.high[0] + wider * (full - whole.high[0])
    if value - whole.high[0] > FARTHEST * (whole.high[0] - whole.low[0]):
        return None
    return Limit(value, is_natural=False, n_tests=n_tests, wider=wider)


def lower(seen: Seen, key: tuple[str, ...]) -> Limit | None:
    """Return the limit below which new values hardly lie.

    Measures without negative values get zero, where the tail comes close to it.
    """
    found, whole = upper(seen, key, turn=True), seen.blocks.all(key)
    if whole.low[:2] == (0.0, 0.0):
        n_tests = found.n_tests if found else 0
        return Limit(0.0, is_natural=True, n_tests=n_tests)
    if found is None:
        return None
    value, least = -found.value, whole.low[0]
    is_near = value < 0.5 * least if value > 0 else value >= -SNAP * whole.mean
    if not found.is_natural and least >= 0 and is_near:
        value = 0.0
    return Limit(value, found.is_natural, found.n_tests, found.wider)


def ranges(seen: Seen, column: Field, *, is_rising: bool) -> Iterator[Suggestion]:
    """Propose lowest and highest values of numbers, and lowest dates.

    Parameters
    ----------
    seen
        What was counted.
    column
        A column of numbers or dates.
    is_rising
        Whether its values rise from row to row: then they have no highest one.
    """
    key = (column.name,)
    low = lower(seen, key)
    high = None if is_rising or column.is_temporal else upper(seen, key)
    whole = seen.blocks.all(key)
    given: dict[str, Any] = {}
    if column.is_temporal and low is not None and not -6e10 < low.value < 2.5e11:
        low = None
    if low is not None:
        given["min"] = _limit(column, low, whole.low[0], down=True)
    if high is not None:
        given["max"] = _limit(column, high, whole.high[0], down=False)
    if given:
        ends = f"{_shown(column, whole.low[0])} to {_shown(column, whole.high[0])}"
        n_tests = max(limit.n_tests for limit in (low, high) if limit)
        yield Suggestion(
            rule("in_range", column.name, **given),
            f"{whole.n:,} values from {ends}; {tested(n_tests, n_tests)}"
            + _how(low, high),
            n_tests,
            n_tests,
        )


def lengths(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose shortest and longest length of texts."""
    key = ("length", column.name)
    low, high, whole = lower(seen, key), upper(seen, key), seen.blocks.all(key)
    given: dict[str, Any] = {}
    if low is not None and low.value >= 1:
        given["min"] = math.floor(low.value)
    if high is not None:
        given["max"] = math.ceil(high.value)
    if not given:
        return
    if len(given) == 2 and given["min"] == given["max"]:
        given = {"exactly": given["min"]}
    n_tests = max(limit.n_tests for limit in (low, high) if limit)
    yield Suggestion(
        rule("length", column.name, **given),
        f"{whole.n:,} texts of {whole.low[0]:.0f} to {whole.high[0]:.0f} characters; "
        f"{tested(n_tests, n_tests)}",
        n_tests,
        n_tests,
    )


def rounded(limit: float, extreme: float) -> float:
    """Return a limit moved outwards to a round number, by less than its margin.

    Examples
    --------
    >>> rounded(21_234.7, 18_823.0), rounded(-3.37, 0.2), rounded(5.0, 5.0)
    (22000.0, -4.0, 5.0)
    """
    margin = abs(limit - extreme)
    # A margin of the size of rounding errors has no digit to round to.
    if not max(1e-15 * abs(limit), 1e-290) < margin < 1e290:
        return limit
    digits = -math.floor(math.log10(margin))
    away = math.copysign(1, limit - extreme)
    step = 10.0**digits
    ticks = math.ceil(abs(limit) * step) if away * limit > 0 else 0
    if away * limit <= 0:
        ticks = math.floor(abs(limit) * step)
    return round(math.copysign(ticks, limit) / step, max(digits, 0))


def _side(summary: Summary, *, turn: bool) -> Summary:
    return summary.turned() if turn else summary


def _part(
    seen: Seen, key: tuple[str, ...], split: Split, part: str, *, turn: bool
) -> Summary:
    return _side(seen.blocks.of(key, split.way, getattr(split, part)), turn=turn)


def _ends(
    seen: Seen, key: tuple[str, ...], whole: Summary, *, turn: bool
) -> tuple[int, int]:
    """Return the rows at the extreme value and at the next one, exactly if counted."""
    if len(key) == 1 and key[0] in seen.words:
        counts = seen.words.all(key[0])
        if counts and all(isinstance(v, int | float) for v in counts):
            order = sorted(counts, reverse=not turn)
            return counts[order[0]], counts[order[1]] if len(order) > 1 else 0
    return ends(whole.high)


def _limit(column: Field, limit: Limit, extreme: float, *, down: bool) -> Any:
    return written(
        column, limit.value, limit.value if limit.is_natural else extreme, down=down
    )


def written(column: Field, value: float, extreme: float, *, down: bool) -> Any:
    """Return a limit as it is written in rules, rounded away from the values."""
    if column.is_temporal:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(value))
        return moment.date().isoformat()
    value = rounded(value, extreme)
    if column.family == "integer":
        return math.floor(value) if down else math.ceil(value)
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _shown(column: Field, value: float) -> str:
    if column.is_temporal:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(value))
        return moment.date().isoformat()
    return f"{value:,.10g}"


def _how(low: Limit | None, high: Limit | None) -> str:
    natural = [
        word
        for word, limit in (("lower", low), ("upper", high))
        if limit is not None and limit.is_natural
    ]
    wider = max(limit.wider for limit in (low, high) if limit)
    said = f"; the {' and '.join(natural)} end is met often, never crossed" * bool(
        natural
    )
    if wider > 1:
        said += f"; the margin is {wider:.2g} times that of the tail, for held-out blocks"
    return said
