"""Numbers, dates and sizes in prose, and the words that agree with them.

One place for all that people read: the same in every locale, English digits, a real minus
sign, no space before the percent sign. Files for machines (CSV, JSON, SQL, cells) are
written elsewhere.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime

NBSP = "\u00a0"
MINUS = "\u2212"
NOTHING = "–"
MAX_RATIO = 20
"""Times as high that are still said so; more says the difference instead."""
MAX_CHANGE = 10
"""Times as high up to which a change is a percentage."""
NEAR_ZERO = 0.1
"""Share of the spread below which a base is too near to zero for percentages."""
_YEAR = re.compile(
    r"(?:^|[\W_])(?:year|yr|jahr|année|annee|año|anno|jaar)(?:$|[\W_])", re.I
)
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


def number(value: float | None) -> str:
    """Return a number with four significant digits, whole numbers in full.

    Examples
    --------
    >>> number(1 / 3), number(59746), number(-1234.56), number(None)
    ('0.3333', '59,746', '−1,234.6', '–')
    """
    if value is None:
        return NOTHING
    size = abs(value)
    if math.isfinite(value) and value == int(value) and size < 1e15:
        return signed(f"{int(value):,}")
    return signed(f"{value:,.1f}" if 1000 <= size < 1e15 else f"{value:.4g}")


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


def counted(n: int, noun: str, plural: str = "", *, is_compact: bool = False) -> str:
    """Return a number with its noun in the form that agrees.

    Examples
    --------
    >>> counted(1, "row"), counted(2_345_678, "row"), counted(0, "class", "classes")
    ('1 row', '2,345,678 rows', '0 classes')
    >>> counted(2_345_678, "row", is_compact=True)
    '2.35M rows'
    """
    shown = count(n) if is_compact else f"{n:,}"
    return f"{shown} {agreeing(n, noun, plural)}"


def shape(n_rows: int, n_columns: int) -> str:
    """Return the size of a table in words.

    Examples
    --------
    >>> shape(59746, 1)
    '59,746 rows, 1 column'
    """
    return f"{counted(n_rows, 'row')}, {counted(n_columns, 'column')}"


def agreeing(n: int, one: str, many: str = "") -> str:
    """Return the word that goes with a number: the noun in the singular or plural.

    Examples
    --------
    >>> agreeing(1, "row"), agreeing(2, "row"), agreeing(2, "is", "are")
    ('row', 'rows', 'are')
    """
    return one if n == 1 else many or f"{one}s"


def article(word: str) -> str:
    """Return a word with its indefinite article, by its first letter.

    Examples
    --------
    >>> article("COPY"), article("ATTACH")
    ('a COPY', 'an ATTACH')
    """
    # "an UPDATE" and "a USE": a long u at the start sounds like a consonant.
    is_open = word[:1].upper() in "AEIO" or word[:2].upper() in ("UP", "UN")
    return f"{'an' if word and is_open else 'a'} {word}"


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
        return signed(f"{int(value):,}")
    text = amount(value)
    if "." in text and text[-1].isdigit() and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text


def is_year(name: str, *values: float | None) -> bool:
    """Return whether the numbers of a column are years, by its name and their size.

    Examples
    --------
    >>> is_year("year", 1955, 2005), is_year("Model Year"), is_year("years", 1955)
    (True, True, False)
    >>> is_year("year", 3, 40)
    False
    """
    fits = all(v is not None and 1500 <= v <= 2100 for v in values)
    return fits and _YEAR.search(name) is not None


def plain(value: float | None) -> str:
    """Return a whole number without separators, as years are written.

    Examples
    --------
    >>> plain(1955), plain(1979.8)
    ('1955', '1980')
    """
    return NOTHING if value is None else signed(f"{value:.0f}")


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
    return signed(f"{value:.1%}")


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


def change(
    value: float, base: float, *, spread: float = 0.0, is_share: bool = False
) -> str:
    """Return the size of a change without its direction: percent, or points for shares.

    A percentage of a base that is negative, or near zero beside the value or the spread
    of the data, says nothing: then the difference itself is returned.

    Examples
    --------
    >>> change(120.1, 100.0), change(0.31, 0.25, is_share=True)
    ('20.1%', '6.0 points')
    >>> change(1204.0, 0.1), change(3.0, -2.0), change(0.4, 0.1, spread=30.0)
    ('1,200', '5.00', '0.300')
    """
    step = abs(value - base)
    if is_share:
        return f"{step * 100:.1f} points"
    if base <= NEAR_ZERO * spread or value < 0 or value > MAX_CHANGE * base:
        return amount(step)
    return f"{step / base * 100:.1f}%"


def correlation(value: float) -> str:
    """Return a coefficient with two decimals, never a rounded 1.

    Examples
    --------
    >>> correlation(-0.157), correlation(0.99999)
    ('−0.16', '0.9999')
    """
    if 0.995 <= abs(value) < 1:
        return signed(f"{math.copysign(math.floor(abs(value) * 1e4) / 1e4, value):.4f}")
    return signed(f"{value:.2f}")


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
    return signed(f"{value:.3f}")


def p_value(value: float | None, letter: str = "p") -> str:
    """Return ``p < 0.001`` or the value with three decimals.

    Examples
    --------
    >>> p_value(2e-9).replace(NBSP, " "), p_value(0.0312, "q").replace(NBSP, " ")
    ('p < 0.001', 'q = 0.031')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if value < 0.001:
        return f"{letter}{NBSP}<{NBSP}0.001"
    return f"{letter}{NBSP}={NBSP}{min(value, 1.0):.3f}"


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
    if not value:
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


def signed(text: str) -> str:
    """Return a number's text with a real minus sign."""
    return text.replace("-", MINUS)


def printable(text: str) -> str:
    """Return text without control characters, so that data cannot steer a terminal."""
    return "".join(
        c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}"
        for c in text.replace(NBSP, " ")
    )


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def _plain(value: float) -> str:
    """Return three significant digits without an exponent where it can be avoided."""
    if value == 0:
        return "0"
    if value < 1e-4:
        return signed(f"{value:.2e}")
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:,.{digits}f}"
