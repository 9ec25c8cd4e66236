"""Values in another unit: pure functions on numbers. They refute; all rows must prove."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

TENS = (10.0, 100.0, 1000.0)
HUNDREDS = (100.0, 1000.0, 1_000_000.0)
"""Between segments a factor of ten may well be real."""
NAMED = (
    (r"weight|mass|gewicht|poids|(^|_)(kg|lbs?)(_|$)", (2.20462,)),
    (r"length|height|width|depth|size|(^|_)(cm|mm|in)(_|$)", (2.54, 25.4)),
    (r"distance|altitude|elevation|(^|_)(km|mi|m|ft)(_|$)", (1.60934, 3.28084)),
)
"""Factors between units, by what the name of a column speaks of."""
TEMPERATURE = re.compile(r"temp|celsius|fahrenheit", re.I)
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
MIN_VALUES = 10
GAP = 1.5
"""Ratio of the neighbours between which two clusters part."""
NEAR = 1.1
"""Ratio up to which quantiles of the repaired values and the others are alike."""
ERRORS = 2.5
QUARTILES_APART = 1.349
"""Standard deviations between the quartiles of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Repair:
    """How values in another unit become like the others.

    Attributes
    ----------
    factor
        What they are multiplied with, after `offset` is taken away.
    offset
        Subtracted first; 32 for degrees Fahrenheit.
    words
        The repair in words.
    """

    factor: float
    offset: float
    words: str

    def of(self, value: float) -> float:
        """Return a value in the unit of the others."""
        return (value - self.offset) * self.factor

    def sql(self, value: str) -> str:
        """Return the SQL of a repaired value."""
        if self.offset:
            return f"({value} - {self.offset:g}) / 1.8"
        inverse = 1 / self.factor
        if self.factor < 1:
            return f"{value} / {float(f'{inverse:.6g}')!r}"
        return f"{value} * {self.factor!r}"


def repairs(name: str, tens: Sequence[float] = TENS) -> list[Repair]:
    """Return the repairs that make sense for a column of a name.

    Examples
    --------
    >>> [repair.words for repair in repairs("weight", (1000.0,))]
    ['divided by 1000', 'times 1000', 'divided by 2.20462', 'times 2.20462']
    """
    named = (ks for pattern, ks in NAMED if re.search(pattern, name, re.IGNORECASE))
    factors = [*tens, *(k for ks in named for k in ks)]
    found = [
        repair
        for k in factors
        for repair in (
            Repair(1 / k, 0.0, f"divided by {k:g}"),
            Repair(k, 0.0, f"times {k:g}"),
        )
    ]
    if TEMPERATURE.search(name):
        found.append(Repair(1 / 1.8, 32.0, "from °F to °C"))
    return found


def parting(values: Sequence[float]) -> float | None:
    """Return the middle of the widest gap between two clusters of positive numbers.

    Both sides hold at least ten values and the gap is at least a factor of 1.5; None
    where there is no such gap, or where a value is not positive.

    Examples
    --------
    >>> parting([60 + i for i in range(30)] + [61_000 + 900 * i for i in range(12)])
    2330.0
    """
    found = sorted(values)
    if len(found) < 2 * MIN_VALUES or found[0] <= 0 or not math.isfinite(found[-1]):
        return None
    steps = range(MIN_VALUES, len(found) - MIN_VALUES + 1)
    widest = max(steps, key=lambda i: found[i] / found[i - 1])
    if found[widest] < GAP * found[widest - 1]:
        return None
    return float(f"{math.sqrt(found[widest] * found[widest - 1]):.3g}")


def quantiles(values: Sequence[float]) -> list[float]:
    """Return the values at `SHARES` of sorted numbers."""
    found = sorted(values)
    return [found[max(0, math.ceil(share * len(found)) - 1)] for share in SHARES]


def alike(
    wrong: Sequence[float],
    right: Sequence[float],
    choice: Sequence[Repair],
    *,
    n_wrong: int,
) -> Repair | None:
    """Return the repair after which quantiles are those of the other values, or None.

    They may differ by `NEAR`, and by what chance does to quantiles of `n_wrong` values
    (`ERRORS` standard errors of the spread of the others, in logarithms).

    Examples
    --------
    >>> wrong, right = [60e3, 65e3, 70e3, 75e3, 80e3], [61, 66, 70, 76, 81]
    >>> alike(wrong, right, repairs("w"), n_wrong=100).words
    'divided by 1000'
    """
    best: tuple[float, Repair] | None = None
    if len(set(wrong)) < 3 or len(set(right)) < 3:
        return None
    if min(right) <= 0:
        return None
    spread = math.log(right[3] / right[1]) / QUARTILES_APART
    allowed = math.log(NEAR) + ERRORS * spread / math.sqrt(n_wrong)
    plain = max(
        abs(math.log(a / b)) if a > 0 else math.inf
        for a, b in zip(wrong, right, strict=True)
    )
    for repair in choice:
        pairs = [(repair.of(a), b) for a, b in zip(wrong, right, strict=True)]
        if any(a <= 0 or b <= 0 for a, b in pairs):
            continue
        worst = max(abs(math.log(a / b)) for a, b in pairs)
        if best is None or worst < best[0]:
            best = worst, repair
    # What is as near without a repair needs none.
    return best[1] if best and best[0] <= min(allowed, plain / 3) else None
