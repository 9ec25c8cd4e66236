"""Relates columns: which pairs, by which measures, adjusted for how many were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dsp.errors import CancelledError, DspError
from dsp.events import Tick
from dsp.inference.multiplicity import benjamini_hochberg, holm
from dsp.records import Association, Problem
from dsp.registry import plugins
from dsp.statistics.frame import Frame, Measure, Pair


def associations(
    frame: Frame, *, tick: Tick
) -> tuple[tuple[Association, ...], tuple[Problem, ...]]:
    """Return every measure of every pair, and what failed.

    All usable columns are related to the target; at most 40 columns (the most complete,
    then the first) are related to each other.
    """
    pairs = frame.pairs
    measures: list[Measure] = list(plugins("statistics").values())
    found: list[Association] = []
    problems: list[Problem] = []
    for i, measure in enumerate(measures):
        tick(i, len(measures), unit="measures", message=measure.name)
        wanted = [_ordered(frame, measure, pair) for pair in pairs]
        listed = [pair for pair in wanted if pair is not None]
        try:
            found += measure.measure(frame, listed) if listed else []
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
                    plugin=f"statistics.{measure.name}",
                    error=f"{type(error).__name__}: {error}",
                    hint="the other measures are complete",
                )
            )
    tick(len(measures), len(measures), unit="measures")
    return _adjusted(frame, [_aimed(frame, a) for a in found]), tuple(problems)


def _ordered(frame: Frame, measure: Measure, pair: Pair) -> Pair | None:
    """Return the pair in the order of the kinds of the measure, or None."""
    a, b = pair
    kinds = (frame.kind(a), frame.kind(b))
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
    rows = _family([a for a in ordered if a.is_target], holm, "holm")
    rest = [a for a in ordered if not a.is_target]
    rows += _family(rest, benjamini_hochberg, "benjamini-hochberg")
    return tuple(
        replace(row, association_id=f"association_{i}") for i, row in enumerate(rows, 1)
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
