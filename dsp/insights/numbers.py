"""Numbers, names and dates as readers see them (English digits, real minus sign)."""

from __future__ import annotations

import math
from datetime import date

NBSP = "\u00a0"
MINUS = "\u2212"
MAX_NAME = 32
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

MAX_RATIO = 20


def amount(value: float | None) -> str:
    """Return three significant digits, with K, M, B, T from 10,000.

    Examples
    --------
    >>> amount(24_012_345.0), amount(0.04567), amount(-1234.5)
    ('24.0M', '0.0457', '−1,230')
    """
    if value is None or not math.isfinite(value):
        return "–"
    size = _three(abs(value))
    for limit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "K")):
        if size >= limit:
            unit = 1e3 if letter == "K" else limit
            text = _plain(_three(size / unit)) + letter
            break
    else:
        text = _plain(size)
    return (MINUS if value < 0 and size else "") + text


def count(n: float) -> str:
    """Return a count in full up to 999,999, then compact."""
    return f"{int(n):,}" if n < 1_000_000 else amount(float(n))


def share(value: float | None) -> str:
    """Return a share as percent with one decimal; never rounded to 0 or 100.

    Examples
    --------
    >>> share(0.18), share(0.0002), share(0.9999)
    ('18.0%', '<0.1%', '>99.9%')
    """
    if value is None:
        return "–"
    if 0 < value < 0.0005:
        return "<0.1%"
    if 0.9995 <= value < 1:
        return ">99.9%"
    return signed(f"{value * 100:.1f}%")


def change(value: float | None) -> str:
    """Return a relative change without sign: ``20.1%``, or ``3.2 times`` when large."""
    if value is None:
        return "–"
    return f"{abs(value) * 100:.1f}%" if abs(value) < 10 else f"{abs(value):,.0f}-fold"


def apart(value: float, base: float, *, is_share: bool = False) -> str:
    """Return how far a figure is from another: percent, times, or points for shares.

    Where the base is negative or close to zero beside the value, a ratio says nothing:
    then the difference itself is returned.

    Examples
    --------
    >>> apart(80.0, 100.0), apart(540.0, 100.0), apart(0.164, 0.718, is_share=True)
    ('20.0% lower', '5.40 times as high', '55.4 points lower')
    >>> apart(21.0, 0.5), apart(-3.0, 2.0)
    ('20.5 higher', '5.00 lower')
    """
    side = "higher" if value > base else "lower"
    if is_share:
        return f"{abs(value - base) * 100:.1f} points {side}"
    if base <= 0 or value < 0 or value > MAX_RATIO * base:
        return f"{amount(abs(value - base))} {side}"
    if value >= 2 * base:
        return f"{amount(value / base)} times as high"
    return f"{abs(value - base) / base * 100:.1f}% {side}"


def level(value: float) -> str:
    """Return a value of a column: whole numbers in full, else three digits."""
    if value == int(value) and abs(value) < 10_000:
        return signed(f"{value:,.0f}")
    return signed(f"{value:.3g}") if 1e-4 <= abs(value) < 1000 else amount(value)


def correlation(value: float) -> str:
    """Return a coefficient with two decimals, never a rounded 1."""
    if 0.995 <= abs(value) < 1:
        return signed(f"{math.copysign(math.floor(abs(value) * 1e4) / 1e4, value):.4f}")
    return signed(f"{value:.2f}")


def p_text(p: float | None) -> str:
    """Return ``p < 0.001`` or the value with three decimals."""
    if p is None:
        return ""
    if p < 0.001:
        return f"p{NBSP}<{NBSP}0.001"
    return f"p{NBSP}={NBSP}{min(p, 1.0):.3f}"


def name(text: str, limit: int = MAX_NAME) -> str:
    """Return a column name or value on one line, shortened."""
    line = " ".join(text.split()) or "(blank)"
    return line if len(line) <= limit else line[: limit - 1] + "…"


def day(iso: str | None) -> str:
    """Return an ISO date as ``3 Nov 2025``."""
    if not iso:
        return "–"
    when = date.fromisoformat(iso)
    return f"{when.day} {_MONTHS[3 * when.month - 3 : 3 * when.month]} {when.year}"


def signed(text: str) -> str:
    """Return text with a real minus sign."""
    return text.replace("-", MINUS)


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _plain(size: float) -> str:
    if size == 0:
        return "0"
    if size >= 1000:
        return f"{size:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(size)))
    return f"{size:.{min(digits, 8)}f}" if digits <= 8 else f"{size:.2e}"
