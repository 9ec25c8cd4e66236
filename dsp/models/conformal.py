"""How far predictions may be off, from rows that the model had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsp.models.evaluation import INTERVAL

LEVELS = (INTERVAL, 0.95, 0.99)
GROUP_ROWS = 200
MAX_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Bands:
    """Intervals around numbers, or sets of likely classes, that hold the truth.

    Attributes
    ----------
    level
        Share of new rows whose truth they are to hold.
    edges, margins
        Half-widths of the intervals of predictions below the first edge, from the first
        to below the second, and so on; no margins without intervals.
    threshold
        Least probability of a class to be in the set of likely ones, or None.
    """

    level: float = INTERVAL
    edges: tuple[float, ...] = ()
    margins: tuple[float, ...] = ()
    threshold: float | None = None

    def half_width(self, output: Any) -> Any:
        """Return the half-width of the interval of every row, None without intervals."""
        import numpy as np

        if not self.margins:
            return None
        place = np.searchsorted(np.array(self.edges), output, side="right")
        return np.array(self.margins)[place]

    def likely(self, output: Any) -> Any:
        """Return which classes of every row are likely, bool [n, classes], or None."""
        import numpy as np

        if self.threshold is None:
            return None
        top = output.max(axis=1, keepdims=True)
        return output >= np.minimum(self.threshold, top)

    def covered(self, y: Any, output: Any) -> Any:
        """Return whether each row's truth is held; None without intervals or sets."""
        import numpy as np

        half_width = self.half_width(output)
        if half_width is not None:
            return np.abs(y - output) <= half_width
        sets = self.likely(output)
        return None if sets is None else sets[np.arange(len(y)), y.astype("int64")]


NO_BANDS = Bands()


def margin(residuals: Any, level: float = INTERVAL) -> float | None:
    """Return the half-width that covers a share of new rows, None for too few rows.

    References
    ----------
    Lei et al.: Distribution-free predictive inference for regression. JASA 113 (2018),
    split conformal with the (n + 1) correction.
    """
    import numpy as np

    n = len(residuals)
    rank = int(np.ceil((n + 1) * level))
    if n == 0 or rank > n:
        return None
    return float(np.sort(np.abs(residuals))[rank - 1])


def intervals(y: Any, output: Any) -> Bands:
    """Return intervals of numbers, with a margin for each range of predictions.

    Up to ten ranges of 200 rows or more each: errors often grow with what is predicted.

    Parameters
    ----------
    y, output
        Truth, and predictions by models that had not seen the rows.

    References
    ----------
    Vovk et al.: Mondrian confidence machine (2003), with groups by prediction.
    """
    import numpy as np

    overall = margin(y - output)
    if overall is None:
        return NO_BANDS
    n_groups = max(1, min(MAX_GROUPS, len(y) // GROUP_ROWS))
    inner = np.linspace(0, 1, n_groups + 1)[1:-1]
    edges = np.unique(np.quantile(output, inner)) if n_groups > 1 else np.empty(0)
    place = np.searchsorted(edges, output, side="right")
    margins = []
    for k in range(len(edges) + 1):
        rows = place == k
        # Equal predictions may leave a group with few rows.
        own = margin((y - output)[rows]) if rows.sum() >= GROUP_ROWS // 2 else None
        margins.append(overall if own is None else own)
    return Bands(edges=tuple(float(edge) for edge in edges), margins=tuple(margins))


def sets(y: Any, output: Any) -> Bands:
    """Return sets of likely classes; the most probable one is always in.

    Where that one alone is right more often than nine times in ten, sets that hold the
    truth nine times in ten would say nothing: the level is 95 or 99 % then.

    Parameters
    ----------
    y, output
        Codes of classes, and probabilities [n, classes] by models that had not seen the
        rows.

    References
    ----------
    Sadinle, Lei, Wasserman: Least ambiguous set-valued classifiers with bounded error
    levels. JASA 114 (2019).
    """
    import numpy as np

    if len(y) == 0:
        return NO_BANDS
    codes = y.astype("int64")
    right = float((output.argmax(axis=1) == codes).mean())
    unlikely = 1.0 - output[np.arange(len(y)), codes]
    found = NO_BANDS
    for level in LEVELS:
        reach = margin(unlikely, level)
        if reach is None:
            break
        found = Bands(level=level, threshold=1.0 - reach)
        if right < level:
            break
    return found
