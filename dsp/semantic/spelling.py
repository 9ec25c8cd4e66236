"""Which texts are spellings of the same category: pure functions on counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_BETWEEN = re.compile(r"(?<=\w)[\s_.\-\u2010-\u2015'’/&,]+(?=\w)")
_MIN_LENGTH = 5
_RARE = 20


def folded(text: str) -> str:
    """Return what spellings of one category have in common.

    Case, diacritics, spaces at the ends, a full stop at the end, and marks between
    letters do not count. Marks between digits do (1.5 is not 15), and so do marks at the
    ends (A+ is not A-).

    Examples
    --------
    >>> folded(" New-York "), folded("new york."), folded("Zürich"), folded("A-")
    ('newyork', 'newyork', 'zurich', 'a-')
    >>> folded("1.5 l"), folded("15 l"), folded("Straße")
    ('1.5l', '15l', 'strasse')
    """
    plain = unicodedata.normalize("NFKD", text.strip())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"(?<=[^\W\d_])\.$", "", plain)
    return _BETWEEN.sub(_unless_digits, plain)


def same(counts: Mapping[str, int]) -> dict[str, str]:
    """Return spelling → most frequent spelling of its category, where they differ.

    Examples
    --------
    >>> same({"Paris": 5, "paris": 1, "PARIS": 2, "Rome": 3})
    {'PARIS': 'Paris', 'paris': 'Paris'}
    """
    groups: dict[str, list[str]] = {}
    for text in sorted(counts, key=lambda t: (-counts[t], t)):
        key = folded(text)
        if key:
            groups.setdefault(key, []).append(text)
    return {text: group[0] for group in groups.values() for text in group[1:]}


def near(counts: Mapping[str, int], *, times: int = _RARE) -> dict[str, str]:
    """Return rare spelling → the frequent one that is one letter away, besides `same`.

    A letter is missing, added, wrong, or two are exchanged; never the first one, and
    never a digit. The frequent spelling occurs at least 20 times as often (or `times`),
    and is the only one that near. Texts of fewer than five characters are left alone.

    Examples
    --------
    >>> near({"Berlin": 100, "Berln": 2, "Merlin": 3, "Bonn": 50, "Bonm": 1})
    {'Berln': 'Berlin'}
    """
    merged = same(counts)
    total: dict[str, int] = {}
    name: dict[str, str] = {}
    for text, n in counts.items():
        kept = merged.get(text, text)
        name[folded(text)] = kept
        total[folded(text)] = total.get(folded(text), 0) + n
    by_part: dict[str, set[str]] = {}
    for key in total:
        if len(key) >= _MIN_LENGTH - 1:
            for part in _shortened(key):
                by_part.setdefault(part, set()).add(key)
    found = {}
    for key, n in total.items():
        if len(key) < _MIN_LENGTH:
            continue
        close = {
            other
            for part in _shortened(key)
            for other in by_part.get(part, ())
            if total[other] >= times * n and _is_near(key, other)
        }
        if len(close) == 1:
            found[key] = name[close.pop()]
    return {t: found[folded(t)] for t in counts if folded(t) in found} | {
        text: kept for text, kept in merged.items() if folded(text) not in found
    }


def _unless_digits(match: re.Match[str]) -> str:
    text = match.string
    digits = text[match.start() - 1].isdigit() and text[match.end()].isdigit()
    return match[0] if digits else ""


def _shortened(key: str) -> Iterable[str]:
    yield key
    for i in range(1, len(key)):
        yield key[:i] + key[i + 1 :]


def _is_near(one: str, other: str) -> bool:
    """Return whether one letter after the first divides two different texts."""
    if one == other or one[:1] != other[:1] or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    i = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), -1)
    if i < 0:
        i = len(short)
    touched = {*short[i : i + 1], *long[i : i + 1]}
    if len(short) < len(long):
        is_one = short[i:] == long[i + 1 :]
        touched = {*long[i : i + 1]}
    elif short[i + 1 :] == long[i + 1 :]:
        is_one = True
    else:
        exchanged = short[i : i + 2] == long[i : i + 2][::-1]
        is_one = exchanged and short[i + 2 :] == long[i + 2 :]
        touched = {*short[i : i + 2]}
    return is_one and not any(letter.isdigit() for letter in touched)
