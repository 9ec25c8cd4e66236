"""The row of a series: its method, how good it is, and what to mind."""

from __future__ import annotations

from typing import Any

from dsp.forecasting.choice import Choice
from dsp.forecasting.clocks import Question
from dsp.forecasting.history import History
from dsp.forecasting.outcome import Part
from dsp.forecasting.seasonal_naive import NAME as BASELINE
from dsp.numbers import counted, share
from dsp.records import ForecastSeries

GAPPY = 0.5


def summary_of(
    history: History,
    question: Question,
    part: Part,
    where: tuple[int, int],
    seasons: tuple[float, ...],
) -> ForecastSeries:
    """Return the row of a series: what was chosen, how good it is, what to mind."""
    import numpy as np

    i, row = where
    method = part.choice.names[i]
    own = part.choice.error_of(method, i)
    base = part.choice.error_of(BASELINE, i)
    best = _least(part.choice, i)
    known = np.isfinite(part.test.actual[:, :, i]).any(axis=1)
    notes = part.test.notes.get(method, ())
    reasons = [*_reasons(history, row, n_origins=int(known.sum()))]
    if base is not None and best is not None and best >= base * (1 - 1e-9):
        reasons.insert(0, "nothing beats the seasonal naive forecast")
    elif own is not None and base is not None and own >= base * (1 - 1e-9):
        reasons.insert(0, "no better than the seasonal naive forecast")
    coverage = float(part.coverage[i])
    return row_of(
        history,
        question,
        row,
        seasonalities=tuple(f"{p:g}" for p in seasons),
        method=method or None,
        detail=notes[i] if i < len(notes) and notes[i] else None,
        mase=own,
        baseline_mase=base,
        coverage=coverage if np.isfinite(coverage) else None,
        n_origins=int(known.sum()),
        reason="; ".join(reasons) or None,
    )


def _least(choice: Choice, i: int) -> float | None:
    """Return the least error of a method other than the baselines."""
    found = [
        error
        for name in choice.methods
        if name not in (BASELINE, "naive")
        and (error := choice.error_of(name, i)) is not None
    ]
    return min(found, default=None)


def _reasons(history: History, row: int, *, n_origins: int) -> list[str]:
    import numpy as np

    n = int(history.lengths[row])
    values = history.values[:n, row]
    n_missing = int(n - np.isfinite(values).sum())
    step = history.frequency.name
    reasons = []
    if n == 1:
        return ["one value only: it is repeated, without an interval"]
    if np.nanmax(values) == np.nanmin(values):
        return ["constant: every value is the same"]
    if n_missing:
        gaps = (
            f"{counted(n_missing, 'missing period')} ({share(n_missing / n)}) filled in"
        )
        most = ", more than half: mind the result" if n_missing > GAPPY * n else ""
        reasons.append(gaps + most)
    if n_origins == 0:
        reasons.append(f"too short to test ({counted(n, step)}): the interval is a guess")
    return reasons


def row_of(
    history: History, question: Question, row: int, **facts: Any
) -> ForecastSeries:
    """Return the row of a series from its history, with what else is known of it."""
    import numpy as np

    n = int(history.lengths[row])
    start, step = int(history.starts[row]), history.frequency
    n_missing = int(n - np.isfinite(history.values[:n, row]).sum())
    usual: dict[str, Any] = {"seasonalities": (), "n_origins": 0}
    return ForecastSeries(
        series=history.names[row],
        target=question.target,
        time_column=question.time,
        frequency=step.name,
        aggregate=history.aggregate,
        first_ts=step.start(start) if n else None,
        last_ts=step.start(start + n - 1) if n else None,
        n_rows=int(history.n_rows[row]),
        n_periods=n,
        n_missing=n_missing,
        evidence_sql=history.evidence[row],
        **{**usual, **facts},
    )
