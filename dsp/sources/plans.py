"""What a sample of texts leaves possible: a sample may refute, never prove."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsp.engine.date_formats import SHORT_YEAR
from dsp.engine.number_notations import BARE, LEADING_ZERO, Notation, fitting
from dsp.engine.words import MISSING, PLACEHOLDERS
from dsp.sources.kinds import (
    BOOLEAN,
    FLOAT,
    INTEGER,
    OTHER_DATES,
    STANDARD,
    WORDS,
    Kind,
    numbers_in,
)
from dsp.sources.suspects import suspect_of
from dsp.sources.wishes import Wishes

_LABEL = re.compile(r"[0-9]+[eE][0-9]+")
_FIXED = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ZEROS = re.compile(r"-?0[0-9]")
_DIGITS = re.compile("[0-9].*[0-9]")
_DIGIT = re.compile("[0-9]")
_N_EXPLAINED = 50
CLOSE = 1e-4
"""Spread of values, as a share of their size, below which doubles round too much."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sample leaves possible for a column.

    Attributes
    ----------
    kinds
        In order of preference; empty leaves text.
    has_words
        The sample holds words for missing values.
    is_empty
        The sample holds no other value.
    note
        Why the column stays text, when no kind is left.
    is_close
        The values differ in their last digits only.
    suspect
        A number that may stand for missing values.
    """

    kinds: tuple[Kind, ...] = ()
    has_words: bool = False
    is_empty: bool = False
    note: str = ""
    is_close: bool = False
    suspect: str = ""


def plan(texts: Sequence[str], wishes: Wishes, *, numbers: bool = True) -> Plan:
    """Return what the stripped, distinct texts of a sample leave possible."""
    gone = {*MISSING, *PLACEHOLDERS}
    rest = [text for text in texts if text not in gone]
    has_words = len(rest) < len(texts)
    if not rest:
        return Plan(has_words=has_words, is_empty=True)
    kinds: list[Kind] = []
    if numbers:
        kinds += [k for k in (BOOLEAN,) if k.fits(rest)]
        kinds += [k for k in WORDS if wishes.booleans and k.fits(rest)]
        if _are_numbers(rest, wishes):
            kinds += [INTEGER] if INTEGER.fits(rest) else [INTEGER, FLOAT]
        elif not kinds:
            for notation in _notations(rest, wishes):
                kinds += numbers_in(notation)
    if not kinds and _may_be_dates(rest):
        kinds += [k for k in (*STANDARD, *OTHER_DATES) if k.fits(rest)]
        kinds = [k for k in kinds if not _is_refused(k, wishes)]
    if FLOAT in kinds and _are_labels(rest):
        return Plan((), has_words, note="text; digits around an e may be labels")
    if not kinds:
        return Plan((), has_words, note=_why_text(rest) if numbers else "")
    is_fixed = INTEGER in kinds and all(_FIXED.fullmatch(text) for text in rest)
    return Plan(
        tuple(kinds),
        has_words,
        is_close=FLOAT in kinds and is_fixed and _are_close(rest),
        suspect=suspect_of(rest) if is_fixed else "",
    )


def wider(found: Plan, wishes: Wishes) -> Plan:
    """Return the plan for a second look, when rows beyond the sample refuted one."""
    kinds = list(found.kinds)
    if INTEGER in kinds:
        common = [n for n in BARE[2:] if not n.mark]
        kinds = [INTEGER, FLOAT]
        for notation in _as_wished(common, wishes):
            kinds += numbers_in(notation)
    return replace(found, kinds=tuple(kinds), has_words=True)


def _are_numbers(rest: list[str], wishes: Wishes) -> bool:
    if any(_ZEROS.match(text) for text in rest):
        return False
    is_comma = wishes.decimal == "," and any("." in text for text in rest)
    return FLOAT.fits(rest) and not is_comma


def _notations(rest: list[str], wishes: Wishes) -> list[Notation]:
    return _as_wished([n for n in fitting(rest) if n not in BARE[:2]], wishes)


def _as_wished(notations: Sequence[Notation], wishes: Wishes) -> list[Notation]:
    if not wishes.decimal:
        return list(notations)
    return [
        replace(n, proof="", veto=LEADING_ZERO)
        for n in notations
        if n.decimal == wishes.decimal
    ]


def _may_be_dates(rest: list[str]) -> bool:
    return all(len(text) < 60 and _DIGITS.search(text) for text in rest)


def _is_refused(kind: Kind, wishes: Wishes) -> bool:
    if not kind.rival or not wishes.dates:
        return False
    return f" %{wishes.dates[0]}" not in kind.note


def _are_labels(rest: list[str]) -> bool:
    """Say whether exponents are written as no program writes them."""
    has_labels = any(_LABEL.fullmatch(text) for text in rest)
    return has_labels and not any("." in t or re.search("e[+-]", t, re.I) for t in rest)


def _are_close(rest: list[str]) -> bool:
    values = [float(text) for text in rest]
    low, high = min(values), max(values)
    return low < high and high - low < CLOSE * max(abs(low), abs(high))


def _why_text(rest: list[str]) -> str:
    """Return why texts that look like numbers or dates stay text."""
    few = [text for text in rest[:_N_EXPLAINED] if _DIGIT.search(text)]
    if len(few) < min(len(rest), _N_EXPLAINED):
        return ""
    if all(any(n.unit for n in fitting([text])) for text in few):
        return "text; amounts in several units"
    if not _may_be_dates(few):
        return ""
    if all(SHORT_YEAR.match(text) for text in few):
        return "text; years of two digits leave the century open"
    dates = (*STANDARD, *OTHER_DATES)
    if all(any(kind.fits([text]) for kind in dates) for text in few):
        return "text; dates in several formats"
    return ""
