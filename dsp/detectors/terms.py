"""What a finding says of a column, as columns of a regression.

A term is one of three things: a `column` (a number a row), `codes` (a mean for each
code), or `codes` with a `column` (a slope for each code). Findings about the same column
compete: the term that explains most is said, and what it leaves unexplained decides
whether another may be said as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsp.detectors.scores import indicator

if TYPE_CHECKING:
    from dsp.detectors.frame import Clock, Frame


YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An effect on a column.

    Attributes
    ----------
    form
        ``line`` (of a measure), ``curve`` (means by bin of a measure), ``groups`` (means
        by value of a dimension), ``level`` (one value against the rest), ``trend``,
        ``step`` (from a date on), ``daily`` (by hour), ``weekly``, ``monthly``,
        ``yearly``, ``wave`` (of a year), ``cycle`` (of some days),
        ``day`` (one period), ``product`` (two columns together, beyond each alone),
        ``gap`` (where a column is missing).
    columns
        The columns that move it, time aside.
    value
        Value of the dimension, for a level.
    date
        ISO date of a step or of a single period.
    days
        Length of a cycle.
    phase
        Day from 0 on which a ``wave`` of a year is highest.
    within
        Dimension and value: the effect is in these rows only.
    """

    form: str
    columns: tuple[str, ...] = ()
    value: str | None = None
    date: str | None = None
    days: int | None = None
    phase: float | None = None
    within: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Columns of a regression, one entry a row.

    Attributes
    ----------
    column
        Numbers, or None.
    codes
        Codes, -1 outside, or None.
    df
        Free parameters.
    mains
        What each of two columns does alone; the term is only what they do beyond it.
    """

    column: Any
    codes: Any
    df: int
    mains: tuple[Design, ...] = ()


def design(frame: Frame, term: Term) -> Design:
    """Return the regression columns of a term over the rows of a frame.

    Raises
    ------
    KeyError
        A column is not in the frame.
    """
    import numpy as np

    made = _plain(frame, term)
    if term.within is None:
        return made
    dimension, value = term.within
    group = frame.groupings()[dimension]
    inside = group.code == group.labels.index(value)
    if term.form in ("step", "day"):
        # Before the date these rows are like all others.
        return Design((inside & (made.column > 0)).astype(float), None, 1)
    if made.column is not None and made.codes is None:
        return Design(np.where(inside, made.column, 0.0), None, made.df)
    return Design(made.column, np.where(inside, made.codes, -1), made.df)


def _plain(frame: Frame, term: Term) -> Design:
    if term.form == "line":
        return Design(frame.measures[term.columns[0]].z, None, 1)
    if term.form == "curve":
        bins = frame.measures[term.columns[0]].bins
        return Design(None, bins, max(1, len(set(bins[bins >= 0].tolist())) - 1))
    if term.form in ("groups", "level"):
        group = frame.groupings()[term.columns[0]]
        if term.form == "groups":
            return Design(None, group.code, max(1, int((group.n > 0).sum()) - 1))
        inside = group.code == group.labels.index(str(term.value))
        return Design(indicator(inside, group.code >= 0), None, 1)
    if term.form == "gap":
        return Design(indicator(frame.missing[term.columns[0]]), None, 1)
    if term.form == "product":
        return _product(frame, *term.columns)
    if frame.clock is None:
        raise KeyError("time")
    return _timed(frame.clock, term)


def _timed(clock: Clock, term: Term) -> Design:
    import numpy as np

    known = clock.step >= 0
    at = np.maximum(clock.step, 0)
    if term.form == "trend":
        x = clock.x[at]
        x = np.where(known, x - x[known].mean(), 0.0)
        return Design(x / max(float(x.std()), 1e-300), None, 1)
    if term.form in ("step", "day"):
        days = [d.isoformat() for d in clock.dates]
        first = next((i for i, d in enumerate(days) if d >= str(term.date)), len(days))
        is_in = at >= first if term.form == "step" else at == first
        return Design(indicator(is_in & known, known), None, 1)
    if term.form == "wave":
        angle = 2 * np.pi * (clock.x[at] - (term.phase or 0.0)) / YEAR
        return Design(np.where(known, np.cos(angle), 0.0), None, 2)
    if term.form == "weekly":
        return Design(None, np.where(known, clock.weekday[at], -1), 6)
    if term.form == "yearly":
        return Design(None, np.where(known, clock.month[at], -1), 11)
    if term.form == "monthly":
        place = np.array([d.day - 1 for d in clock.dates])
        return Design(None, np.where(known, place[at], -1), 30)
    if term.form == "daily":
        if clock.hour is None:
            raise KeyError("hour")
        n_hours = len(set(clock.hour[clock.hour >= 0].tolist()))
        return Design(None, np.where(known, clock.hour, -1), max(1, n_hours - 1))
    length = max(2, term.days or 2)
    phase = clock.x.astype(np.int64) % length
    return Design(None, np.where(known, phase[at], -1), length - 1)


def _product(frame: Frame, a: str, b: str) -> Design:
    """Return what two columns do together, beyond what each does alone."""
    import numpy as np

    groups = frame.groupings()
    if a in frame.measures and b in frame.measures:
        one, two = frame.measures[a], frame.measures[b]
        both = one.has & two.has
        mains = (Design(one.z, None, 1), Design(two.z, None, 1))
        made = np.where(both, one.z * two.z, 0.0)
        return Design(without(mains, made, both), None, 1, mains)
    if a in groups and b in groups:
        left, right = groups[a], groups[b]
        k = len(right.labels)
        both = (left.code >= 0) & (right.code >= 0)
        codes = np.where(both, left.code * k + right.code, -1)
        mains = (
            Design(None, left.code, len(left.labels) - 1),
            Design(None, right.code, k - 1),
        )
        return Design(None, codes, max(1, (len(left.labels) - 1) * (k - 1)), mains)
    if a in groups:
        a, b = b, a
    group, measure = groups[b], frame.measures[a]
    codes = np.where(measure.has, group.code, -1)
    levels = Design(None, codes, len(group.labels) - 1)
    mains = (levels, Design(measure.z, None, 1))
    return Design(measure.z, codes, max(1, len(group.labels) - 1), mains)


def without(mains: tuple[Design, ...], response: Any, use: Any, sweeps: int = 2) -> Any:
    """Return what some terms leave of a response (backfitting; 0 outside `use`)."""
    import numpy as np

    rest = np.where(use, response, 0.0)
    count = int(use.sum())
    rest[use] -= float(rest[use].sum()) / count if count else 0.0
    for _ in range(sweeps):
        for main in mains:
            rest = rest - fitted(main, rest, use)
    return rest


def fitted(made: Design, response: Any, use: Any) -> Any:
    """Return what a term explains of a response: least squares over some rows.

    Parameters
    ----------
    response
        A number a row.
    use
        Which rows take part (a mask); the others get 0.

    Returns
    -------
    numpy.ndarray
        Fitted values, mean 0 over the rows that take part.
    """
    import numpy as np

    rows = use if made.codes is None else use & (made.codes >= 0)
    if made.mains and made.codes is not None:
        bare = replace(made, mains=())
        fit = fitted(bare, without(made.mains, response, rows), rows)
        return without(made.mains, fit, rows)
    values = np.zeros(len(response))
    if int(rows.sum()) < 3:
        return values
    y = response[rows]
    y = y - y.mean()
    if made.codes is None:
        x = made.column[rows]
        x = x - x.mean()
        length = float(x @ x)
        values[rows] = x * (float(x @ y) / length) if length > 0 else 0.0
        return values
    codes = made.codes[rows]
    n: Any = np.maximum(np.bincount(codes), 1)
    if made.column is None:
        values[rows] = (np.bincount(codes, weights=y) / n)[codes]
    else:
        x = made.column[rows]
        x = x - (np.bincount(codes, weights=x) / n)[codes]
        power: Any = np.bincount(codes, weights=x * x)
        cross = np.bincount(codes, weights=x * y)
        slope = np.where(power > 1e-9, cross / np.maximum(power, 1e-300), 0.0)
        values[rows] = slope[codes] * x
    return values
