"""Relates columns: which pairs, by which measures, adjusted for how many were tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dsp.errors import CancelledError, DspError, nearest
from dsp.events import Tick
from dsp.inference.multiplicity import benjamini_hochberg, holm
from dsp.records import Association, ColumnCollinearity, Problem
from dsp.registry import plugins
from dsp.statistics.collinearity import collinearity_of
from dsp.statistics.frame import Frame, Measure, Pair

FIRST = ("pearson", "correlation_ratio", "cramers_v")
"""Each pair of columns has one of these; their tests are one family.

A further measure tests the same pair for the same thing once more: among the tests of
others it would only make the family larger, so it is a family of its own.
"""


def relate(
    frame: Frame, *, tick: Tick
) -> tuple[tuple[Association, ...], tuple[ColumnCollinearity, ...], tuple[Problem, ...]]:
    """Return every measure of every pair, collinearity of measures, and what failed.

    All usable columns are related to the target; at most 40 columns (the most complete,
    then the first) are related to each other.
    """
    pairs = frame.pairs
    measures = _wanted(frame)
    found: list[Association] = []
    problems: list[Problem] = []
    for i, measure in enumerate(measures):
        tick(i, len(measures), unit="measures", message=measure.name)
        wanted = [_ordered(frame, measure, pair) for pair in pairs]
        listed = [pair for pair in wanted if pair is not None]
        if listed:
            found += _attempt(measure.name, measure.measure, frame, listed, problems)
    tick(len(measures), len(measures), unit="measures")
    collinear = _attempt("collinearity", collinearity_of, frame, None, problems)
    return finished(frame, found), tuple(collinear), tuple(problems)


def _attempt(
    name: str,
    work: Callable[..., Sequence[Any]],
    frame: Frame,
    pairs: Sequence[Pair] | None,
    problems: list[Problem],
) -> Sequence[Any]:
    """Return what one part of the work finds; its failure becomes a problem."""
    try:
        return work(frame) if pairs is None else work(frame, pairs)
    except CancelledError:
        raise
    except (
        *(DspError, ArithmeticError, ValueError, TypeError),
        *(LookupError, NotImplementedError),
    ) as error:
        problems.append(
            Problem(
                problem_id=len(problems) + 1,
                stage="analysis",
                plugin=f"statistics.{name}",
                error=f"{type(error).__name__}: {error}",
                hint="the other measures are complete",
            )
        )
        return ()


def finished(frame: Frame, found: Sequence[Association]) -> tuple[Association, ...]:
    """Return associations named, in order, with the target last and with q values."""
    return _adjusted(frame, [_aimed(frame, a) for a in found])


def _wanted(frame: Frame) -> list[Measure]:
    """Return the measures that were asked for, or those that nobody need ask for."""
    known: dict[str, Measure] = plugins("statistics")
    for name in sorted(frame.asked - set(known)):
        close = nearest(name, known) or sorted(known)
        raise DspError(
            f'no measure named "{name}"', hint=f"known measures: {', '.join(close)}"
        )
    if frame.asked:
        return [known[name] for name in known if name in frame.asked]
    return [measure for measure in known.values() if not measure.on_demand]


def _ordered(frame: Frame, measure: Measure, pair: Pair) -> Pair | None:
    """Return the pair in the order of the kinds of the measure, or None."""
    a, b = pair
    kinds = (frame.kind(a), frame.kind(b))
    if measure.kinds is None:
        # As the correlation ratio has it: the dimension first.
        return (b, a) if kinds == ("measure", "dimension") else pair
    if kinds == measure.kinds:
        return pair
    return (b, a) if kinds[::-1] == measure.kinds else None


def _aimed(frame: Frame, found: Association) -> Association:
    """Return the association with the target as its second column."""
    if frame.target not in (found.column_a, found.column_b):
        return found
    other = found.column_a if found.column_b == frame.target else found.column_b
    return replace(found, column_a=other, column_b=str(frame.target), is_target=True)


def _adjusted(frame: Frame, found: Sequence[Association]) -> tuple[Association, ...]:
    position = {name: profile.position for name, profile in frame.profiles.items()}
    ordered = sorted(
        found,
        key=lambda a: (
            not a.is_target,
            position[a.column_a],
            position[a.column_b],
            a.measure,
        ),
    )
    families: dict[tuple[bool, str], list[Association]] = {}
    for row in ordered:
        family = "" if row.measure in FIRST else row.measure
        families.setdefault((row.is_target, family), []).append(row)
    adjusted: dict[tuple[str, str, str], Association] = {}
    for (is_target, _), rows in families.items():
        adjust, name = (
            (holm, "holm") if is_target else (benjamini_hochberg, "benjamini-hochberg")
        )
        for row in _family(rows, adjust, name):
            adjusted[row.column_a, row.column_b, row.measure] = row
    return tuple(
        replace(
            adjusted[row.column_a, row.column_b, row.measure],
            association_id=f"association_{i}",
        )
        for i, row in enumerate(ordered, 1)
    )


def _family(
    rows: Sequence[Association], adjust: object, correction: str
) -> list[Association]:
    tested = [row.p_value for row in rows if row.p_value is not None]
    adjusted = iter(adjust(tested) if callable(adjust) else ())
    return [
        replace(
            row,
            q_value=None if row.p_value is None else next(adjusted),
            n_tests=len(tested),
            correction=correction,
        )
        for row in rows
    ]
