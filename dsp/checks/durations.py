"""Durations as people write them."""

from __future__ import annotations

import re

from dsp.errors import DspError

SECONDS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 7 * 86400.0,
}
SHORT = {
    "s": "second",
    "sec": "second",
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?")


def in_words(seconds: float) -> str:
    """Return seconds as words, in the greatest unit that fits.

    Examples
    --------
    >>> in_words(172800.0), in_words(5400.0), in_words(9e7), in_words(-3600.0)
    ('2 days', '1.5 hours', '1,042 days', 'less than nothing')
    """
    if seconds < 0:
        return "less than nothing"
    units = ("day", "hour", "minute", "second")
    unit = next((u for u in units if seconds >= SECONDS[u]), "second")
    n = seconds / SECONDS[unit]
    number = f"{n:,.0f}" if n >= 100 else f"{n:.3g}"
    return f"{number} {unit}{'' if number == '1' else 's'}"


def seconds_in(text: str) -> float:
    """Return the seconds of a duration.

    Raises
    ------
    DspError
        The text is no duration.

    Examples
    --------
    >>> seconds_in("2 days"), seconds_in("1h 30min"), seconds_in("1.5 weeks")
    (172800.0, 5400.0, 907200.0)
    """
    folded, total, position = text.casefold().strip(), 0.0, 0
    while position < len(folded):
        found = _PART.match(folded, position)
        unit = SHORT.get(found[2], found[2].rstrip("s")) if found else ""
        if found is None or unit not in SECONDS:
            break
        total += float(found[1]) * SECONDS[unit]
        position = found.end()
    if not folded or position < len(folded):
        raise DspError(
            f'"{text}" is not a duration', hint='write it like "2 days" or "1h 30min"'
        )
    return total
