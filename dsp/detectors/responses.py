"""What a finding says is moved, as one number a row."""

from __future__ import annotations

from typing import Any

from dsp.detectors.base import Candidate
from dsp.detectors.frame import Frame
from dsp.detectors.scores import indicator, normal_scores


def response_of(frame: Frame, candidate: Candidate) -> tuple[Any, Any] | None:
    """Return scores (mean 0 over the known rows) and the mask of known rows.

    None where the column is not in the frame, or does not vary.
    """
    import numpy as np

    name = candidate.response
    if name is None:
        return None
    if candidate.aspect == "missing":
        if name not in frame.missing:
            return None
        return indicator(frame.missing[name]), np.ones(frame.n, dtype=bool)
    if candidate.aspect == "share":
        group = frame.groupings().get(name)
        if group is None or candidate.response_value not in group.labels:
            return None
        inside = group.code == group.labels.index(candidate.response_value)
        return indicator(inside, group.code >= 0), group.code >= 0
    measure = frame.measures.get(name)
    if measure is None:
        return None
    if candidate.aspect == "spread":
        return spread_of(measure.z, measure.has), measure.has
    return measure.z, measure.has


def spread_of(rest: Any, has: Any) -> Any:
    """Return normal scores of the distance from the middle: what spread moves."""
    import numpy as np

    known = rest[has]
    middle = float(np.median(known)) if len(known) else 0.0
    return normal_scores(np.where(has, np.abs(rest - middle), np.nan))
