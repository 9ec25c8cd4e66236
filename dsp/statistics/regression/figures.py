"""What a fit hands to its records: estimates with their errors, and why some miss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsp.inference.base import Z95
from dsp.inference.tails import normal_tails, t_limit, t_tails
from dsp.records import Coefficient
from dsp.statistics.regression.design import Design


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient in units of the columns, with its standard error."""

    value: float | None
    error: float | None


def coefficients(
    design: Design,
    estimates: Mapping[int, Estimate],
    *,
    dropped: Mapping[int, Sequence[int]],
    inflation: Mapping[int, float | None],
    df: int | None,
    reason: str | None,
) -> tuple[Coefficient, ...]:
    """Return one record a term, those that were left out included.

    Parameters
    ----------
    estimates
        By position of the term.
    dropped
        Terms left out, with those that determine them.
    df
        Degrees of freedom of t; None for z.
    reason
        Why figures of the terms kept are missing.
    """
    listed = []
    for j, term in enumerate(design.terms):
        known: dict[str, Any] = {"reason": reason}
        if j in estimates:
            known |= _tested(estimates[j], df)
            known["vif"] = finite(inflation.get(j))
        else:
            known["reason"] = _dropped(design, j, dropped.get(j, ()))
        listed.append(
            Coefficient(
                regression_id="regression_1",
                position=j + 1,
                term=term.name,
                column_name=term.column or None,
                power=term.power or None,
                level=term.level,
                reference=term.reference,
                **known,
            )
        )
    return tuple(listed)


def _tested(found: Estimate, df: int | None) -> dict[str, float | None]:
    value, error = finite(found.value), finite(found.error)
    figures: dict[str, float | None] = {"estimate": value, "std_error": error}
    if value is None or not error:
        return figures
    statistic = value / error
    half = error * (Z95 if df is None else t_limit(df))
    p = normal_tails(statistic) if df is None else t_tails(statistic, df)
    figures |= {"statistic": statistic, "df": df, "p_value": p}
    figures |= {"low": value - half, "high": value + half}
    return {name: finite(figure) for name, figure in figures.items()}


def _dropped(design: Design, j: int, others: Sequence[int]) -> str:
    term = design.terms[j]
    if term.column in design.constant or not others:
        return "left out: it has one value in the rows used"
    names = [design.terms[i].name for i in others[:8]]
    more = f" and {len(others) - 8} more" if len(others) > 8 else ""
    return f"left out: determined by {', '.join(names)}{more}"


def finite(value: float | None) -> float | None:
    """Return a number, or None for none and what is beyond a double."""
    return None if value is None or not math.isfinite(value) else float(value)
