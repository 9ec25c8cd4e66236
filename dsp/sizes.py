"""Sizes in bytes as people write them."""

from __future__ import annotations

from dsp.errors import SettingError

UNITS = {"b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4}
UNITS |= {"kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4}


def parse_bytes(text: str) -> int:
    """Return a size such as ``4GB`` or ``512MiB`` in bytes.

    Raises
    ------
    SettingError
        The text is not a positive number with a unit.
    """
    folded = text.strip().casefold().replace(" ", "")
    digits = folded.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = folded[len(digits) :] or "b"
    try:
        size = int(float(digits) * UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size <= 0:
        raise SettingError(
            f'memory size "{text}" is not understood', hint="write it like 4GB or 512MiB"
        )
    return size
