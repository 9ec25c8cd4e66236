"""The workbench: tests a finding again on the rows, with allowance for clusters."""

from __future__ import annotations

from typing import Any, NamedTuple

from dsp.detectors.base import Candidate
from dsp.detectors.frame import Frame
from dsp.detectors.responses import response_of
from dsp.detectors.terms import Design, design, fitted
from dsp.inference.clustered import ScoreTest, inflation, score_test
from dsp.inference.tails import f_tail

HINT = 1.5
"""Variance between clusters, in that of independent rows, from which they are looked at;
chance gives less than that in many clusters."""


class Response(NamedTuple):
    """What is moved: one number a row, the known rows, and clusters it goes by."""

    y: Any
    use: Any
    clusters: dict[str, Any]


class Bench:
    """Tests findings on the rows of a frame.

    Parameters
    ----------
    frame
        Rows as scores and codes, repaired.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._responses: dict[tuple[str | None, str, str | None], Response | None] = {}
        self._clusters: dict[str, Any] | None = None

    @property
    def clusters(self) -> dict[str, Any]:
        """Codes of every kind of clusters."""
        if self._clusters is None:
            self._clusters = self.frame.stretches()
        return self._clusters

    def response(self, candidate: Candidate) -> Response | None:
        """Return what a candidate says is moved, as it is before any finding."""
        key = candidate.response, candidate.aspect, candidate.response_value
        if key not in self._responses:
            found = response_of(self.frame, candidate)
            self._responses[key] = found and self.prepared(*found)
        return self._responses[key]

    def prepared(self, y: Any, use: Any) -> Response:
        """Return a response with mean 0 and the clusters by which it goes."""
        import numpy as np

        count = int(use.sum())
        y = np.where(use, y - (float(y[use].sum()) / count if count else 0.0), 0.0)
        going = {
            name: codes
            for name, codes in self.clusters.items()
            if inflation(y, codes, name, least=HINT).factor > 1
        }
        return Response(y, use, going)

    def design(self, candidate: Candidate) -> Design | None:
        """Return the regression columns of a candidate; None where they are gone."""
        if candidate.term is None:
            return None
        try:
            return design(self.frame, candidate.term)
        except (KeyError, ValueError):
            return None

    def test(
        self, response: Response, made: Design, *, rows: Any = None
    ) -> ScoreTest | None:
        """Test a term on a response, or on some of its rows (a mask)."""
        use = response.use if rows is None else response.use & rows
        if made.codes is not None:
            use = use & (made.codes >= 0)
        if int(use.sum()) < 10:
            return None
        fit = fitted(made, response.y, use)[use]
        y = response.y[use] - response.y[use].mean()
        clusters = {name: codes[use] for name, codes in response.clusters.items()}
        return score_test(fit - fit.mean(), y, made.df, clusters)


def conditional_p(gain: float, left: float, df: int, n: int, factor: float) -> float:
    """Return the p value of a term on what other findings left.

    Parameters
    ----------
    gain, left
        Sums of squares that the term explains and that it leaves.
    factor
        Inflation of its variance by clusters.
    """
    spare = n - df - 1
    if spare < 3 or gain <= 0:
        return 1.0
    if left <= 0:
        return 0.0
    return f_tail(gain / df / (left / spare) / factor, df, spare)
