"""Numbers, shares, sizes and dates as readers see them: the same in every locale."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

NBSP = "\u00a0"
MINUS = "\u2212"
NOTHING = "–"
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


def amount(value: float | None) -> str:
    """Return three significant digits, with K, M, B, T from 10,000.

    Examples
    --------
    >>> amount(24_012_345.0), amount(82_199), amount(1234.5), amount(-0.04567)
    ('24.0M', '82.2K', '1,230', '−0.0457')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    sign = MINUS if value < 0 else ""
    size = _three(abs(value))
    if size >= 1e15:
        return sign + f"{size:.2e}".replace("e+", "e")
    if size < 10_000:
        return sign + _plain(size)
    limit, letter = next((limit, unit) for limit, unit in _UNITS if size >= limit)
    return sign + _plain(_three(size / limit)) + letter


def count(value: float | None) -> str:
    """Return a count in full up to 999,999, then compact.

    Examples
    --------
    >>> count(32442), count(2_345_678)
    ('32,442', '2.35M')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{round(value):,}" if abs(value) < 1_000_000 else amount(value)


def level(value: float | None) -> str:
    """Return a value of a column: whole numbers below 100,000 in full, else `amount`.

    Examples
    --------
    >>> level(1999.0), level(0.25), level(-3)
    ('1,999', '0.25', '−3')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == int(value) and abs(value) < 100_000:
        return f"{int(value):,}".replace("-", MINUS)
    text = amount(value)
    if "." in text and text[-1].isdigit() and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text


def share(value: float | None) -> str:
    """Return a share with one decimal; what is not 0 or all is never written so.

    Examples
    --------
    >>> share(0.18), share(0.0002), share(0.9999), share(1.0)
    ('18.0%', '<0.1%', '>99.9%', '100%')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value in (0, 1):
        return f"{value:.0%}"
    if 0 < value < 0.0005:
        return "<0.1%"
    if 0.9995 <= value < 1:
        return ">99.9%"
    return f"{value:.1%}".replace("-", MINUS)


def score(value: float | None) -> str:
    """Return a score of 100 with one decimal, cut so that less than 100 never reads 100.

    Examples
    --------
    >>> score(100.0), score(99.99), score(98.46)
    ('100', '99.9', '98.4')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    return "100" if value >= 100 else f"{math.floor(value * 10 + 1e-6) / 10:.1f}"


def metric(value: float | None) -> str:
    """Return a model metric or an effect with three decimals (three digits when large).

    Examples
    --------
    >>> metric(0.98712), metric(-12.5), metric(2300.0)
    ('0.987', '−12.5', '2,300')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if abs(value) >= 10:
        return amount(value)
    if 0 < abs(value) < 0.0005:
        return f"≈{NBSP}0"
    return f"{value:.3f}".replace("-", MINUS)


def p_value(value: float | None) -> str:
    """Return ``p < 0.001`` or the value with three decimals.

    Examples
    --------
    >>> p_value(2e-9).replace(NBSP, " "), p_value(0.0312).replace(NBSP, " ")
    ('p < 0.001', 'p = 0.031')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value < 0.001:
        return f"p{NBSP}<{NBSP}0.001"
    return f"p{NBSP}={NBSP}{value:.3f}"


def size(n_bytes: float | None) -> str:
    """Return a size in bytes with its unit.

    Examples
    --------
    >>> size(1_340_000).replace(NBSP, " ")
    '1.34 MB'
    """
    if n_bytes is None:
        return NOTHING
    for unit in ("B", "KB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.3g}{NBSP}{unit}"
        n_bytes /= 1000
    return f"{n_bytes:.3g}{NBSP}TB"


def seconds(milliseconds: float | None) -> str:
    """Return a time in seconds with one decimal."""
    if milliseconds is None:
        return NOTHING
    return f"{milliseconds / 1000:.1f}{NBSP}s"


def day(value: date | str | None) -> str:
    """Return a date (or the start of an ISO text) as ``3 Nov 2025``.

    Examples
    --------
    >>> day("2025-11-03T10:00:00").replace(NBSP, " ")
    '3 Nov 2025'
    """
    if value is None:
        return NOTHING
    if isinstance(value, str):
        try:
            return day(date.fromisoformat(value[:10]))
        except ValueError:
            return value
    month = _MONTHS[3 * value.month - 3 : 3 * value.month]
    return f"{value.day}{NBSP}{month}{NBSP}{value.year}"


def moment(value: datetime | None) -> str:
    """Return a time with its date and zone: ``3 Nov 2025, 14:05 UTC``."""
    if value is None:
        return NOTHING
    utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{day(utc.date())}, {utc:%H:%M}{NBSP}UTC"


def written(value: float | None, how: str) -> str:
    """Return a figure in one of the formats of the table `figures`."""
    writers = {"percent": share, "integer": count, "score": score, "metric": metric}
    return writers.get(how, amount)(value)


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _plain(value: float) -> str:
    """Return three significant digits without an exponent where it can be avoided."""
    if value == 0:
        return "0"
    if value < 1e-4:
        return f"{value:.2e}"
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:,.{digits}f}"
