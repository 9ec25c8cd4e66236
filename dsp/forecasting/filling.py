"""Gaps: missing periods are filled on a line between neighbours, with the season."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.base import Counts, Floats, Histories
from dsp.forecasting.seasons import (
    SMOOTH_FROM,
    is_seasonal,
    shows,
    without_seasons,
)

ROUNDS = 3
"""How often the season is found anew, with gaps filled better each time."""
COMMON = 1 / 7
"""Share of the series that must show a season."""


def filled(values: Floats, lengths: Counts, season: int) -> Floats:
    """Return values without gaps, 0 beyond the end of a series.

    A series without its season goes on a line from the value before a gap to the one
    after it; the season is found in the same way, from lines through the plain values.

    Parameters
    ----------
    values
        [time, series]; NaN in gaps. The first and last value of a series are there.
    season
        Steps of the season; 1 for none.
    """
    import numpy as np

    live = np.arange(len(values))[:, None] < lengths
    gaps = live & ~np.isfinite(values)
    out = np.where(live, values, 0.0)
    which = np.flatnonzero(gaps.any(axis=0))
    for s in which:
        out[: lengths[s], s] = _on_lines(values[: lengths[s], s])
    if season < 2 or len(which) == 0:
        return out
    none = np.zeros(len(which), dtype=bool)
    for _ in range(ROUNDS):
        rough = Histories(out, lengths, (season,)).rows(which)
        wanted = shows(rough, season)
        parts = without_seasons(rough, (season,), 1, wanted=wanted, is_product=none)
        for i in np.flatnonzero(wanted):
            s, n = which[i], lengths[which[i]]
            shape = rough.values[:n, i] - parts.adjusted.values[:n, i]
            flat = np.where(gaps[:n, s], np.nan, values[:n, s] - shape)
            out[:n, s] = np.where(gaps[:n, s], _on_lines(flat) + shape, values[:n, s])
    return out


def _on_lines(values: Floats) -> Any:
    import numpy as np

    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known])


def seasons_of(histories: Histories, candidates: tuple[float, ...]) -> tuple[float, ...]:
    """Return the seasons that the series show, of those that their step suggests.

    A season counts where the values one season apart go together in more than a seventh
    of the series that are long enough (two seasons), beyond what shorter seasons explain;
    by chance it would be one in twenty.
    """
    import numpy as np

    kept: list[float] = []
    rest = histories
    for period in candidates:
        whole = round(period)
        enough = histories.lengths >= max(2 * period + 2, 8)
        if not enough.any():
            continue
        which = np.flatnonzero(enough)
        some = rest.rows(which)
        found = (
            is_seasonal(_detrended(some, whole), whole)
            if period < SMOOTH_FROM
            else shows(some, period)
        )
        if found.mean() > COMMON:
            kept.append(period)
            none = np.zeros(rest.n_series, dtype=bool)
            rest = without_seasons(
                rest, (period,), 1, wanted=~none, is_product=none
            ).adjusted
    return tuple(kept)


def _detrended(histories: Histories, period: int) -> Histories:
    """Return what moving averages over the season leave."""
    import numpy as np

    from dsp.forecasting.seasons import moving_average

    half = period // 2
    trend = moving_average(histories.values, histories.lengths, period)
    rest = np.nan_to_num(histories.values - trend)
    lengths = np.maximum(histories.lengths - 2 * half, 0)
    return Histories(rest[half:], lengths)
